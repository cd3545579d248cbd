"""Canaries: documents that nobody was issued, to be planted among those that somebody was.

Whoever asks about one walked through the lists that we publish (`spec/verifier.md` 3.8).
Without the key nothing tells a canary from a document; with it, a fingerprint or a number
tells by itself what it is, because the end of what is published of it follows from the
beginning. So no list of them is kept, and every process with the same key plants and knows
the same ones.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from credentials.numbering import ALPHABET, GROUP, GROUPS, grouped
from credentials.standing import Marks, number_mark
from credentials.status import DocumentStatus

EVERY = 50
"""Documents to a canary. Of 150 questions out of the lists, 95 in a hundred runs meet one."""
_QUARTER = 8
"""Bytes: half of the half that is published."""
_LETTERS = GROUPS * GROUP
_HALF_NUMBER = _LETTERS // 2
_WITHDRAWN, _SUPERSEDED = 5, 31
"""Of 256: what becomes of a canary, so that neither status is a sign of a real document."""


@dataclass(frozen=True, slots=True)
class Canary:
    """One document that does not exist, and when it seems to."""

    file: str
    number: str
    covered: str
    due: int
    """How many documents there must be before it appears: all at once would give them away."""
    fate: DocumentStatus

    def marks(self, documents: int) -> Marks:
        """As it stands among so many documents; like a real one it begins as good."""
        return Marks(self.file, number_mark(self.number), self.covered, self.status(documents))

    def status(self, documents: int) -> DocumentStatus:
        """How it stands among so many documents; what ended stays so."""
        return self.fate if documents >= 2 * self.due else DocumentStatus.ACTIVE


@dataclass(frozen=True, slots=True)
class Canaries:
    """The canaries of one key."""

    key: bytes

    def at(self, place: int) -> Canary:
        """The canary at this place, counted from 0."""
        drawn = hmac.digest(self.key, f"canary at {place}".encode(), "sha512")
        head, letters = drawn[:_QUARTER], _letters(drawn[16:30])
        return Canary(
            file=(head + self._tail(head)).hex(),
            number=grouped(letters + self._last(letters)),
            covered=drawn[30:62].hex(),
            due=EVERY * place + 1 + drawn[62] % EVERY,
            fate=_fate(drawn[63]),
        )

    def is_file(self, sha256: str) -> bool:
        """Whether this (64 lower-case hex digits) begins like the fingerprint of a canary."""
        digest = bytes.fromhex(sha256)
        head, tail = digest[:_QUARTER], digest[_QUARTER : 2 * _QUARTER]
        return hmac.compare_digest(self._tail(head)[:_QUARTER], tail)

    def is_number(self, text: str) -> bool:
        """Whether this is the number of a canary, however it is spaced."""
        letters = "".join(one for one in text.upper() if one not in " -\r\n\t")
        if len(letters) != _LETTERS or not set(letters) <= set(ALPHABET):
            return False
        head, tail = letters[:_HALF_NUMBER], letters[_HALF_NUMBER:]
        return hmac.compare_digest(self._last(head), tail)

    def _tail(self, head: bytes) -> bytes:
        return hmac.digest(self.key, b"file " + head, "sha256")[: 3 * _QUARTER]

    def _last(self, letters: str) -> str:
        return _letters(hmac.digest(self.key, f"number {letters}".encode(), "sha256"))


def _letters(drawn: bytes) -> str:
    rest, letters = int.from_bytes(drawn), ""
    for _ in range(_HALF_NUMBER):
        rest, letter = divmod(rest, len(ALPHABET))
        letters += ALPHABET[letter]
    return letters


def _fate(drawn: int) -> DocumentStatus:
    if drawn < _WITHDRAWN:
        return DocumentStatus.WITHDRAWN
    return DocumentStatus.SUPERSEDED if drawn < _SUPERSEDED else DocumentStatus.ACTIVE
