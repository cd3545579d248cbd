"""Results fetched from a provider on another site, in a browser: there, back, compared, shown.

The service stands under its address in numbers, the provider under `localhost`. For a browser
these are two sites, so the cookies that are and are not sent are the real ones.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from lxml import html
from lxml.html import builder
from playwright.sync_api import Browser, Page

from emrex.registry.entry import pem
from emrex.registry.fetching import Marks
from emrex.registry.keeping import Shelf, Snapshot
from keys import hierarchy
from registries import FOLDER
from tests.emrex.abroad import Abroad
from tests.journeys.conftest import REGISTRY, Service, a_visit
from tests.looking import axe_faults, too_wide_at
from web.i18n import Language, translations

pytestmark = [pytest.mark.judge, pytest.mark.journey, pytest.mark.slow]

Look = Callable[[Page, str], None]


def answering(abroad: Abroad) -> type[BaseHTTPRequestHandler]:
    """A provider where everybody is Ola and says yes: one page, with the form back."""

    class Provider(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            asked = parse_qs(self.rfile.read(length).decode("ascii"))
            told = {
                "sessionId": asked["sessionId"][0],
                "returnCode": "NCP_OK",
                "returnMessage": "",
                "elmo": abroad.elmo(datetime.now(UTC)),
            }
            hidden = [builder.INPUT(type="hidden", name=one, value=told[one]) for one in told]
            form = builder.FORM(
                *hidden, builder.BUTTON("Yes"), action=asked["returnUrl"][0], method="post"
            )
            page = html.tostring(builder.HTML(builder.BODY(form)), doctype="<!doctype html>")
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Provider


@pytest.fixture(name="client", scope="module")
def _client(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service, with a provider on another site in its registry."""
    with listed(service, tmp_path_factory.mktemp("abroad")):
        yield service


class listed:  # noqa: N801 - used as a word
    """A provider at work, in the registry of a service, until the end of the block."""

    def __init__(self, service: Service, folder: Path) -> None:
        now = datetime.now(UTC)
        hierarchy.make(folder, now=now)
        signer = hierarchy.open_signer(folder, "emrex", clock=lambda: now)
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
        url = f"http://localhost:{self._server.server_port}/emrex/init"
        abroad = Abroad(signer, url=url)
        self._server.RequestHandlerClass = answering(abroad)
        told = Snapshot(REGISTRY, registry_of(abroad).encode(), Marks(), now)
        Shelf(service.home / FOLDER).keep(told)

    def __enter__(self) -> None:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def registry_of(abroad: Abroad) -> str:
    """As EMREG lists one provider."""
    emp = {
        "acronym": abroad.name,
        "countryCode": "NO",
        "institutions": ["All"],
        "url": abroad.url,
        "pubKey": pem(abroad.provider.certificates).decode(),
    }
    countries = [{"countryCode": "NO", "countryName": "Norway", "singleFetch": False}]
    return json.dumps({"countries": countries, "emps": [emp]})


def fetched(page: Page, address: str, lang: Language, look: Look) -> None:
    """The whole way of somebody who expects another name than comes."""

    def go_on() -> None:
        with page.expect_navigation():
            page.locator("main .utrecht-button--primary-action").first.click()

    page.goto(f"{address}/{lang}/emrex/client")
    look(page, "start")
    page.select_option("#provider", label="University of the North")
    go_on()
    look(page, "missing")
    page.fill("#name", "Kari Nordmann")
    page.fill("#born", "1999-12-31")
    go_on()
    look(page, "go")
    go_on()
    assert page.url.startswith("http://localhost:")
    with page.expect_navigation():
        page.click("button")
    page.wait_for_url(f"{address}/{lang}/emrex/client/*")
    look(page, "compare")
    page.check("input[value=same]")
    go_on()
    look(page, "undecided")
    page.check("input[value=same]")
    page.check("input[value=yes]")
    go_on()
    look(page, "results")


@pytest.mark.parametrize("lang", Language)
def test_results_are_fetched_and_a_person_decides(
    chromium: Browser, client: Service, lang: Language
) -> None:
    """emrex.md 3.7 (SameSite), 4.26, 4.78."""
    faults: dict[str, list[str]] = {}

    def look(page: Page, name: str) -> None:
        faults[name] = axe_faults(page) + [f"too wide at {one}" for one in too_wide_at(page)]

    with a_visit(chromium, viewport={"width": 1280, "height": 900}) as visit:
        page = visit.new_page()
        fetched(page, client.address, lang, look)
        assert page.locator("[data-signature=valid]").count() == 1
    assert {name: found for name, found in faults.items() if found} == {}


def test_it_works_without_a_script(chromium: Browser, client: Service) -> None:
    """emrex.md 4.26."""
    with a_visit(chromium, java_script_enabled=False) as visit:
        page = visit.new_page()
        fetched(page, client.address, Language.EN, lambda _page, _name: None)
        told = translations()[Language.EN].gettext("Signed by the provider")
        assert page.locator("h1").inner_text() == told
        with page.expect_navigation():
            page.locator("form[action$=forget] button").click()
        assert page.url.endswith("/en/emrex/client")
