"""What the holder's side asks of the issuing side, whether that is this process or another."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from credentials.extract import Language, Purpose
from credentials.issuing import Issued
from credentials.ledger import Entry
from register.records import AwardRecord


class Extracts(Protocol):
    """Sealed extracts of awards: `Downloads` here, or `RemoteExtracts` at the signer."""

    @property
    def clock(self) -> Callable[[], datetime]:
        """The clock of the service."""
        ...

    def extract(self, record: AwardRecord, language: Language, purpose: Purpose) -> Issued:
        """The sealed extract of this award; a second identical call gives the same bytes.

        Raises:
            CredentialError: as `Downloads.extract`; `SealingPaused` also when nobody
                who can seal is within reach.
        """
        ...

    def made(self, record: AwardRecord, language: Language, purpose: Purpose) -> Entry | None:
        """The document that `extract` would give again, where there is one. Uses no key."""
        ...
