"""Kill a real process while it replaces a registry's file: the old one or the new one is there.

Issue 5: the last good answer is never lost. emrex.md 4.82.
"""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from emrex.registry.keeping import Shelf, Snapshot
from tests.commands import running, script
from tests.faults.killable_registry import ADDRESS, AFTER, BEFORE, FOR_EVER, HALF, NEW, OLD

pytestmark = pytest.mark.slow
SCRIPT = Path(__file__).with_name("killable_registry.py")


@pytest.mark.parametrize(("step", "left"), [(HALF, OLD), (BEFORE, OLD), (AFTER, NEW)])
def test_killed_at_a_step_the_file_is_whole(tmp_path: Path, step: str, left: Snapshot) -> None:
    shelf = Shelf(tmp_path / "registry")
    shelf.keep(OLD)

    ended = script(SCRIPT, str(shelf.folder), step)

    assert ended.returncode == -signal.SIGKILL, ended.stderr
    assert shelf.kept(ADDRESS) == left
    shelf.keep(NEW)
    assert shelf.kept(ADDRESS) == NEW


def test_killed_at_any_moment_the_file_is_whole(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "registry")
    shelf.keep(OLD)
    for moment in range(8):
        with running(SCRIPT, str(shelf.folder), FOR_EVER, log=tmp_path / "log") as process:
            _wait_until_it_works(shelf)
            time.sleep(0.013 * moment)
            process.send_signal(signal.SIGKILL)
            process.wait()
        assert shelf.kept(ADDRESS) in (OLD, NEW)
        shelf.keep(OLD)


def _wait_until_it_works(shelf: Shelf) -> None:
    until = time.monotonic() + 300
    while shelf.kept(ADDRESS) == OLD:
        assert time.monotonic() < until
