"""The account of every use of the sealing key: written before, closed after.

Both halves are append-only rows. An intent without an outcome is an incident
that `credentials.reconciling` settles; an outcome without an intent cannot exist.
"""

from __future__ import annotations

import enum
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from credentials.errors import LedgerUnavailable
from keys.custody import KeyRef


class Outcome(enum.StrEnum):
    """What became of an intent."""

    SEALED = "sealed"
    ABANDONED = "abandoned"
    """Nothing was handed out under this number, and nothing ever will be."""


@dataclass(frozen=True, slots=True)
class StatedAward:
    """An award as a document states it."""

    award_id: str
    version: int


@dataclass(frozen=True, slots=True)
class Intent:
    """A durable statement that a key is about to seal exactly these bytes."""

    number: str
    statement: str
    """What is being stated, as SHA-256 hex: the same facts, language and profile give the same."""
    attempt: int
    """0 for the first try at this statement, one more after each abandoned one."""
    award_id: str
    award_version: int
    person_id: str
    person_version: int
    language: str
    purpose: str
    template: str
    covered_digest: bytes
    key: KeyRef
    profile: str
    """Digest of the seal profile that the permit is bound to."""
    intended_at: datetime
    further: tuple[StatedAward, ...] = ()
    """What an overview states beyond its first award; an extract states one."""

    @property
    def awards(self) -> tuple[StatedAward, ...]:
        """Every award that is stated, in the order of the document."""
        return (StatedAward(self.award_id, self.award_version), *self.further)


@dataclass(frozen=True, slots=True)
class Entry:
    """An intent and what became of it."""

    intent: Intent
    outcome: Outcome | None = None
    file_sha256: str = ""
    """SHA-256 of the file as handed out, in hex; empty until sealed."""


@dataclass(frozen=True, slots=True)
class Conclusion:
    """The closing of one intent."""

    number: str
    outcome: Outcome
    file_sha256: str = ""


def close(ledger: Ledger, conclusion: Conclusion) -> Outcome:
    """Close an intent, and tell how it ended: what another process said before stands.

    Raises:
        LedgerUnavailable: the intent is still open, or nobody can say.
    """
    try:
        ledger.conclude(conclusion.number, conclusion.outcome, conclusion.file_sha256)
    except LedgerUnavailable:
        entry = ledger.by_number(conclusion.number)
        if entry is None or entry.outcome is None:
            raise
        return entry.outcome
    return conclusion.outcome


class Ledger(Protocol):
    """Append-only account of every use of a key.

    Each method raises `LedgerUnavailable` when the account cannot be read or
    written; after that nothing of the call has happened.
    """

    def intend(self, intent: Intent) -> None:
        """Durably state that a key is about to be used. Returning is the promise.

        Raises:
            AlreadyIssuing: this attempt at this statement was stated before.
        """

    def conclude(self, number: str, outcome: Outcome, file_sha256: str = "") -> None:
        """Close an intent, once. A second closing raises `LedgerUnavailable`."""

    def intend_all(self, intents: Sequence[Intent]) -> frozenset[str]:
        """Durably state them, in one transaction where that can be, and tell which were taken.

        Returns the numbers that may be sealed now. One that is left out was stated before:
        somebody else is at that very attempt.
        """
        ...

    def conclude_all(self, conclusions: Sequence[Conclusion]) -> None:
        """Close these intents, all or none; raises as `conclude`."""

    def attempts_at(self, statements: Collection[str]) -> Mapping[str, tuple[Entry, ...]]:
        """Every try at each of these, oldest first; nothing for a statement never tried."""
        ...

    def attempts(self, statement: str) -> tuple[Entry, ...]:
        """Every try at stating this, oldest first."""
        ...

    def by_number(self, number: str) -> Entry | None:
        """The entry under this document number."""
        ...

    def by_file(self, file_sha256: str) -> Entry | None:
        """The entry of the file with this SHA-256 (hex)."""
        ...

    def by_covered_digest(self, covered_digest: bytes) -> Entry | None:
        """The entry whose seal covers this digest."""
        ...

    def documents_of(self, person_id: str) -> tuple[Entry, ...]:
        """Every sealed document of this holder, newest first."""
        ...

    def count_sealed(self) -> int:
        """How many documents were sealed, ever."""
        ...

    def open_intents(self, *, before: datetime) -> Iterator[Intent]:
        """Intents from before that moment that nobody has closed."""
        ...

    def abandoned(self, *, since: datetime) -> tuple[str, ...]:
        """Numbers that were given up for good, of intents from that moment on."""
        ...
