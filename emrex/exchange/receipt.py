"""What a holder said yes to, and what was sent because of it (emrex.md 3.3, item 25)."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from emrex.exchange.transaction import WAITS

TEXT_VERSION = "1"
"""Of the words that the holder said yes to; raise it when they change."""


class Fate(enum.Enum):
    """What became of the document after the yes."""

    WAITING = "waiting"
    HANDED_OVER = "handed-over"
    NEVER_FETCHED = "never-fetched"


@dataclass(frozen=True, slots=True)
class Receipt:
    """Kept for as long as the holder may ask; it names records and holds none."""

    receipt_id: str
    tid: str
    person_id: str
    text_version: str
    language: str
    """In which the holder read what they said yes to."""
    receiver: str
    """The host that was shown; a verified name is looked up again when it is shown."""
    origin: str
    records: tuple[str, ...]
    sha256: str
    """Of the signed document, before it was packed."""
    certificate: str
    """SHA-256 of the certificate that it was signed with."""
    signed_at: datetime
    withdrawn_at: datetime | None = None
    """When the holder told us that the receiver may not keep it any longer."""
    handed_over: datetime | None = None
    """When the browser took it; the transfer knows that, and it is not kept twice."""

    def fate(self, now: datetime) -> Fate:
        """What became of the document, as far as we can know."""
        if self.handed_over is not None:
            return Fate.HANDED_OVER
        return Fate.NEVER_FETCHED if now - self.signed_at > WAITS else Fate.WAITING
