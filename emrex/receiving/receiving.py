"""The client's side of a transfer: from a visitor's question to a person's decision.

Two secrets open what came: that of the browser that asked, and that of the browser that brought
the answer. Whoever sends somebody else to a provider with a session of their own has only the
first; the one who was sent has only the second; nobody sees anything.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from emrex.elmo.schemas import RULES_ALONE, Schemas
from emrex.errors import AnswerRefused, NoSuchFetch, WrongState
from emrex.receiving import fetch as steps
from emrex.receiving import judging
from emrex.receiving.answer import Answer, Code
from emrex.receiving.fetch import Expected, Fetch, State
from emrex.receiving.ports import Fetches
from emrex.registry.reading import Provider

RANDOM_BYTES = 16
ENDS = {
    Code.NO_RESULTS: State.NO_RESULTS,
    Code.CANCEL: State.CANCELLED,
    Code.ERROR: State.FAILED,
    Code.UNKNOWN: State.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class Begun:
    """A new fetch, with what only its browser and its provider may know."""

    fetch: Fetch
    browser: str
    session_id: str


@dataclass(frozen=True, slots=True)
class Receiving:
    """Fetches of one instance."""

    fetches: Fetches
    origin: str
    """Ours, as a provider names whom it gave a document to."""
    clock: Callable[[], datetime]
    schemas: Schemas = RULES_ALONE

    def begin(self, provider: Provider, expected: Expected, language: str) -> Begun:
        """Open a fetch for one browser at one provider.

        Raises:
            TooManyFetches: there is no room for more.
        """
        now = self._now()
        self.fetches.expire(now)
        fid, browser, session = (secrets.token_urlsafe(RANDOM_BYTES) for _ in range(3))
        fetch = Fetch(fid, provider, expected, language, started=now, touched=now)
        self.fetches.add(fetch, _digest(session), _digest(browser))
        return Begun(fetch, browser, session)

    def find(self, fid: str, browser: str, bringer: str) -> Fetch:
        """The fetch as it stands now.

        Raises:
            NoSuchFetch: nothing by that id for this browser, or its time is up.
        """
        self.fetches.expire(self._now())
        found = self.fetches.find(fid, _digest(browser), _digest(bringer))
        if found is None:
            raise NoSuchFetch("There is nothing here any more. You can fetch the results again.")
        return found

    def receive(self, answer: Answer) -> tuple[Fetch, str]:
        """Take an answer in, once; returns the fetch and the secret of the browser that brought it.

        Raises:
            AnswerRefused: no fetch waits for it.
        """
        now = self._now()
        self.fetches.expire(now)
        fetch = self.fetches.take(_digest(answer.session_id))
        if fetch is None:
            raise AnswerRefused("We are not waiting for this answer. Start again.", "session")
        bringer = secrets.token_urlsafe(RANDOM_BYTES)
        after = self._after(fetch, answer, now)
        self.fetches.arrive(after, _digest(bringer))
        return after, bringer

    def decide(self, fetch: Fetch, *, is_the_person: bool) -> Fetch:
        """A person compared, and says whether these are the right results.

        Raises:
            WrongState: there is nothing to decide, or it was decided.
        """
        after = steps.decided(fetch, is_the_person=is_the_person)
        if not self.fetches.change(fetch, after):
            raise WrongState("This step was taken already.", fetch.state)
        return after

    def forget(self, fetch: Fetch) -> None:
        """Hold nothing of it any more."""
        self.fetches.forget(fetch.fid)

    def _after(self, fetch: Fetch, answer: Answer, now: datetime) -> Fetch:
        if answer.is_twice:
            return steps.answered(fetch, State.REFUSED, now, why="fields")
        if answer.code in ENDS:
            return steps.answered(fetch, ENDS[answer.code], now, message=answer.message)
        ours = judging.Asked(self.origin, _digest(answer.session_id))
        found = judging.judged(answer.elmo, fetch, ours, now, self.schemas)
        if found.received is None:
            return steps.answered(fetch, State.REFUSED, now, why=found.reason)
        if not self.fetches.is_new(found.digest, now):
            return steps.answered(fetch, State.REFUSED, now, why="seen-before")
        return steps.arrived(fetch, found.received, now)

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
