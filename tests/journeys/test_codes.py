"""Every verdict about a QR code on paper, in each language and width (4.1, 4.26, rows 5, 6, 12)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page

from tests.journeys.conftest import a_visit
from tests.journeys.scanning import Site, Statuses, scanning_site
from tests.looking import WIDTHS, axe_faults, too_wide_at
from tests.products import every_value
from verifier.texts import WORDS
from verifier.verdict import VerdictCode
from web.i18n import Language, translations

pytestmark = [pytest.mark.judge, pytest.mark.journey, pytest.mark.slow]

ANSWER = "[data-scanned-answer] [data-code]"
NUMBER = "K7QD-3MXF-9TRA"
LINES = 9
STATUSES = {VerdictCode.SUPERSEDED: "superseded", VerdictCode.WITHDRAWN: "withdrawn"}
SHOWN = {
    VerdictCode.QR_GENUINE_COMPARE: LINES,
    VerdictCode.GENUINE_STATUS_UNKNOWN: LINES,
    VerdictCode.SUPERSEDED: LINES,
    VerdictCode.WITHDRAWN: 0,
    VerdictCode.NOT_OURS: 0,
    VerdictCode.CANNOT_CHECK: 0,
}
"""How many lines of facts stand under each verdict."""
ROWS = every_value(list(SHOWN), list(Language), WIDTHS)


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with scanning_site(tmp_path_factory.mktemp("codes")) as site:
        yield site


@pytest.fixture(autouse=True)
def _fresh(site: Site) -> None:
    vars(site.statuses).update(vars(Statuses(known={NUMBER: "good"})))


def shown_on(page: Page) -> str | None:
    """The verdict on the page, when there is one."""
    page.wait_for_selector(ANSWER)
    return page.locator(ANSWER).get_attribute("data-code")


def opened(page: Page, site: Site, code: VerdictCode, language: Language) -> None:
    """Open the code of a paper of which this is true."""
    site.statuses.known = {NUMBER: STATUSES.get(code, "good")}
    if code is VerdictCode.GENUINE_STATUS_UNKNOWN:
        site.statuses.down = True
    if code is VerdictCode.CANNOT_CHECK:  # the list of keys on this computer is too old
        page.clock.set_fixed_time(datetime.now(UTC) + timedelta(days=91))
    text = site.code("hbo", language)
    changed = text[:-10] + ("A" if text[-10] != "A" else "B") + text[-9:]
    page.goto(site.link(changed if code is VerdictCode.NOT_OURS else text, f"/{language}/"))


@pytest.mark.parametrize(("code", "language", "width"), ROWS)
def test_each_verdict_about_a_code_is_told_in_each_language(
    chromium: Browser, site: Site, code: VerdictCode, language: Language, width: int
) -> None:
    """verifier.md 4.1 and 4.26 for a code on paper."""
    title = translations()[language].gettext(WORDS[code].title)
    with a_visit(chromium, viewport={"width": width, "height": 800}) as context:
        page = context.new_page()
        opened(page, site, code, language)

        assert shown_on(page) == code
        assert page.locator("html").get_attribute("lang") == language
        heading = page.locator("h1:visible").inner_text().lower()
        assert all(part.lower().rstrip(".") in heading for part in re.split("[.;] ", title))
        assert page.locator(".echt-tick:visible").count() == SHOWN[code]
        assert axe_faults(page) == []
        assert too_wide_at(page) == []
