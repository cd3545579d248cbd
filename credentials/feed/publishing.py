"""Publishing the index: a base, the changes since, and one signed page that names both.

Segments are named by their hash and never change, so a reader that has one needs it no
more. The signed page is written last and replaced in one step: who reads it finds every
segment that it names.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from credentials.errors import ArchiveUnavailable
from credentials.feed.segments import changed_since, write_segment
from credentials.standing import Standings
from keys import durable
from keys.custody import SealSigner
from keys.publishing import signed

LATEST = "latest.jws"
KIND = "echt-index+jws"
EVERY = timedelta(minutes=5)
"""How old the newest page may get: verifiers take it for an hour's word at most."""
NEW_BASE_AFTER = 10
"""A new base is due when the changes are more than a tenth of it."""
PUBLIC_FOLDER = 0o755


@dataclass
class IndexPublisher:
    """Publishes into one folder; only one process of an instance does."""

    standings: Standings
    signer: Callable[[], SealSigner]
    """Opens the `facts` key, which signs statements about documents."""
    folder: Path
    clock: Callable[[], datetime]
    _due: datetime | None = field(default=None, init=False)
    _alone: threading.Lock = field(default_factory=threading.Lock, init=False)

    def publish_if_due(self) -> bool:
        """Publish when the newest page is old enough; tell whether that was so.

        Raises:
            LedgerUnavailable: ledger or register cannot be read.
            ArchiveUnavailable: the folder cannot be written.
            KeyUnavailable: custody cannot reach the key now.
        """
        with self._alone:
            now = self.clock()
            if self._due is not None and now < self._due:
                return False
            self._publish(now)
            self._due = now + EVERY
            return True

    def _publish(self, now: datetime) -> None:
        try:
            self.folder.mkdir(mode=PUBLIC_FOLDER, parents=True, exist_ok=True)
            names = self._segments()
            self._sign(names, now)
            self._clear(names)
        except OSError as cause:
            raise ArchiveUnavailable("The index for verifiers cannot be written now.") from cause

    def _segments(self) -> tuple[str, ...]:
        """Names of what is true now: a base, and where there is any, what changed since."""
        base = self._base()
        if base is not None:
            data = base.read_bytes()
            changes = write_segment(changed_since(data, self.standings.all()))
            if not changes.documents:
                return (base.name,)
            if NEW_BASE_AFTER * len(changes.data) <= len(data):
                return (base.name, self._keep(changes.data))
        return (self._keep(write_segment(self.standings.all()).data),)

    def _base(self) -> Path | None:
        """The largest segment there is: changes are never larger than their base."""
        found = sorted(self.folder.glob("*.segment"), key=lambda one: one.stat().st_size)
        whole = [one for one in found if one.stem == _sha256(one.read_bytes())]
        return whole[-1] if whole else None

    def _keep(self, data: bytes) -> str:
        name = f"{_sha256(data)}.segment"
        durable.replace(self.folder / name, data, mode=durable.PUBLIC)
        return name

    def _sign(self, names: tuple[str, ...], now: datetime) -> None:
        segments = [
            {"sha256": name.removesuffix(".segment"), "size": (self.folder / name).stat().st_size}
            for name in names
        ]
        page = {
            "format": "echt-index",
            "version": 1,
            "asOf": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
            "segments": segments,
        }
        data = signed(page, self.signer(), kind=KIND)
        durable.replace(self.folder / LATEST, data, mode=durable.PUBLIC)

    def _clear(self, names: tuple[str, ...]) -> None:
        """Remove what neither this page nor a reader that is at the one before needs."""
        now = self.clock().timestamp()
        for one in self.folder.glob("*.segment"):
            if one.name not in names and now - one.stat().st_mtime > 2 * EVERY.total_seconds():
                one.unlink()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
