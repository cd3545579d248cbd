"""Processes that hold one ceremony and kill themselves at the first, second, third … step on disk.

Run as `python tests/faults/killable_ceremony.py FOLDER PLAN NOW`. FOLDER is a room (see
`tests/keys/ceremony_room.py`) with a plan that is approved. Attempt N works in a copy, FOLDER.N,
and dies before its Nth step; the one that has no Nth step is the last. The steps are wrapped
from outside, so the product has no hook for being killed.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from keys import durable
from tests.keys.ceremony_room import Room


class Countdown:
    """Counts steps, and dies instead of taking the last of them."""

    def __init__(self, steps: int) -> None:
        self.left = steps

    def mined(self, step: Callable[..., Any]) -> Callable[..., Any]:
        """The same step, counted."""

        def counted(*args: Any, **kwargs: Any) -> Any:
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)  # no clean-up, no flush, no goodbye
            return step(*args, **kwargs)

        return counted


def mine(countdown: Countdown) -> None:
    """Count everything by which a ceremony changes a disk."""
    for owner, names in (
        (durable, ("create", "flush_folder")),
        (os, ("link", "mkdir", "rmdir")),
        (shutil, ("rmtree",)),
        (Path, ("rename", "replace", "unlink")),
    ):
        for name in names:
            setattr(owner, name, countdown.mined(getattr(owner, name)))


def attempt(folder: Path, plan: str, now: datetime, steps: int) -> bool:
    """Hold the ceremony in a copy, in a process that dies at a step; tell whether it did."""
    copy = shutil.copytree(folder, folder.with_name(f"{folder.name}.{steps}"))
    child = os.fork()
    if child == 0:
        mine(Countdown(steps))
        Room(copy, now).ceremonies.hold(copy / plan)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def main(folder: str, plan: str, now: str) -> None:
    """Kill at every step there is, and print how many there were."""
    steps = 1
    while attempt(Path(folder), plan, datetime.fromisoformat(now), steps):
        steps += 1
    sys.stdout.write(f"{steps}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
