"""How often one client may ask: token buckets, in memory, of bounded size (platform.md 3.6).

Each process counts for itself. A client that was not seen for long is forgotten, which
gives it back no more than time had given it already.
"""

from __future__ import annotations

import ipaddress
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

IPV6_BLOCK = 64
"""Bits that one connection at home or office gets for itself (RFC 6177)."""
REMEMBERED = 100_000
"""Clients whose buckets are kept; each costs about 200 bytes."""
MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Allowance:
    """Requests that one client may make: so many at once, so many a minute on the long run."""

    burst: int
    per_minute: int


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float


class Allowances:
    """The token buckets of one rule. Thread-safe."""

    def __init__(
        self, allowance: Allowance, clock: Callable[[], float], *, remembered: int = REMEMBERED
    ) -> None:
        self._burst = float(allowance.burst)
        self._rate = allowance.per_minute / MINUTE
        self._clock = clock
        self._remembered = remembered
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, client: str) -> float:
        """Take one token; 0 when there was one, else the seconds until there is."""
        with self._lock:
            bucket = self._filled(client)
            if bucket.tokens < 1:
                return (1 - bucket.tokens) / self._rate
            bucket.tokens -= 1
            return 0.0

    def _filled(self, client: str) -> _Bucket:
        now = self._clock()
        bucket = self._buckets.setdefault(client, _Bucket(self._burst, now))
        self._buckets.move_to_end(client)
        if len(self._buckets) > self._remembered:
            self._buckets.popitem(last=False)
        bucket.tokens = min(self._burst, bucket.tokens + (now - bucket.filled_at) * self._rate)
        bucket.filled_at = now
        return bucket


def block_of(address: str) -> str:
    """The address block that stands for one client; what is no address stands for itself."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, IPV6_BLOCK), strict=False))
