"""One fetch of results from a provider abroad, and where it can go from there.

                     ┌─► ARRIVED ──► ACCEPTED        a person says that it is the right one
    WAITING ──answer─┤      └─────► DECLINED         or not, and what came is gone
                     ├─► NO_RESULTS, CANCELLED       the provider says so
                     ├─► FAILED, UNKNOWN             the provider could not, or says something else
                     └─► REFUSED                     what came is not believed; none of it is kept

A fetch takes one answer. Whatever its state, it is forgotten after a quarter of an hour.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from emrex.errors import WrongState
from emrex.receiving.document import Received
from emrex.registry.reading import Provider

LIFE = timedelta(minutes=15)
"""To get an answer, and then once more to look at it (emrex.md 2.2 and 3.7)."""


class State(enum.StrEnum):
    """Where a fetch is."""

    WAITING = "waiting"
    ARRIVED = "arrived"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    NO_RESULTS = "no-results"
    CANCELLED = "cancelled"
    FAILED = "failed"
    UNKNOWN = "unknown"
    REFUSED = "refused"


NEXT: Mapping[State, frozenset[State]] = {
    State.WAITING: frozenset(State)
    - {State.WAITING, State.ACCEPTED, State.DECLINED},  # nobody decides about nothing
    State.ARRIVED: frozenset({State.ACCEPTED, State.DECLINED}),
    **dict.fromkeys(frozenset(State) - {State.WAITING, State.ARRIVED}, frozenset()),
}


@dataclass(frozen=True, slots=True)
class Expected:
    """Whose results are fetched, written down before anybody saw them."""

    name: str
    born: date


@dataclass(frozen=True, slots=True)
class Fetch:
    """One fetch. What was received is in it from the answer to the decision, and if that is yes."""

    fid: str
    provider: Provider
    expected: Expected
    language: str
    started: datetime
    touched: datetime
    """When it started, or when its answer came."""
    state: State = State.WAITING
    why: str = ""
    """A stable key where what came is refused."""
    message: str = ""
    """What the provider says to people, where it could not answer."""
    received: Received | None = None

    def is_over(self, now: datetime) -> bool:
        """Whether its time is up."""
        return now - self.touched > LIFE


def answered(fetch: Fetch, state: State, now: datetime, why: str = "", message: str = "") -> Fetch:
    """The fetch after an answer without results that anybody may see.

    Raises:
        WrongState: it has its answer.
    """
    return replace(_moved(fetch, state), touched=now, why=why, message=message)


def arrived(fetch: Fetch, received: Received, now: datetime) -> Fetch:
    """The fetch after an answer that is believed; a person decides next.

    Raises:
        WrongState: it has its answer.
    """
    return replace(_moved(fetch, State.ARRIVED), touched=now, received=received)


def decided(fetch: Fetch, *, is_the_person: bool) -> Fetch:
    """The fetch after a person compared; with a no, what came is gone.

    Raises:
        WrongState: there is nothing to decide, or it was decided.
    """
    if is_the_person:
        return _moved(fetch, State.ACCEPTED)
    return replace(_moved(fetch, State.DECLINED), received=None)


def _moved(fetch: Fetch, state: State) -> Fetch:
    if state not in NEXT[fetch.state]:
        raise WrongState("This step was taken already.", fetch.state)
    return replace(fetch, state=state)
