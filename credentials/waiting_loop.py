"""The thread that serves the queue beside a running service, and stops with it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Self

from credentials.waiting import Worked

SOON = timedelta(seconds=5)
"""Between two looks at a queue that is served."""
LONGEST = timedelta(minutes=5)
"""Between two tries while sealing is out of reach: twice as long each time, up to this."""
GOODBYE = timedelta(seconds=30)
"""How long stopping waits for the turn that is going on; it is short, and safe to cut off."""


class Worker:
    """Works until it is stopped, waiting longer after every pass that found sealing paused."""

    def __init__(
        self,
        work: Callable[[], Worked],
        report: Callable[[Exception], None],
        *,
        soon: timedelta = SOON,
        longest: timedelta = LONGEST,
    ) -> None:
        self._work = work
        self._report = report
        self._soon = soon
        self._longest = longest
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="waiting downloads", daemon=True)

    def __enter__(self) -> Self:
        """Start beside the service."""
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop, and wait for the turn that is going on."""
        self._stopped.set()
        self._thread.join(GOODBYE.total_seconds())

    def _run(self) -> None:
        rest = self._soon
        while not self._stopped.is_set():
            rest = self._soon if self._pass() else min(rest * 2, self._longest)
            self._stopped.wait(rest.total_seconds())

    def _pass(self) -> bool:
        """One pass over the queue; whether it could be worked on at all."""
        try:
            return not self._work().paused
        except Exception as error:  # noqa: BLE001 - the last resort of this thread: it must live on
            self._report(error)
            return False
