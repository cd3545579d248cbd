"""Many fetches at once, with thieves among them: nobody ever sees what somebody else brought.

The model is small on purpose: of each fetch who asked and whom, and of its one answer who
brought it and whose document it was. What a browser is shown must follow from that alone.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from emrex.errors import AnswerRefused, NoSuchFetch, WrongState
from emrex.receiving.answer import Answer, answer_in
from emrex.receiving.fetch import LIFE, Expected, State
from emrex.receiving.memory import MemoryFetches
from emrex.receiving.receiving import Begun, Receiving
from tests.emrex.abroad import Abroad, body
from tests.emrex.conftest import NOW, Desk

PEOPLE = ("Ada", "Bo", "Cleo")
WHO = st.sampled_from(PEOPLE)


@dataclass
class Known:
    """What the model knows of one fetch."""

    asker: str
    provider: str
    started: datetime
    state: State = State.WAITING
    touched: datetime = NOW
    bringer: str = ""
    about: str = ""


@dataclass
class Browser:
    """The cookies of one person."""

    asked: dict[str, str] = field(default_factory=dict)
    brought: dict[str, str] = field(default_factory=dict)


class Walk(RuleBasedStateMachine):
    """Three people, two providers, forged and foreign sessions, old documents, and a clock."""

    abroad: dict[str, Abroad]
    begun: Bundle[Begun] = Bundle("begun")
    papers: Bundle[tuple[str, str, str, datetime]] = Bundle("papers")

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.receiving = Receiving(MemoryFetches(), "https://echt.example", lambda: self.now)
        self.browsers = {name: Browser() for name in PEOPLE}
        self.known: dict[str, Known] = {}
        self.came: set[str] = set()

    @rule(target=begun, who=WHO, provider=st.sampled_from(["north", "south"]))
    def somebody_begins(self, who: str, provider: str) -> Begun:
        expected = Expected(who, date(1999, 12, 31))
        begun = self.receiving.begin(self.abroad[provider].provider, expected, "en")
        self.browsers[who].asked[begun.fetch.fid] = begun.browser
        self.known[begun.fetch.fid] = Known(who, provider, self.now, touched=self.now)
        return begun

    @rule(target=papers, about=WHO, provider=st.sampled_from(["north", "south"]))
    def a_provider_makes_a_document(
        self, about: str, provider: str
    ) -> tuple[str, str, str, datetime]:
        return about, provider, self.abroad[provider].elmo(self.now, about, "Test"), self.now

    @rule(bringer=WHO, begun=begun, paper=papers)
    def a_document_comes(
        self, bringer: str, begun: Begun, paper: tuple[str, str, str, datetime]
    ) -> None:
        """Of anybody, brought by anybody, for a session of anybody."""
        about, provider, elmo, made = paper
        known = self.known[begun.fetch.fid]
        after = self.bring(bringer, begun, answer_in(body(begun.session_id, elmo=elmo)))
        if after is None:
            return
        fresh = known.started - timedelta(minutes=10) <= made <= self.now + timedelta(minutes=10)
        good = provider == known.provider and fresh and elmo not in self.came
        assert after is (State.ARRIVED if good else State.REFUSED)
        if good:
            self.came.add(elmo)
            known.about = about

    @rule(bringer=WHO, begun=begun, code=st.sampled_from(["NCP_CANCEL", "EMP_ERROR", "NO", ""]))
    def no_document_comes(self, bringer: str, begun: Begun, code: str) -> None:
        after = self.bring(bringer, begun, answer_in(body(begun.session_id, code)))
        assert after in {None, State.CANCELLED, State.FAILED, State.UNKNOWN}

    def bring(self, bringer: str, begun: Begun, answer: Answer) -> State | None:
        known = self.known[begun.fetch.fid]
        waits = known.state is State.WAITING and self.now - known.touched <= LIFE
        try:
            fetch, secret = self.receiving.receive(answer)
        except AnswerRefused:
            assert not waits
            return None
        assert waits
        assert fetch.fid == begun.fetch.fid
        self.browsers[bringer].brought[fetch.fid] = secret
        known.state, known.bringer, known.touched = fetch.state, bringer, self.now
        return fetch.state

    @rule(session=st.text(min_size=1, max_size=40), begun=begun, paper=papers)
    def a_forged_session_is_nobodys(
        self, session: str, begun: Begun, paper: tuple[str, str, str, datetime]
    ) -> None:
        for forged in (session, begun.fetch.fid, begun.browser, begun.session_id + "x"):
            with pytest.raises(AnswerRefused):
                self.receiving.receive(answer_in(body(forged, elmo=paper[2])))

    @rule(who=WHO, begun=begun, yes=st.booleans())
    def somebody_decides(self, who: str, begun: Begun, yes: bool) -> None:  # noqa: FBT001 - drawn
        known = self.known[begun.fetch.fid]
        with suppress(NoSuchFetch, WrongState):
            fetch = self.receiving.find(begun.fetch.fid, *self.secrets(who, begun.fetch.fid))
            after = self.receiving.decide(fetch, is_the_person=yes)
            assert known.state is State.ARRIVED
            known.state = after.state

    @rule(who=WHO, begun=begun)
    def somebody_deletes(self, who: str, begun: Begun) -> None:
        with suppress(NoSuchFetch):
            self.receiving.forget(
                self.receiving.find(begun.fetch.fid, *self.secrets(who, begun.fetch.fid))
            )
            self.known[begun.fetch.fid].touched = NOW - timedelta(days=1)

    @rule(minutes=st.integers(0, 20))
    def time_goes_on(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    def secrets(self, who: str, fid: str) -> tuple[str, str]:
        browser = self.browsers[who]
        return browser.asked.get(fid, ""), browser.brought.get(fid, "")

    @invariant()
    def everybody_sees_what_they_asked_for_and_brought_themselves(self) -> None:
        for fid, known in self.known.items():
            alive = self.now - known.touched <= LIFE
            for who in PEOPLE:
                may = alive and who == known.asker and known.bringer in {"", who}
                try:
                    seen = self.receiving.find(fid, *self.secrets(who, fid))
                except NoSuchFetch:
                    assert not may
                    continue
                assert may
                assert seen.state is known.state
                shows = known.state in {State.ARRIVED, State.ACCEPTED}
                name = seen.received.learner.given_names if seen.received else ""
                assert name == (known.about if shows else "")


def test_nobody_sees_what_somebody_else_brought(desk: Desk) -> None:
    """emrex.md 3.7, 4.68, 4.69, 4.78."""
    Walk.abroad = {"north": Abroad(desk.signer), "south": Abroad(desk.stranger, "South")}

    run_state_machine_as_test(Walk, settings=settings(stateful_step_count=40))
