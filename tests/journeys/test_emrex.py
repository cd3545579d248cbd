"""Results shared with a university abroad, in a browser: there, chosen, said yes to, and back.

emrex.md 4.26, 4.27.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, Route, expect

from tests.emrex.test_signed_documents import xmlsec_accepts
from tests.journeys.conftest import Service, a_visit
from tests.journeys.emrex_client import SESSION, University, university
from tests.journeys.emrex_holder import (
    HANDS_OVER,
    PRIMARY,
    Looking,
    arrive,
    choose_everything,
    choose_nothing,
    hand_over,
    held,
    log_in,
    press,
    say_yes,
    take_back,
    tick_all,
    to_the_choice,
    to_the_preview,
    unseen,
)
from tests.products import every_value
from web.i18n import Language

pytestmark = [pytest.mark.judge, pytest.mark.journey, pytest.mark.slow]

WIDTHS = (390, 320, 1280)


@pytest.fixture(name="abroad")
def _abroad(service: Service) -> Iterator[University]:
    with university(service.address) as found:
        yield found


def accepted_by_the_university(abroad: University, service: Service, folder: Path) -> bool:
    """As a careful client does: the certificate from where it is published, not from inside."""
    told = abroad.told
    assert list(told) == ["sessionId", "returnCode", "returnMessage", "elmo"]
    assert (told["sessionId"], told["returnCode"]) == (SESSION, "NCP_OK")
    certificate = folder / "certificates.pem"
    certificate.write_bytes(httpx2.get(f"{service.address}/emrex/certificates.pem").content)
    bent = abroad.document.replace(b"<status>passed", b"<status>failed", 1)
    assert not xmlsec_accepts(bent, certificate, folder)
    return xmlsec_accepts(abroad.document, certificate, folder)


@pytest.mark.parametrize(
    ("lang", "width", "script"),
    [
        *((*row, True) for row in every_value(list(Language), WIDTHS)),
        *((*row, False) for row in every_value(list(Language), WIDTHS[::-1])),
    ],
)
def test_results_go_to_a_university_abroad(
    chromium: Browser,
    service: Service,
    abroad: University,
    tmp_path: Path,
    lang: str,
    width: int,
    script: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """emrex.md 4.22, 4.23, 4.26, 4.28, 4.33, 4.55."""
    window = {"width": width, "height": 844}
    with a_visit(chromium, viewport=window, java_script_enabled=script) as visit:
        page = visit.new_page()
        look = Looking(page, script=script)
        to_the_choice(page, abroad, lang, look)
        choose_nothing(page, look)
        choose_everything(page)
        look("preview")
        hand_over(page, abroad, look)
        assert accepted_by_the_university(abroad, service, tmp_path)
        take_back(page, service, lang, look)
    assert look.faults == {}


def test_with_a_script_the_answer_goes_by_itself(chromium: Browser, abroad: University) -> None:
    """And going back shows that it went, and sends nothing again (emrex.md 4.27)."""
    with a_visit(chromium) as visit:
        page = visit.new_page()
        to_the_preview(page, abroad, "en")
        tick_all(page, "yes")
        page.locator(PRIMARY).first.click()
        page.wait_for_url(f"{abroad.base}/back?*")
        look = Looking(page, script=True)
        page.go_back()
        assert page.locator("main a[href$='/emrex/receipts']").is_visible()
        look("back")
    assert len(abroad.answers) == 1
    assert look.faults == {}


@pytest.mark.parametrize(("lang", "width"), every_value(list(Language), WIDTHS))
def test_who_stops_goes_back_with_nothing(
    chromium: Browser, abroad: University, lang: str, width: int
) -> None:
    """emrex.md 4.29, 3.2: the client hears it, and no document goes."""
    with a_visit(chromium, viewport={"width": width, "height": 844}) as visit:
        page = visit.new_page()
        look = Looking(page, script=True)
        to_the_preview(page, abroad, lang)
        page.route(HANDS_OVER, held)
        press(page, "form[action$='/stop'] button")
        look("stopped")
        press(page)
    assert abroad.told["returnCode"] == "NCP_CANCEL"
    assert "elmo" not in abroad.told
    assert look.faults == {}


@pytest.mark.parametrize(("lang", "width"), every_value(list(Language), WIDTHS))
def test_who_has_nothing_to_share_goes_back_with_that(
    chromium: Browser, abroad: University, lang: str, width: int
) -> None:
    """emrex.md 4.15, 4.21: the one diploma of this person was withdrawn."""
    with a_visit(chromium, viewport={"width": width, "height": 844}) as visit:
        page = visit.new_page()
        look = Looking(page, script=True)
        page.route(HANDS_OVER, held)
        arrive(page, abroad, lang)
        log_in(page, "withdrawn")
        look("no results")
        press(page)
    assert abroad.told["returnCode"] == "NCP_NO_RESULTS"
    assert "elmo" not in abroad.told
    assert look.faults == {}


@pytest.mark.parametrize(("lang", "width"), every_value(list(Language), WIDTHS))
def test_who_comes_back_after_an_hour_reads_that_nothing_was_sent(
    chromium: Browser, service: Service, abroad: University, lang: str, width: int
) -> None:
    """emrex.md 3.2, 4.25, 4.26: the browser went away with the yes, and its cookie stayed."""
    with a_visit(chromium, viewport={"width": width, "height": 844}) as visit:
        page = visit.new_page()
        look = Looking(page, script=True)
        to_the_preview(page, abroad, lang)
        address = page.url
        page.route("**/consent", gone)
        say_yes(page)
        an_hour_later(service, address.rpartition("/")[2])
        late = page.goto(address)
        assert late
        assert late.status == 410
        look("late")
        page.goto(f"{service.address}/{lang}/emrex/receipts")
        look("never fetched")
    assert abroad.answers == []
    assert look.faults == {}


def gone(route: Route) -> None:
    """The yes arrives, and the browser does not follow the answer."""
    as_sent = route.request.all_headers() | {"sec-fetch-site": "same-origin"}
    assert route.fetch(headers=as_sent, max_redirects=0).status == 303
    route.fulfill(body="gone", content_type="text/plain")


def an_hour_later(service: Service, tid: str) -> None:
    """For one transfer, whose yes lies so long ago then; its receipt says when it was."""
    with closing(sqlite3.connect(service.home / "echt.db")) as database, database:
        for column, table in (("touched", "emrex_transfer"), ("signed_at", "emrex_receipt")):
            aged = f"UPDATE {table} SET {column} = {column} - 3700 WHERE tid = ?"  # noqa: S608
            assert database.execute(aged, (tid,)).rowcount == 1


def test_a_script_says_that_the_time_is_nearly_over_and_keeps_what_was_ticked(
    chromium: Browser, abroad: University
) -> None:
    """emrex.md 3.2; WCAG 2.2.1: eight minutes of doing nothing, and more time by keyboard."""
    with a_visit(chromium) as visit:
        page = visit.new_page()
        page.clock.install()
        to_the_preview(page, abroad, "en")
        page.locator("input[value=send]").check()
        said = page.locator("[data-clock] [role=status]")
        assert said.inner_text() == ""
        page.clock.fast_forward("08:30")
        assert "Less than two minutes left." in said.inner_text()
        look = Looking(page, script=True)
        look("nearly over")
        page.locator("[data-clock] button").press("Enter")
        expect(said).to_have_text("")
        assert page.locator("input[value=send]").is_checked()
        assert page.evaluate("document.activeElement.closest('[data-clock]') !== null")
        look("more time")
    assert look.faults == {}


def test_two_tabs_are_two_transfers(chromium: Browser, abroad: University) -> None:
    """emrex.md 4.11: one is stopped, and the other goes on with what was chosen in it.

    Each has a login of its own, so a form of before the second login is opened once more.
    """
    with a_visit(chromium, java_script_enabled=False) as visit:
        first, second = visit.new_page(), visit.new_page()
        for page in (first, second):
            to_the_preview(page, abroad, "en")
        press(second, "form[action$='/stop'] button")
        press(second)
        say_yes(first)
        assert first.locator("h1").inner_text() == "This form is no longer valid"
        first.go_back()
        say_yes(first)
        press(first)
    codes = [dict(answer)["returnCode"] for answer in abroad.answers]
    assert codes == ["NCP_CANCEL", "NCP_OK"]


def test_a_second_tab_of_one_transfer_sends_nothing_twice(
    chromium: Browser, abroad: University
) -> None:
    """emrex.md 4.27: a yes in a copy of the page shows that it went."""
    with a_visit(chromium) as visit:
        page, copy = visit.new_page(), visit.new_page()
        to_the_preview(page, abroad, "en")
        copy.goto(page.url)
        say_yes(page)
        page.wait_for_url(f"{abroad.base}/back?*")
        say_yes(copy)
        assert copy.locator("[data-handover]").count() == 0
        look = Looking(copy, script=True)
        look("sent")
    assert len(abroad.answers) == 1
    assert look.faults == {}


@pytest.mark.parametrize(("lang", "width"), every_value(list(Language), WIDTHS))
def test_the_validator_tells_a_good_file_from_a_broken_one(
    chromium: Browser, service: Service, abroad: University, tmp_path: Path, lang: str, width: int
) -> None:
    """emrex.md 3.1: a developer checks what came, and a copy with one word changed."""
    good, broken = tmp_path / "good.xml", tmp_path / "broken.xml"
    with a_visit(chromium, viewport={"width": width, "height": 844}) as visit:
        page = visit.new_page()
        look = Looking(page, script=True)
        to_the_preview(page, abroad, lang)
        hand_over(page, abroad, unseen)
        good.write_bytes(abroad.document)
        broken.write_bytes(abroad.document.replace(b"<status>passed", b"<status>excellent", 1))
        page.goto(f"{service.address}/{lang}/emrex/validate")
        look("empty")
        press(page)
        look("no file")
        for file, verdict in ((good, "valid"), (broken, "invalid")):
            page.set_input_files("#file", str(file))
            press(page)
            assert page.locator("[data-signature]").get_attribute("data-signature") == verdict
            look(file.stem)
    assert look.faults == {}
