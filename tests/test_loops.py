"""The promise under test: work beside a service goes on, whatever one piece of it runs into."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

from loops import Loop

NO_TIME = timedelta(0)


def test_the_loop_lives_on_whatever_happens_and_stops_when_told() -> None:
    errors: list[BaseException] = []
    done, before = threading.Event(), threading.active_count()
    steps: list[Callable[[], object]] = [done.set, fail, list, fail]

    def work() -> None:
        if steps:
            steps.pop()()

    beside: list[None] = []
    with Loop(work, lambda: beside.append(None), name="a", report=errors.append, every=NO_TIME):
        assert done.wait(30)

    assert [type(error) for error in errors] == [ZeroDivisionError] * 2
    assert len(beside) >= 3
    assert threading.active_count() == before


def fail() -> None:
    raise ZeroDivisionError
