"""A thrown switch holds for every process and after a restart (checklist verifier.md 4.28)."""

from __future__ import annotations

from pathlib import Path

import pytest

from web.errors import NoSuchSwitch
from web.guarding.switches import LOOK_EVERY, Switches


class Seconds:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_another_process_sees_it_within_a_second(tmp_path: Path) -> None:
    clock = Seconds()
    mine, theirs = (Switches(tmp_path / "closed", ("check", "login"), clock) for _ in range(2))
    assert not theirs.is_closed("check")
    mine.close("check")
    clock.now += LOOK_EVERY
    assert theirs.is_closed("check")
    assert not theirs.is_closed("login")
    mine.open("check")
    clock.now += LOOK_EVERY
    assert not theirs.is_closed("check")


def test_it_stays_thrown_after_a_restart(tmp_path: Path) -> None:
    Switches(tmp_path, ("check",), Seconds()).close("check")
    assert Switches(tmp_path, ("check",), Seconds()).is_closed("check")


def test_only_parts_can_be_closed(tmp_path: Path) -> None:
    switches = Switches(tmp_path / "closed", ("check",), Seconds())
    for name in ("../check", "nothing", ""):
        with pytest.raises(NoSuchSwitch, match="check"):
            switches.close(name)
        with pytest.raises(NoSuchSwitch, match="check"):
            switches.open(name)
    assert not (tmp_path / "closed").exists()


def test_opening_what_is_open_is_no_error(tmp_path: Path) -> None:
    switches = Switches(tmp_path, ("check",), Seconds())
    switches.open("check")
    assert switches.closed() == frozenset()
