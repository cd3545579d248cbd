"""Results fetched from a provider on another site, in a browser: there, back, compared, shown.

The service stands under its address in numbers, the provider under `localhost`. For a browser
these are two sites, so the cookies that are and are not sent are the real ones.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, Page

from emrex.registry.fetching import Marks
from emrex.registry.keeping import Shelf, Snapshot
from keys import hierarchy
from registries import FOLDER
from tests.commands import free_port
from tests.emrex.abroad import Abroad
from tests.emrex.registries import emreg
from tests.journeys.conftest import REGISTRY, Service, a_visit
from tests.journeys.emrex_client import form_page
from tests.journeys.emrex_holder import press
from tests.listening import answering, show
from tests.looking import faults_of
from web.i18n import Language, translations

pytestmark = [pytest.mark.judge, pytest.mark.journey, pytest.mark.slow]

Look = Callable[[Page, str], None]


def provider(abroad: Abroad) -> type[BaseHTTPRequestHandler]:
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
            show(self, form_page(asked["returnUrl"][0], told, "Yes"))

    return Provider


@pytest.fixture(name="client", scope="module")
def _client(service: Service, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service, with a provider on another site in its registry."""
    folder, now, port = tmp_path_factory.mktemp("abroad"), datetime.now(UTC), free_port()
    hierarchy.make(folder, now=now)
    signer = hierarchy.open_signer(folder, "emrex", clock=lambda: now)
    abroad = Abroad(signer, url=f"http://localhost:{port}/emrex/init")
    listed = emreg((abroad.url, abroad.provider.certificates), name=abroad.name)
    Shelf(service.home / FOLDER).keep(Snapshot(REGISTRY, listed, Marks(), now))
    with answering(provider(abroad), port):
        yield service


def fetched(page: Page, address: str, lang: Language, look: Look) -> None:
    """The whole way of somebody who expects another name than comes."""
    page.goto(f"{address}/{lang}/emrex/client")
    look(page, "start")
    page.select_option("#provider", label="University of the North")
    press(page)
    look(page, "missing")
    page.fill("#name", "Kari Nordmann")
    page.fill("#born", "1999-12-31")
    press(page)
    look(page, "go")
    press(page)
    assert page.url.startswith("http://localhost:")
    press(page, "button")
    page.wait_for_url(f"{address}/{lang}/emrex/client/*")
    look(page, "compare")
    page.check("input[value=same]")
    press(page)
    look(page, "undecided")
    page.check("input[value=same]")
    page.check("input[value=yes]")
    press(page)
    look(page, "results")


@pytest.mark.parametrize("lang", Language)
def test_results_are_fetched_and_a_person_decides(
    chromium: Browser, client: Service, lang: Language
) -> None:
    """emrex.md 3.7 (SameSite), 4.26, 4.78."""
    faults: dict[str, list[str]] = {}

    def look(page: Page, name: str) -> None:
        faults[name] = faults_of(page)

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
        press(page, "form[action$=forget] button")
        assert page.url.endswith("/en/emrex/client")
