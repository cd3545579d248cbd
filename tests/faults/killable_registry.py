"""A process that keeps a registry's file, and kills itself at a step, or goes on until killed.

Run as `python tests/faults/killable_registry.py FOLDER STEP`. It keeps NEW once, or where the
step is "for ever", OLD and NEW in turn.
"""

from __future__ import annotations

import itertools
import os
import signal
import sys
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from emrex.registry.fetching import Marks
from emrex.registry.keeping import Shelf, Snapshot

ADDRESS = "https://registry.example.eu/catalogue-v1.xml"
THEN = datetime(2026, 11, 21, 12, tzinfo=UTC)
OLD = Snapshot(ADDRESS, b"<old/>" * 300_000, Marks('"old"'), THEN)
NEW = Snapshot(ADDRESS, b"<new/>" * 400_000, Marks('"new"'), THEN.replace(hour=13))
HALF, BEFORE, AFTER = "half written", "before the new one is in place", "after that"
FOR_EVER = "for ever"


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(folder: str, step: str) -> None:
    """Keep, and die as told."""
    shelf = Shelf(Path(folder))
    if step == FOR_EVER:
        for one in itertools.cycle((NEW, OLD)):
            shelf.keep(one)
    if step == BEFORE:
        Path.replace = die  # type: ignore[method-assign,assignment]
    elif step == HALF:
        os.fchmod = die  # type: ignore[assignment]
    shelf.keep(NEW)
    die()


if __name__ == "__main__":
    main(*sys.argv[1:])
