"""A key that stops the moment the key book says so, also in a process that runs for months.

Opening checks the state once. A key that is compromised an hour later must not sign one
document more, so the book is looked at before every signature: one `stat`, microseconds.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from keys import states
from keys.custody import KeyRef, SealSigner
from keys.errors import KeyUnavailable, UnknownKey
from keys.trust import KeyEntry, KeyState

_ACTIVE = KeyState.ACTIVE
"""By a name of its own: to ask an enumeration costs as much as all the rest of the look."""


class GuardedSigner:
    """A signing key behind the key book of its folder."""

    __slots__ = ("_clock", "_folder", "_seen", "_signer")

    def __init__(self, signer: SealSigner, folder: Path, *, clock: Callable[[], datetime]) -> None:
        self._signer = signer
        self._folder = folder
        self._clock = clock
        self._seen = self._look()

    @property
    def key(self) -> KeyRef:
        """Name of the key in use."""
        return self._signer.key

    @property
    def chain(self) -> tuple[bytes, ...]:
        """Certificates in DER: the key's own first, then its issuers up to the root."""
        return self._signer.chain

    def sign_digest(self, digest: bytes) -> bytes:
        """Sign a digest; see `SealSigner`.

        Raises:
            KeyUnavailable: the key may sign no longer, or custody cannot reach it now.
        """
        mark, entry = self._seen
        if mark != states.mark(self._folder):
            self._seen = _, entry = self._look()
        if entry.state is not _ACTIVE and not _may_sign(entry, self._clock):
            raise KeyUnavailable(
                f"{entry.kid} is {entry.state} and signs no longer: restart this process, "
                "so that it opens the key that signs now."
            )
        return self._signer.sign_digest(digest)

    def _look(self) -> tuple[tuple[int, int], KeyEntry]:
        mark = states.mark(self._folder)  # before reading: a change in between is seen next time
        try:
            return mark, states.load(self._folder).key(self._signer.key.kid)
        except UnknownKey as cause:
            raise KeyUnavailable("The key in use is not in the key book any more.") from cause


def _may_sign(entry: KeyEntry, clock: Callable[[], datetime]) -> bool:
    """Of a key that is not active, only a retired one may: it has a day to hand over."""
    return entry.state is KeyState.RETIRED and entry.until is not None and clock() < entry.until
