"""Our database is away in the middle of a transfer: the client still gets its answer."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx2 import Response
from joserfc.jwk import ECKey
from lxml import html
from starlette.testclient import TestClient
from structlog.testing import capture_logs

import serving
from checking import online_verifier
from emrex.exchange.answering import MESSAGES
from emrex.exchange.request import INIT
from emrex.exchange.states import ReturnCode
from emrex.exchange.wayback import LIVES, MAX_SEALED, Way, Ways
from emrex.simulating import Simulation, boxes, form_of
from register.synthetic.personas import PERSONAS
from settings import Emrex2Settings
from tests.emrex.two.outside import Emc
from tests.house import HERE, furnish
from verifier.sandbox import Sandbox
from web.i18n import Language, translations, translator
from wiring import Instance

URL = "http://127.0.0.1:8000"
RETURN = "https://emc.example.edu/back?a=1&b=2"
EMC = Emc("emc", "https://emc.example.no/back", ECKey.generate_key("P-256"))
NOW = datetime(2026, 11, 21, 13, tzinfo=UTC)
PATIENCE = 8.0
"""Seconds within which the holder has the way back: five (emrex.md 4.36), and a busy machine."""


@dataclass
class Site:
    """The whole site over a database that can be taken away and brought back."""

    instance: Instance
    client: TestClient

    @contextmanager
    def away(self) -> Iterator[None]:
        """Nothing can be read or written: where the database was is a folder."""
        there = self.instance.settings.home / "echt.db"
        kept = there.with_name("kept.db")
        self.instance.engine.dispose()
        there.rename(kept)
        there.mkdir()
        try:
            yield
        finally:
            self.instance.engine.dispose()
            there.rmdir()
            kept.rename(there)

    def walk(self) -> Simulation:
        self.client.cookies.clear()
        return Simulation(self.client, "", lambda: datetime.now(UTC), return_url=RETURN)


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    furnished = furnish(tmp_path_factory.mktemp("away"))
    furnished.close()
    clients = furnished.settings.home / "clients.json"
    clients.write_text(json.dumps([EMC.entry]))
    two = Emrex2Settings(clients_file=clients)
    instance = Instance(furnished.settings.model_copy(update={"emrex2": two}))
    with Sandbox(size=1) as room:
        site = serving.whole_site(instance, online_verifier(instance, room))
        headers = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "en"}
        with TestClient(
            site, base_url=URL, headers=headers, raise_server_exceptions=False, client=HERE
        ) as client:
            EMC.site = client
            yield Site(instance, client)
    instance.close()


def arriving(walk: Simulation) -> Response:
    return walk.begin()


def choosing(walk: Simulation) -> Response:
    return walk.send(walk.begin(), "/login", choice="vwo")


def preview(walk: Simulation) -> Response:
    page = choosing(walk)
    return walk.send(page, "/selection", **boxes(page.text, "/selection"))


STEPS: dict[str, tuple[Callable[[Simulation], Response], str]] = {
    "login": (arriving, "/login"),
    "selection": (choosing, "/selection"),
    "again": (preview, "/again"),
    "consent": (preview, "/consent"),
    "stop": (preview, "/stop"),
}


def told(page: Response) -> dict[str, str]:
    """The fields that the browser takes to the client."""
    return dict(form_of(page.text, RETURN).fields)


def is_the_answer(page: Response, session_id: str) -> None:
    assert page.status_code == 503
    assert told(page) == {
        "sessionId": session_id,
        "returnCode": "NCP_ERROR",
        "returnMessage": MESSAGES[ReturnCode.ERROR],
    }
    assert page.text.count("<form") == 1
    assert "<script" not in page.text
    assert re.search(r'<button[^>]*type="submit"', page.text)
    assert "form-action https://emc.example.edu;" in page.headers["content-security-policy"]
    assert page.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("step", STEPS)
def test_the_database_is_away_before_any_step_and_the_client_hears_of_it(
    site: Site, step: str
) -> None:
    """emrex.md 4.36, 4.33, 5: by a form that works without a script, within five seconds."""
    walk = site.walk()
    reached, action = STEPS[step]
    page = reached(walk)
    with site.away():
        start = time.monotonic()
        with capture_logs() as lines:
            answer = walk.send(page, action, **boxes(page.text, action))
        took = time.monotonic() - start

    is_the_answer(answer, walk.session_id)
    assert took < PATIENCE
    (fault,) = [line for line in lines if line["event"] == "fault"]
    assert fault["kind"] in {"sessions-unavailable", "storage-unavailable"}
    for persona in PERSONAS:
        assert persona.person_id not in answer.text + str(lines)


@pytest.mark.parametrize("lang", list(Language))
def test_the_page_is_in_the_language_of_the_holder(site: Site, lang: Language) -> None:
    """emrex.md 4.36, for every page that only looks."""
    walk = site.walk()
    path = f"/{lang}/emrex/t/" + str(walk.begin().url).rpartition("/")[2]
    with site.away():
        answer = site.client.get(path)

    is_the_answer(answer, walk.session_id)
    assert translator(translations(), lang)("We cannot go on right now") in answer.text


def test_what_was_answered_once_is_not_answered_otherwise_when_the_database_is_back(
    site: Site,
) -> None:
    """emrex.md 3.2, issue 5: exactly one answer, also from a page of before."""
    walk = site.walk()
    page = preview(walk)
    with site.away():
        is_the_answer(walk.send(page, "/consent"), walk.session_id)

    is_the_answer(site.client.get(page.url.path), walk.session_id)
    is_the_answer(walk.send(page, "/consent", **boxes(page.text, "/consent")), walk.session_id)
    another = site.walk()
    assert another.judged(another.send(preview(another), "/stop"), ()).code == "NCP_CANCEL"


def test_results_that_are_on_their_way_are_not_called_an_error(site: Site) -> None:
    """emrex.md 4.34, 4.36: the page with the answer was shown, so there is no other."""
    walk = site.walk()
    page = preview(walk)
    done = walk.send(page, "/consent", **boxes(page.text, "/consent"))
    assert told(done)["returnCode"] == "NCP_OK"
    with site.away():
        again = site.client.get(page.url.path)

    assert again.status_code == 503
    assert "data-handover" not in again.text


def test_a_database_that_goes_away_while_somebody_logs_in_is_told_too(site: Site) -> None:
    """emrex.md 4.14, 4.36: the way back from the login service leads to the transfer."""
    walk = site.walk()
    form = form_of(walk.begin().text, "/login")
    sent = {**form.fields, "choice": "vwo"}
    away = site.client.post(form.action, data=sent, follow_redirects=False).headers["location"]
    with site.away():
        answer = site.client.get(away)

    is_the_answer(answer, walk.session_id)


def test_a_transfer_that_cannot_begin_is_answered_too(site: Site) -> None:
    """emrex.md 4.36, in the language that the client asked for."""
    form = {"sessionId": "a+/=&<\"é'b", "returnUrl": RETURN, "lang": "de"}
    with site.away():
        answer = site.client.post(INIT, data=form, headers={"Sec-Fetch-Site": "cross-site"})

    is_the_answer(answer, form["sessionId"])
    assert 'lang="de"' in answer.text


def is_server_error(address: str) -> None:
    """RFC 6749 4.1.2.1, with the state that the client knows it by."""
    asked = parse_qs(urlsplit(address).query)
    assert address.startswith(EMC.redirect_uri + "?")
    assert (asked["error"], asked["state"]) == (["server_error"], [EMC.state])
    assert "code" not in asked


@pytest.mark.parametrize("state", [EMC.state, '"' * 1000])
def test_a_client_of_the_other_protocol_hears_of_it_as_that_protocol_says(
    site: Site, state: str
) -> None:
    """emrex.md 4.36 for EMREX 2.0: before the transfer began, and on its way."""
    EMC.state = state
    walk = site.walk()
    page = walk.send(site.client.get(EMC.address()), "/login", choice="vwo")
    with site.away():
        refused = site.client.get(EMC.address(), follow_redirects=False)
        answer = walk.send(page, "/selection", **boxes(page.text, "/selection"))

    assert refused.status_code == 303
    is_server_error(refused.headers["location"])
    assert answer.status_code == 503
    (back,) = html.document_fromstring(answer.text).xpath("//*[@data-handover]//a/@href")
    is_server_error(str(back))


def test_a_browser_that_began_nothing_is_led_nowhere(site: Site) -> None:
    """emrex.md 4.12, 3.7: nor is one whose cookie we did not seal, or sealed for another."""
    walk = site.walk()
    path = str(walk.begin().url).removeprefix(URL)
    (name,) = [one for one in site.client.cookies if "transfer" in one]
    mine = str(site.client.cookies[name])
    secret, content, seal = mine.split(".")
    elsewhere = Ways(b"x" * 32).sealed(path.rpartition("/")[2], Way("https://evil.example"), NOW)
    forged = ["", secret, f"{secret}.{content}.", f"{secret}.{content}.{seal[::-1]}",
              f"{secret}.{elsewhere}", "....", f".{content}x.{seal}"]  # fmt: skip
    with site.away():
        site.client.cookies.clear()
        assert site.client.get(path).status_code == 503
        for value in forged:
            answer = site.client.get(path, headers={"Cookie": f"{name}={value}"})
            assert answer.status_code == 503
            assert "data-handover" not in answer.text
        other = path[:-1] + ("A" if path[-1] != "A" else "B")
        stolen = site.client.get(other, headers={"Cookie": f"{name}={mine}"})
        assert "data-handover" not in stolen.text


@pytest.mark.parametrize(
    "way",
    [
        Way("https://emc.example.edu/"),
        Way("https://emc.example.edu/" + "a" * 1_900, "é" * 255),
        Way("https://emc.example.edu/", "a+/=&<\"é'b"),
    ],
)
def test_a_way_comes_back_as_it_was_for_its_own_transfer_and_a_day(way: Way) -> None:
    """emrex.md 4.4: byte for byte."""
    ways = Ways(b"k" * 32)
    sealed = ways.sealed("t1", way, NOW)

    assert 0 < len(sealed) <= MAX_SEALED
    assert ways.opened("t1", sealed, NOW + LIVES) == way
    assert ways.opened("t1", sealed, NOW + LIVES + timedelta(seconds=1)) is None
    assert ways.opened("t2", sealed, NOW) is None
    assert Ways(b"l" * 32).opened("t1", sealed, NOW) is None
    assert "k" * 32 not in repr(ways)
