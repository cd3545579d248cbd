"""The turns of the queue beside a running service: fewer while sealing is out of reach."""

from __future__ import annotations

from collections.abc import Callable

from credentials.waiting import Worked

LONGEST = 60
"""Turns between two tries while sealing is out of reach: five minutes of five seconds each."""


class Turns:
    """Works at its turn; lets twice as many pass after each that found sealing paused or failed."""

    def __init__(self, work: Callable[[], Worked], *, longest: int = LONGEST) -> None:
        self._work = work
        self._longest = longest
        self._rest = 1
        """From one try to the next."""
        self._passing = 0

    def __call__(self) -> None:
        """Take one turn; raises what the work raises."""
        if self._passing:
            self._passing -= 1
            return
        self._rest = min(self._rest * 2, self._longest)
        self._passing = self._rest - 1
        if not self._work().paused:
            self._rest, self._passing = 1, 0
