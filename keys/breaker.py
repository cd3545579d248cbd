"""A circuit breaker: what failed several times in a row is left alone for a while.

closed ──failures in a row──► open ──cool-down──► half open ──success──► closed
                                ▲                     │
                                └───────failure───────┘
"""

from __future__ import annotations

import threading
from collections.abc import Callable

FAILURES = 3
COOL_DOWN = 30.0
"""Seconds."""


class Breaker:
    """Whether to ask somebody again. Half open lets one question through. Safe for threads.

    `monotonic` counts seconds and never goes back.
    """

    def __init__(
        self,
        monotonic: Callable[[], float],
        *,
        failures: int = FAILURES,
        cool_down: float = COOL_DOWN,
    ) -> None:
        self._monotonic = monotonic
        self._limit = failures
        self._cool_down = cool_down
        self._failures = 0
        self._retry_at = 0.0
        self._lock = threading.Lock()

    def admits(self) -> bool:
        """Tell whether to ask now; after a yes, report `succeeded` or `failed`."""
        with self._lock:
            if self._failures < self._limit:
                return True
            now = self._monotonic()
            if now < self._retry_at:
                return False
            self._retry_at = now + self._cool_down  # the one probe; it has this long to report
            return True

    def succeeded(self) -> None:
        """The answer was good: closed."""
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        """No answer, or a bad one."""
        with self._lock:
            self._failures += 1
            if self._failures >= self._limit:
                self._retry_at = self._monotonic() + self._cool_down
