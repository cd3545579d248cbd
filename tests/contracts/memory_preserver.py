"""A preserver without PDF: archive time-stamps are lines behind the document."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from credentials.archive_stamps import ArchiveStamp
from credentials.errors import SealingPaused, UnknownShape

_SEAL = b"\n-- seal --\n"
_STAMP = b"\n-- archive time-stamp --\n"
LIFE = timedelta(days=3 * 365)


class MemoryPreserver:
    """Stamps what the sealer in memory sealed; away on request, as an authority can be."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock
        self.begun = clock()
        self.authority = "first"
        self.authorities = {self.authority}
        self.algorithms = ("ecdsa-256", "sha256")
        self.away = False
        self.used = 0

    def succeed(self, authority: str) -> None:
        """A new authority takes over, with a certificate that begins today."""
        self.authority, self.begun = authority, self._clock()
        self.authorities.add(authority)

    def preserve(self, sealed: bytes) -> bytes:
        self._require_ours(sealed)
        if self.away:
            raise SealingPaused("Sealing is paused. Nothing was issued.")
        self.used += 1
        stamp = {
            "at": int(self._clock().timestamp()),
            "ends": int((self.begun + LIFE).timestamp()),
            "authority": self.authority,
            "algorithms": self.algorithms,
            "over": hashlib.sha256(sealed).hexdigest(),
        }
        return sealed + _STAMP + json.dumps(stamp).encode()

    def require_genuine(self, preserved: bytes) -> None:
        read_stamp(preserved)
        self._require_ours(preserved)

    def _require_ours(self, document: bytes) -> None:
        """A seal, and time-stamps by known authorities, each over everything before it."""
        before, *stamps = document.split(_STAMP)
        good = _SEAL in before
        for stamp in stamps:
            found = json.loads(stamp) if _is_whole(stamp) else {}
            over = hashlib.sha256(before).hexdigest()
            known = found.get("authority") in self.authorities
            good = good and known and found.get("over") == over
            before += _STAMP + stamp
        if not good:
            raise UnknownShape("Only documents of our own renderer are sealed.")

    def lasts_until(self, preserved: bytes) -> datetime:
        return read_stamp(preserved).certificate_ends


def read_stamp(document: bytes) -> ArchiveStamp:
    """The newest time-stamp, as `archive_stamps.newest_stamp` reads it from a PDF."""
    stamps = _stamps(document)
    if not stamps or not _is_whole(stamps[-1]):
        raise UnknownShape("Only documents of our own renderer are sealed.")
    found = json.loads(stamps[-1])
    return ArchiveStamp(
        at=datetime.fromtimestamp(found["at"], UTC),
        certificate=found["authority"].encode(),
        certificate_ends=datetime.fromtimestamp(found["ends"], UTC),
        algorithms=tuple(found["algorithms"]),
    )


def _stamps(document: bytes) -> list[bytes]:
    return document.split(_STAMP)[1:]


def _is_whole(stamp: bytes) -> bool:
    try:
        return isinstance(json.loads(stamp), dict)
    except ValueError:
        return False
