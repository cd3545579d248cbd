"""The simulator in a real browser: away as a client, through our pages, and back to what came."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page

from tests.commands import echt
from tests.journeys.conftest import Service, a_visit
from tests.journeys.emrex_holder import log_in, press, tick_all
from tests.looking import faults_of
from web.i18n import Language

pytestmark = [pytest.mark.journey, pytest.mark.judge]


def simulated(page: Page, address: str, lang: Language, fault: str, *, look: bool) -> list[str]:
    """A whole round; what is wrong with the pages of the client."""
    faults: list[str] = []
    page.goto(f"{address}/{lang}/emrex/simulator")
    faults += faults_of(page) if look else []
    page.select_option("#fault", value=fault)
    press(page)
    faults += faults_of(page) if look else []
    press(page)
    log_in(page, "nurse")
    tick_all(page, "record")
    press(page)
    tick_all(page, "yes")
    press(page)
    if not look:  # without a script
        press(page)
    page.wait_for_url(f"{address}/{lang}/emrex/simulator/return*")
    return faults + (faults_of(page) if look else [])


@pytest.mark.parametrize("lang", Language)
def test_a_person_is_a_client_and_sees_what_came_back(
    chromium: Browser, service: Service, lang: Language
) -> None:
    """emrex.md 4.26 and 6.8: axe finds nothing, and every page fits a telephone."""
    with a_visit(chromium, viewport={"width": 1280, "height": 900}) as visit:
        page = visit.new_page()
        assert simulated(page, service.address, lang, "", look=True) == []
        assert page.locator("[data-signature=valid]").count() == 1


def test_a_fault_is_found_without_a_script(chromium: Browser, service: Service) -> None:
    """emrex.md 4.26 and 4.56."""
    with a_visit(chromium, java_script_enabled=False) as visit:
        page = visit.new_page()
        simulated(page, service.address, Language.EN, "tampered", look=False)
        assert page.locator("[data-reason=changed]").count() == 1


def test_the_command_goes_through_a_whole_transfer(service: Service) -> None:
    """emrex.md 4.26: a client and its holder in one, by the certificate of the instance."""
    done = echt(service.home, "emrex", "simulate", "--url", service.address)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("NCP_OK  valid  0 findings\n")
