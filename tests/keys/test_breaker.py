"""The promise under test: what keeps failing is left alone, and tried again with one question."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from keys.breaker import COOL_DOWN, FAILURES, Breaker


class Seconds:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def opened() -> tuple[Breaker, Seconds]:
    seconds = Seconds()
    breaker = Breaker(seconds)
    for _ in range(FAILURES):
        assert breaker.admits()
        breaker.failed()
    return breaker, seconds


def test_failures_in_a_row_open_it() -> None:
    breaker, _ = opened()

    assert not breaker.admits()


def test_a_success_in_between_starts_the_count_anew() -> None:
    breaker = Breaker(Seconds())
    for outcome in (breaker.failed, breaker.failed, breaker.succeeded, breaker.failed):
        outcome()

    assert breaker.admits()


def test_after_the_cool_down_one_question_goes_through() -> None:
    breaker, seconds = opened()
    seconds.now += COOL_DOWN - 1
    assert not breaker.admits()

    seconds.now += 1

    assert [breaker.admits() for _ in range(3)] == [True, False, False]


def test_a_good_probe_closes_it_and_a_bad_one_opens_it_again() -> None:
    good, seconds = opened()
    seconds.now += COOL_DOWN
    assert good.admits()
    good.succeeded()
    assert good.admits()
    assert good.admits()

    bad, seconds = opened()
    seconds.now += COOL_DOWN
    assert bad.admits()
    bad.failed()
    seconds.now += COOL_DOWN - 1
    assert not bad.admits()


def test_a_probe_that_never_reports_does_not_close_the_way_for_ever() -> None:
    breaker, seconds = opened()
    seconds.now += COOL_DOWN
    assert breaker.admits()
    seconds.now += COOL_DOWN

    assert breaker.admits()


def test_of_eight_threads_one_gets_the_probe() -> None:
    breaker, seconds = opened()
    seconds.now += COOL_DOWN

    with ThreadPoolExecutor(8) as pool:
        admitted = list(pool.map(lambda _: breaker.admits(), range(64)))

    assert admitted.count(True) == 1


@given(st.lists(st.sampled_from(["good", "bad", "wait"]), max_size=40))
def test_it_is_open_exactly_after_enough_failures_in_a_row(story: list[str]) -> None:
    """A model of a few lines: the count since the last success, and the time since the last."""
    seconds = Seconds()
    breaker = Breaker(seconds)
    failures, rests_until = 0, 0.0
    for event in story:
        if event == "wait":
            seconds.now += COOL_DOWN
            continue
        expected = failures < FAILURES or seconds.now >= rests_until
        assert breaker.admits() is expected
        if not expected:
            continue
        if event == "good":
            breaker.succeeded()
            failures = 0
        else:
            breaker.failed()
            failures, rests_until = failures + 1, seconds.now + COOL_DOWN
