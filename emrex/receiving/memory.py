"""Fetches in the memory of one process, and nowhere else.

That is not a stand-in for a table: what strangers send about strangers lives for a quarter of
an hour, and memory is the one place where "gone" needs no proof (docs/decisions/0027).
"""

from __future__ import annotations

import hmac
import threading
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from emrex.errors import TooManyFetches
from emrex.receiving.fetch import Fetch

MOST = 5_000
"""Fetches at once; each is small until its answer comes."""
MOST_BYTES = 256 * 1024 * 1024
"""Of documents at once, packed."""
REMEMBERED = timedelta(days=2)
"""Longer than any document stays fresh enough to be believed."""


@dataclass(frozen=True, slots=True)
class _Held:
    fetch: Fetch
    session: str
    browser: str
    bringer: str | None = None
    """None until the answer came."""


class MemoryFetches:
    """Fetches of one process."""

    def __init__(self, *, most: int = MOST, most_bytes: int = MOST_BYTES) -> None:
        self._most, self._most_bytes = most, most_bytes
        self._held: dict[str, _Held] = {}
        self._waiting: dict[str, str] = {}
        """From the session to the fetch that waits for it."""
        self._seen: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def add(self, fetch: Fetch, session: str, browser: str) -> None:
        """Hold a new fetch.

        Raises:
            TooManyFetches: there is no room for more.
        """
        with self._lock:
            held = sum(_size(one.fetch) for one in self._held.values())
            if len(self._held) >= self._most or held >= self._most_bytes:
                raise TooManyFetches("Many people are fetching results. Try again in a minute.")
            self._held[fetch.fid] = _Held(fetch, session, browser)
            self._waiting[session] = fetch.fid

    def take(self, session: str) -> Fetch | None:
        """The fetch that waits for this session, once."""
        with self._lock:
            fid = self._waiting.pop(session, None)
            held = None if fid is None else self._held.get(fid)
            return held.fetch if held else None

    def arrive(self, fetch: Fetch, bringer: str) -> None:
        """Hold what became of a fetch that was taken; one that was forgotten meanwhile stays so."""
        with self._lock:
            held = self._held.get(fetch.fid)
            if held is not None:
                self._held[fetch.fid] = replace(held, fetch=fetch, bringer=bringer)

    def find(self, fid: str, browser: str, bringer: str) -> Fetch | None:
        """The fetch, for the browser that began it and, after the answer, also brought that."""
        with self._lock:
            held = self._held.get(fid)
        if held is None or not hmac.compare_digest(held.browser, browser):
            return None
        if held.bringer is not None and not hmac.compare_digest(held.bringer, bringer):
            return None
        return held.fetch

    def change(self, before: Fetch, after: Fetch) -> bool:
        """Hold the next state, unless it moved on meanwhile."""
        with self._lock:
            held = self._held.get(before.fid)
            if held is None or held.fetch.state is not before.state:
                return False
            self._held[before.fid] = replace(held, fetch=after)
            return True

    def forget(self, fid: str) -> None:
        """Hold nothing of it any more."""
        with self._lock:
            self._drop(fid)

    def expire(self, now: datetime) -> int:
        """Forget every fetch whose time is up, and documents that are too old to come again."""
        with self._lock:
            over = [fid for fid, held in self._held.items() if held.fetch.is_over(now)]
            for fid in over:
                self._drop(fid)
            late = [digest for digest, came in self._seen.items() if now - came > REMEMBERED]
            for digest in late:
                del self._seen[digest]
        return len(over)

    def is_new(self, digest: str, now: datetime) -> bool:
        """Remember a document, and say whether it is the first time."""
        with self._lock:
            if digest in self._seen:
                return False
            self._seen[digest] = now
            return True

    def _drop(self, fid: str) -> None:
        held = self._held.pop(fid, None)
        if held is not None:
            self._waiting.pop(held.session, None)


def _size(fetch: Fetch) -> int:
    return len(fetch.received.packed) if fetch.received else 0
