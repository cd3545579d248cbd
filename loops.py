"""A thread that does a small piece of work again and again beside a running service."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Self

SOON = timedelta(seconds=5)
GOODBYE = timedelta(seconds=30)
"""How long stopping waits for the turn that is going on."""


class Loop:
    """Runs pieces of work in turn until it is stopped; one that fails is reported, then retried."""

    def __init__(
        self,
        *pieces: Callable[[], object],
        name: str,
        report: Callable[[BaseException], None],
        every: timedelta = SOON,
        goodbye: timedelta = GOODBYE,
    ) -> None:
        self._pieces = pieces
        self._report = report
        self._every = every
        self._goodbye = goodbye
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

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
        """Stop, and wait for what is going on."""
        self._stopped.set()
        self._thread.join(self._goodbye.total_seconds())

    def _run(self) -> None:
        while not self._stopped.is_set():
            for piece in self._pieces:
                self._do(piece)
            self._stopped.wait(self._every.total_seconds())

    def _do(self, piece: Callable[[], object]) -> None:
        try:
            piece()
        except Exception as error:  # noqa: BLE001 - the last resort of this thread: it must live on
            self._report(error)
