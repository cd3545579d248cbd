"""How long a holder has: the pages say it, warn, and give more where the rule lets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from httpx2 import Response
from starlette.testclient import TestClient

import serving
from checking import online_verifier
from emrex.errors import WrongState
from emrex.exchange.request import request_of
from emrex.exchange.states import State
from emrex.exchange.transaction import (
    IDLE,
    LONG,
    SOON,
    TOTAL,
    begun,
    ended,
    given_time,
    is_overdue,
    time_left,
)
from emrex.simulating import Simulation, boxes
from keys.hierarchy import utc_now
from tests.emrex.conftest import NOW
from tests.house import HERE
from verifier.sandbox import Sandbox
from web.i18n import Language, translations, translator
from wiring import Instance

SECOND = timedelta(seconds=1)
ONE = begun("t", request_of([("sessionId", "s"), ("returnUrl", "https://emc.example.edu/")]), NOW)
UNTIL = (
    "You have until %(moment)s. Then this stops, nothing is sent, and you start again at the "
    "university."
)
NEARLY = "Less than two minutes left. Then this stops, and nothing is sent."
CLIENTS = (
    "Universities often wait no longer than 15 minutes in all. Finish soon, or start again there."
)


@pytest.mark.parametrize("after", [timedelta(0), IDLE - SOON - SECOND, IDLE - SOON, IDLE])
def test_what_is_left_is_told_and_when_it_is_nearly_over(after: timedelta) -> None:
    """emrex.md 3.2."""
    left = time_left(ONE, NOW + after)

    assert left.ends == NOW + IDLE
    assert left.seconds == (IDLE - after).total_seconds()
    assert left.is_soon is (after >= IDLE - SOON)
    assert (left.is_long, left.can_extend) == (False, True)


def test_more_time_begins_the_idle_time_again_and_the_whole_stays() -> None:
    """emrex.md 3.2: total 30, whatever is asked for; a warning at 12."""
    one, now = ONE, NOW
    while time_left(one, now).can_extend:
        now += IDLE - SECOND
        one = given_time(one, now)

    assert time_left(one, now).ends == NOW + TOTAL
    assert not is_overdue(one, NOW + TOTAL)
    assert is_overdue(one, NOW + TOTAL + SECOND)
    assert [time_left(ONE, NOW + at).is_long for at in (LONG - SECOND, LONG)] == [False, True]
    with pytest.raises(WrongState, match="The time for this transfer is over"):
        given_time(one, NOW + TOTAL + SECOND)


def test_what_is_over_gets_no_more_time() -> None:
    """emrex.md 3.2, 4.35."""
    with pytest.raises(WrongState):
        given_time(ONE, NOW + IDLE + SECOND)
    with pytest.raises(WrongState):
        given_time(ended(ONE, State.CANCELLED, NOW), NOW)


class Later:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.later = timedelta()

    def __call__(self) -> object:
        return utc_now() + self.later


@pytest.fixture(name="later")
def _later() -> Later:
    return Later()


@pytest.fixture(name="client")
def _client(house: Instance, later: Later) -> Iterator[TestClient]:
    instance = Instance(house.settings, clock=later)  # type: ignore[arg-type]  # a clock with a hand
    with Sandbox(size=1) as room:
        site = serving.whole_site(instance, online_verifier(instance, room))
        headers = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "en"}
        with TestClient(
            site,
            base_url="http://127.0.0.1:8000",
            headers=headers,
            raise_server_exceptions=False,
            client=HERE,
        ) as client:
            yield client
    instance.close()


@pytest.mark.parametrize("lang", list(Language))
def test_every_page_of_a_transfer_says_until_when_without_a_script(
    client: TestClient, later: Later, lang: Language
) -> None:
    """emrex.md 3.2, 4.26; WCAG 2.2.1: in three languages, with a button for more."""
    say = translator(translations(), lang)
    walk = Simulation(client, "", utc_now)
    start = walk.begin(lang=lang)
    choosing = walk.send(start, "/login", choice="vwo")
    preview = walk.send(choosing, "/selection", **boxes(choosing.text, "/selection"))
    for page in (start, choosing, preview):
        assert says_until(page, say(UNTIL).partition("%")[0])
        assert say("I need more time") in page.text
        assert say(NEARLY) not in told(page)
    later.later = IDLE - SOON + SECOND
    nearly = client.get(preview.url.path)
    assert say(NEARLY) in told(nearly)

    more = walk.send(nearly, "/more-time")
    assert more.url.path == preview.url.path
    assert say(NEARLY) not in told(more)
    ends = re.search('data-left="([0-9]+)"', more.text)
    assert ends
    assert IDLE.total_seconds() - 60 < int(ends[1]) <= IDLE.total_seconds()
    later.later = LONG + SECOND
    assert say(CLIENTS) in client.get(preview.url.path).text


def test_when_the_whole_is_over_no_more_time_is_offered(client: TestClient, later: Later) -> None:
    """emrex.md 3.2, 4.35: and a form of before gets the answer of a transfer that expired."""
    walk = Simulation(client, "", utc_now)
    page = walk.begin()
    for minutes in (9, 18, 21):
        later.later = timedelta(minutes=minutes)
        page = walk.send(page, "/more-time")
    assert "I need more time" not in page.text
    assert UNTIL.partition("%")[0] in page.text
    later.later = TOTAL + SECOND * 5

    late = client.get(page.url.path)

    assert walk.judged(late, ()).code == "NCP_ERROR"


def says_until(page: Response, words: str) -> bool:
    return words in page.text and "data-clock" in page.text


def told(page: Response) -> str:
    """What the page says where it can say more later: the live region."""
    return page.text.partition('role="status">')[2].partition("</p>")[0]
