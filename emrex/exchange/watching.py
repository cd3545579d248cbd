"""Seeing forms that name a diploma of somebody else: no page of ours makes one.

The line in the log names the transfer, by an id that opens nothing without the secret of its
browser, and the request. Neither whose it is nor whose diploma was named stands in it: the
first is in the database, for those who may look there, and the second is kept nowhere.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

import structlog

FORGED = "selection-forged"
REMEMBERED = 10_000
"""Transfers whose alarm was told; each costs about 200 bytes."""


class Watch:
    """What one process noticed. Thread-safe."""

    def __init__(self, *, remembered: int = REMEMBERED) -> None:
        self._remembered = remembered
        self._told: OrderedDict[str, None] = OrderedDict()
        self._count = 0
        self._lock = threading.Lock()

    def forged(self, tid: str) -> None:
        """Raise the alarm, once for each transfer."""
        with self._lock:
            if tid in self._told:
                return
            self._told[tid] = None
            if len(self._told) > self._remembered:
                self._told.popitem(last=False)
            self._count += 1
            count = self._count
        structlog.get_logger().warning(FORGED, alias=tid, count=count)
