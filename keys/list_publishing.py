"""One revocation list in the folder where it is published, and where the next one comes from.

Either the authority's key is here and signs a new list when it is due, or the key lies
in a safe and a list that was signed at a ceremony lies in the key folder.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from keys import crl, durable
from keys.crl import RevocationList
from keys.custody import SealSigner
from keys.errors import RevocationUnavailable
from keys.signed_objects import Authority


@dataclass(frozen=True, slots=True)
class PublishedList:
    """A list by its file name, its authority's certificate (DER) and how long one lives."""

    name: str
    issuer: bytes
    life: timedelta
    into: Path
    brought: Path
    """Where a list from a ceremony is looked for."""
    signer: SealSigner | None = None

    def renew(self, revoked: Mapping[int, datetime], now: datetime) -> datetime:
        """Publish a new list if one is due, and tell when to look again.

        Due is: none there, another content, or half of its life is over.

        Raises:
            RevocationUnavailable: only a ceremony can make the next one, and the last ran out.
            KeyUnavailable: custody cannot reach the key now.
        """
        stored = _read(self.into / self.name, self.issuer)
        if self.signer is None:
            return self._take_over(stored, now)
        if stored is None or stored.revoked != revoked or now >= self._halfway(stored):
            stored = self._sign(self.signer, _number(stored, now), revoked, now)
        return self._halfway(stored)

    def _sign(
        self, signer: SealSigner, number: int, revoked: Mapping[int, datetime], now: datetime
    ) -> RevocationList:
        made = RevocationList(number, now, now + self.life, revoked)
        data = crl.write(Authority(signer), made)
        durable.replace(self.into / self.name, data, mode=durable.PUBLIC)
        return made

    def _take_over(self, stored: RevocationList | None, now: datetime) -> datetime:
        brought = _read(self.brought / self.name, self.issuer)
        if brought is not None and (stored is None or brought.number > stored.number):
            data = (self.brought / self.name).read_bytes()
            durable.replace(self.into / self.name, data, mode=durable.PUBLIC)
            stored = brought
        if stored is None or now >= stored.next_update:
            raise RevocationUnavailable(
                f"{self.name} is missing or has run out: sign a new one at a ceremony."
            )
        return stored.next_update

    def _halfway(self, stored: RevocationList) -> datetime:
        return stored.this_update + self.life / 2


def _number(stored: RevocationList | None, now: datetime) -> int:
    """Numbers only rise (RFC 5280 5.2.3): above the last one, or the clock if it is lost."""
    return max(int(now.timestamp()), stored.number + 1 if stored else 0)


def _read(path: Path, issuer: bytes) -> RevocationList | None:
    try:
        return crl.read(path.read_bytes(), issuer)
    except (FileNotFoundError, RevocationUnavailable):
        return None
