"""A trust list is never exchanged for an older one: not by a mistake, and not by a thief.

Whoever holds a compromised key would like readers to go back to the list of before. So a
process that saw a serial never takes a lower one again, nor a list of other roots than
those of the first, nor one that forgets a time-stamp authority or its end
(trust-list.md, The payload).
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from keys import outside, trust
from keys.errors import TrustListInvalid
from keys.trust import TrustList


class Newest:
    """A source of the trust list that remembers the newest one it gave out. Safe for threads.

    What cannot be read at all is passed on: judging a list is its reader's task.
    """

    def __init__(
        self, source: Callable[[], bytes | None], *, clock: Callable[[], datetime]
    ) -> None:
        self._source = source
        self._clock = clock
        self._lock = threading.Lock()
        self._data: bytes | None = None
        self._newest: TrustList | None = None

    def __call__(self) -> bytes | None:
        """The list as it is now; nothing when it is older than one that was seen before."""
        data = self._source()
        with self._lock:
            return data if data is None or data == self._data else self._newer(data)

    def _newer(self, data: bytes) -> bytes | None:
        try:
            listed = trust.read(data, now=self._clock())
        except TrustListInvalid:
            return data
        if self._newest is not None and not _follows(listed, self._newest):
            return None
        self._data, self._newest = data, listed
        return data


def _follows(listed: TrustList, before: TrustList) -> bool:
    forgets_none = outside.all_follow(listed.authorities, before.authorities)
    return (
        listed.serial >= before.serial and set(before.roots) <= set(listed.roots) and forgets_none
    )
