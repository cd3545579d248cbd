"""Kill a real process between any two states of a transfer: the client is answered, once and truly.

emrex.md 3.2 and 4.25.
"""

from __future__ import annotations

import hashlib
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from emrex.exchange import transaction as steps
from emrex.exchange.exchanging import Exchange
from emrex.exchange.receipt import Receipt
from emrex.exchange.request import request_of
from emrex.exchange.states import NEXT, State
from emrex.packing import unpacked
from emrex_wiring import exchange_of
from tests.commands import script
from tests.faults.killable_transfer import CALLS, MOVES, PERSON
from tests.house import furnish
from wiring import Instance

SCRIPT = Path(__file__).with_name("killable_transfer.py")
FORM = [("sessionId", "s"), ("returnUrl", "https://emc.example.edu/back")]
AHEAD = {
    State.RECEIVED: "leave",
    State.AUTHENTICATING: "come",
    State.SELECTING: "choose",
    State.PREVIEW: "yes",
    State.CONSENTED: "finish",
}
"""What a holder does who goes on from the page of that state."""
TRIED = [
    *AHEAD.items(),
    (State.PREVIEW, "again"),
    *((start, "stop") for start in AHEAD),
    (State.SIGNED, "fetch"),
    (State.HANDED_OVER, "fetch"),
]
"""Every way from one state to the next that a holder can take."""
KILLED = [
    (start, move, f"{when} {call}")
    for start, move in TRIED
    for call in CALLS.get(move, ("change",))
    for when in ("before", "after")
]


@pytest.fixture(name="instance", scope="module")
def _instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    instance = furnish(tmp_path_factory.mktemp("transfers"), people=1)
    yield instance
    instance.close()


@dataclass
class Browser:
    """One holder, who does one thing after another and hears what comes."""

    exchange: Exchange

    def __post_init__(self) -> None:
        self.tid, self.secret = self.exchange.open(request_of(FORM))
        self.heard: list[dict[str, str]] = []

    @property
    def state(self) -> State:
        return self.exchange.find(self.tid, self.secret).state

    def take(self, move: str) -> None:
        MOVES[move](self.exchange, self.exchange.find(self.tid, self.secret))

    def fetch(self) -> None:
        answer = self.exchange.hand_over(self.exchange.find(self.tid, self.secret))
        self.heard.append(dict(answer.fields))

    def go_to(self, state: State) -> None:
        """Straight on; to the yes that no document followed yet, by the step alone."""
        while self.state not in {state, State.PREVIEW, State.SIGNED}:
            self.take(AHEAD[self.state])
        if self.state is not state and state is State.CONSENTED:
            one = self.exchange.find(self.tid, self.secret)
            agreed = steps.consented(one, self.exchange.clock().replace(microsecond=0))
            assert self.exchange.transfers.change(one, agreed)
        elif self.state is not state:
            self.take("yes")
        if state is State.HANDED_OVER:
            self.fetch()

    def go_on(self, move: str) -> None:
        """After the restart: what was begun once more, or straight on; then to the client."""
        while self.state in AHEAD:
            self.take("stop" if move == "stop" else AHEAD[self.state])
        if not self.heard or self.exchange.find(self.tid, self.secret).fetched == 1:
            self.fetch()

    def receipts(self) -> list[Receipt]:
        kept = self.exchange.transfers.receipts(PERSON)
        return [one for one in kept if one.tid == self.tid]


@pytest.mark.slow
@pytest.mark.parametrize(("start", "move", "step"), KILLED)
def test_whatever_is_killed_the_transfer_ends_in_one_answer(
    instance: Instance, start: State, move: str, step: str
) -> None:
    """emrex.md 3.2, 4.25, 4.34, 6.11."""
    browser = Browser(exchange_of(instance))
    browser.go_to(start)
    assert browser.state is start
    home = str(instance.settings.home)
    ended = script(SCRIPT, home, browser.tid, browser.secret, move, step)
    assert ended.returncode == -signal.SIGKILL, ended.stderr

    browser.go_on(move)

    (said, *more) = browser.heard
    assert all(one == said for one in more)
    stopped = move == "stop"
    assert said["returnCode"] == ("NCP_CANCEL" if stopped else "NCP_OK")
    sent = [] if stopped else [hashlib.sha256(unpacked(said["elmo"])).hexdigest()]
    assert [one.sha256 for one in browser.receipts()] == sent
    assert all(one.handed_over for one in browser.receipts())


def test_every_way_between_two_states_is_tried() -> None:
    """Those of a clock, of a fault of ours and of an empty register are steps of one change too."""
    by_us = {State.EXPIRED, State.FAILED, State.NO_RESULTS}
    ends = {"leave", "come", "choose", "yes", "finish", "fetch", "again", "stop"}
    assert {move for _, move in TRIED} == ends == set(MOVES)
    ways = {state for state in State if NEXT[state] - by_us}
    assert {start for start, _ in TRIED} == ways | {State.HANDED_OVER}
