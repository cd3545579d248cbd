"""Whatever happens in whatever order, a transfer ends once and is handed over once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from emrex.errors import WrongState
from emrex.exchange import transaction
from emrex.exchange.request import request_of
from emrex.exchange.states import CODES, NEXT, ReturnCode, State
from emrex.exchange.transaction import IDLE, TOTAL, WAITS, Holder, Transaction

NOW = datetime(2026, 11, 21, 13, tzinfo=UTC)
REQUEST = request_of([("sessionId", "s"), ("returnUrl", "https://emc.example.edu/")])
ENDS = {state for state in State if not NEXT[state]}
STOPS = [State.CANCELLED, State.EXPIRED, State.FAILED, State.NO_RESULTS]


def test_every_end_has_an_answer_and_nothing_else_has() -> None:
    """emrex.md 3.2: every end state answers the client."""
    assert set(CODES) == ENDS
    assert {CODES[one] for one in ENDS} == set(ReturnCode)
    assert NEXT[State.SIGNED] == {State.HANDED_OVER}


class Walk(RuleBasedStateMachine):
    """A holder, a clock and a fault, each doing whatever they like."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.one = transaction.begun("t", REQUEST, NOW)
        self.ended_as: State | None = None
        self.handed = 0
        self.signed_at = NOW
        self.said_yes: tuple[str, ...] = ()

    def step(self, make: Callable[[], Transaction]) -> bool:
        try:
            self.one = make()
        except WrongState:
            return False
        return True

    @rule(seconds=st.integers(0, 400) | st.just(int(WAITS.total_seconds())))
    def time_goes_on(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule()
    def logs_in(self) -> None:
        self.step(lambda: transaction.logging_in(self.one, self.now))
        self.step(lambda: transaction.logged_in(self.one, Holder("p", "substantial"), self.now))

    @rule(records=st.lists(st.sampled_from(["a", "b"]), unique=True).map(tuple))
    def chooses(self, records: tuple[str, ...]) -> None:
        if self.step(lambda: transaction.chosen(self.one, records, self.now)):
            assert records

    @rule()
    def goes_back(self) -> None:
        self.step(lambda: transaction.choosing_again(self.one, self.now))

    @rule()
    def says_yes(self) -> None:
        if self.step(lambda: transaction.consented(self.one, self.now)):
            self.said_yes = self.one.records

    @rule()
    def is_signed(self) -> None:
        if self.step(lambda: transaction.signed(self.one, self.now)):
            self.signed_at = self.now

    @rule()
    def fetches(self) -> None:
        if self.step(lambda: transaction.fetched(self.one, self.now)):
            self.handed += 1
            assert self.one.handed_over is not None
            assert self.one.handed_over - self.signed_at <= WAITS

    @rule(how=st.sampled_from(STOPS))
    def stops(self, how: State) -> None:
        self.step(lambda: transaction.ended(self.one, how, self.now))

    @invariant()
    def an_end_is_an_end(self) -> None:
        if self.ended_as:
            assert self.one.state is self.ended_as
        if self.one.state in ENDS:
            self.ended_as = self.one.state
            assert self.one.code is CODES[self.one.state]

    @invariant()
    def nothing_leaves_without_a_yes_and_at_most_twice(self) -> None:
        assert self.handed <= 2
        if self.one.state in {State.SIGNED, State.HANDED_OVER}:
            assert self.one.records == self.said_yes != ()
            assert self.one.holder is not None

    @invariant()
    def nothing_goes_on_after_its_time(self) -> None:
        assert self.one.touched - NOW <= TOTAL + IDLE or self.one.state in ENDS | {State.SIGNED}


TestWalk = Walk.TestCase
