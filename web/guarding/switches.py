"""Switches that an operator throws to close one part of the site, without a restart.

A closed part is an empty file of its name in a folder of the instance, so that a switch
holds for every process and stays thrown after a restart. The folder is looked at once a
second at most. What cannot be looked at closes nothing: checking stays open.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from web.errors import NoSuchSwitch

LOOK_EVERY = 1.0
"""Seconds between two looks at the folder."""


class Switches:
    """Which parts are closed now."""

    def __init__(self, folder: Path, names: Iterable[str], clock: Callable[[], float]) -> None:
        self._folder = folder
        self.names = tuple(names)
        self._clock = clock
        self._looked_at = -LOOK_EVERY
        self._closed: frozenset[str] = frozenset()

    def is_closed(self, name: str) -> bool:
        """Whether this part is closed, as of a second ago at most."""
        now = self._clock()
        if now - self._looked_at >= LOOK_EVERY:
            self._looked_at, self._closed = now, self._look()
        return name in self._closed

    def closed(self) -> frozenset[str]:
        """Every part that is closed, looked up now."""
        return self._look()

    def close(self, name: str) -> None:
        """Close a part.

        Raises:
            NoSuchSwitch: there is no part of this name.
        """
        self._require(name)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (self._folder / name).touch()

    def open(self, name: str) -> None:
        """Open a part again.

        Raises:
            NoSuchSwitch: there is no part of this name.
        """
        self._require(name)
        (self._folder / name).unlink(missing_ok=True)

    def _require(self, name: str) -> None:
        if name not in self.names:
            raise NoSuchSwitch(
                f"There is no switch of this name. There are: {', '.join(self.names)}."
            )

    def _look(self) -> frozenset[str]:
        try:
            return frozenset(one.name for one in self._folder.iterdir()).intersection(self.names)
        except OSError:
            return frozenset()
