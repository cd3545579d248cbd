"""What a holder said yes to, and what was sent because of it (emrex.md 3.3, item 25)."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from emrex.exchange.transaction import WAITS

TEXT_VERSION = "3"
"""Of the words that the holder said yes to; a test fails when they change and this does not."""


class Fate(enum.Enum):
    """What became of the document after the yes."""

    WAITING = "waiting"
    HANDED_OVER = "handed-over"
    NEVER_FETCHED = "never-fetched"


class NamedBy(enum.Enum):
    """Who says what the receiver is called."""

    NOT_KEPT = ""
    """A receipt of before this was written down."""
    NOBODY = "nobody"
    US = "us"
    """Somebody of ours looked into it."""
    REGISTRY = "registry"


@dataclass(frozen=True, slots=True)
class ShownReceiver:
    """The receiver as the holder saw it when they said yes, whatever is known of it since."""

    name: str = ""
    """In the language of the page; empty where nobody knew it."""
    named_by: NamedBy = NamedBy.NOT_KEPT
    named_at: datetime | None = None
    """When a registry had last given the name."""
    warned: bool | None = None
    """Whether the page warned that nobody knows who this is; None where it was not kept."""


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
    """The host that was shown."""
    origin: str
    records: tuple[str, ...]
    sha256: str
    """Of the signed document, before it was packed."""
    certificate: str
    """SHA-256 of the certificate that it was signed with."""
    signed_at: datetime
    withdrawn_at: datetime | None = None
    """When the holder told us that the receiver may not keep it any longer."""
    shown: ShownReceiver = ShownReceiver()
    handed_over: datetime | None = None
    """When the browser took it; the transfer knows that, and it is not kept twice."""

    def fate(self, now: datetime) -> Fate:
        """What became of the document, as far as we can know."""
        if self.handed_over is not None:
            return Fate.HANDED_OVER
        return Fate.NEVER_FETCHED if now - self.signed_at > WAITS else Fate.WAITING
