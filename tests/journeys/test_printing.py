"""A print of an answer is a clean record of the check, whichever road the answer took.

verifier.md 3.1 and 3.9; issue "The verifier", point 11.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.answering import Answering, answering_site, check_file
from tests.journeys.conftest import a_visit

pytestmark = [pytest.mark.judge, pytest.mark.journey, pytest.mark.slow]

NAME = "diploma of <b>somebody.pdf"
ROADS = ("no script", "fingerprint", "record", "sent")
CHECKED = {
    "en": r"\d{1,2} \w+ \d{4} at \d\d:\d\d",
    "nl": r"\d{1,2} \w+ \d{4} om \d\d\.\d\d uur",
    "de": r"\d{1,2}\. \w+ \d{4} um \d\d:\d\d Uhr",
}


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answering]:
    with answering_site(tmp_path_factory.mktemp("printing")) as site:
        yield site


def take(road: str, page: Page, file: Path) -> None:
    """Come to an answer by this road."""
    check_file(page, file)
    if road == "record":
        page.locator("[data-record]").click()
        page.locator(".echt-result .echt-verdict").wait_for()
    if road == "sent":
        page.locator("[data-send]").click()
        page.locator(".echt-verdict").wait_for()


@pytest.mark.parametrize("language", list(CHECKED))
@pytest.mark.parametrize("road", ROADS)
def test_a_print_holds_the_answer_and_nothing_of_the_question(
    chromium: Browser, site: Answering, tmp_path: Path, road: str, language: str
) -> None:
    data = site.made.sealed + b" " if road == "sent" else site.made.sealed
    file = tmp_path / NAME
    file.write_bytes(data)
    with a_visit(chromium, java_script_enabled=road != "no script") as context:
        page = context.new_page()
        page.goto(f"{site.address}/{language}/verify")
        page.set_default_timeout(20_000)
        asked = page.locator("main h1, main h2").all_inner_texts()
        take(road, page, file)
        page.emulate_media(media="print")

        printed = page.locator("body").inner_text()
        assert NAME in printed
        assert hashlib.sha256(data).hexdigest() in printed
        assert "echt.voorbeeld.nl" in printed
        assert re.search(CHECKED[language], printed)
        assert page.locator(".echt-checks:visible > li").count() >= 3
        assert page.locator("form:visible, input:visible, button:visible, nav:visible").count() == 0
        assert page.locator("h1:visible").count() <= 1
        assert page.locator(".echt-verdict:visible").count() == 1
        assert page.locator(".echt-expert dd").first.bounding_box() is not None
        assert [one for one in asked if one in printed] == []


def test_a_page_without_an_answer_prints_no_place_for_a_file(
    chromium: Browser, site: Answering
) -> None:
    with a_visit(chromium) as context:
        page = context.new_page()
        page.goto(f"{site.address}/en/verify")
        page.emulate_media(media="print")

        assert page.locator("form:visible, input:visible, button:visible").count() == 0
