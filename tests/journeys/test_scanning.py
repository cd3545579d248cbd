"""Scanning the QR code of a paper in a real browser: what it says, what it asks, what it keeps.

verifier.md 3.4, 3.7, rows 5, 6, 9, 20; portal.md 3.11 and journey B.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import zxingcpp
from playwright.sync_api import Browser, BrowserContext, Page, Request

from tests.journeys.conftest import a_visit, kept_in
from tests.journeys.scanning import BITS, STALE, Site, Statuses, scanning_site
from tests.journeys.test_main_job import judged_by_axe
from tests.products import every_value

pytestmark = [pytest.mark.judge, pytest.mark.journey, pytest.mark.slow]

ANSWER = "[data-scanned-answer] [data-code]"
NUMBER = "K7QD-3MXF-9TRA"
PATIENCE_SECONDS = 120
GENUINE = {
    "nl": ("QR-code is echt", "14 mei 2001"),
    "en": ("QR code is genuine", "14 May 2001"),
    "de": ("QR-Code ist echt", "14. Mai 2001"),
}
MOMENT = {
    "nl": r" \d{4} om \d\d\.\d\d uur, ",
    "en": r" \d{4} at \d\d:\d\d, ",
    "de": r" \d{4} um \d\d:\d\d Uhr, ",
}
"""As the pages of the server spell a moment (`web/i18n.py`)."""


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with scanning_site(tmp_path_factory.mktemp("scanning")) as site:
        yield site


@pytest.fixture(autouse=True)
def _fresh(site: Site) -> None:
    """Every test begins with a register that is up and knows one good paper."""
    vars(site.statuses).update(vars(Statuses(known={NUMBER: "good"})))


@pytest.fixture(name="context")
def _context(chromium: Browser) -> Iterator[BrowserContext]:
    window = {"width": 390, "height": 844}
    with a_visit(chromium, viewport=window, locale="en-GB") as context:
        yield context


def code_on(page: Page) -> str | None:
    """The verdict on the page, when there is one."""
    page.wait_for_selector(ANSWER)
    return page.locator(ANSWER).get_attribute("data-code")


def opened(context: BrowserContext, address: str) -> Page:
    page = context.new_page()
    page.goto(address)
    return page


@pytest.mark.parametrize(("language", "width"), every_value(list(GENUINE), [320, 390, 1280]))
def test_a_genuine_code_shows_its_facts_line_by_line(
    chromium: Browser, site: Site, language: str, width: int
) -> None:
    """verifier.md row 20: the notice about the person stands before the facts."""
    with a_visit(chromium, viewport={"width": width, "height": 800}) as context:
        page = opened(context, site.link(site.code("hbo", language), f"/{language}/"))

        assert code_on(page) == "QR_GENUINE_COMPARE"
        word, born = GENUINE[language]
        assert page.locator("h1:visible").inner_text().startswith(word)
        assert page.title().startswith(word)
        assert page.evaluate("document.activeElement.localName") == "h1"
        assert re.search(MOMENT[language], page.locator(".echt-verdict__meta:visible").inner_text())
        lines = page.locator(".echt-tick:visible")
        numbers = [one.strip() for one in lines.locator(".echt-lines__no").all_inner_texts()]
        assert numbers == ["1", "2", "3", "4", "5", "6", "7", "8", "9"]
        assert lines.nth(1).locator("bdi").inner_text() == born
        assert lines.nth(8).locator("bdi").inner_text() == NUMBER
        order = "(n) => n.compareDocumentPosition(document.querySelector('.echt-ticks'))"
        assert page.locator(".echt-compare:visible").evaluate(order) == 4  # the facts follow it
        judged_by_axe(page)


def test_a_print_of_a_scanned_code_is_a_record_of_the_check(
    context: BrowserContext, site: Site
) -> None:
    """Facts, time and address on paper, nothing to click; portal.md journey B."""
    page = opened(context, site.link(site.code()))
    assert code_on(page) == "QR_GENUINE_COMPARE"
    page.emulate_media(media="print")

    printed = page.locator("body").inner_text()
    assert NUMBER in printed
    assert re.search(MOMENT["en"], printed)
    assert page.locator(".echt-record:visible").inner_text().strip()
    assert page.locator("form:visible, button:visible, a.utrecht-button:visible").count() == 0


@pytest.mark.parametrize("language", list(GENUINE))
def test_a_pasted_code_is_checked_on_the_device_too(
    context: BrowserContext, site: Site, language: str
) -> None:
    """verifier.md 3.7: what a camera does not send, a paste does not send either."""
    asked: list[Request] = []
    page = opened(context, f"{site.address}/{language}/verify")
    judged_by_axe(page)
    page.on("request", kept_in(asked))
    page.locator("#text").fill(f" {site.code()}\n")
    page.locator("form:has(#text) button").click()

    assert code_on(page) == "QR_GENUINE_COMPARE"
    assert page.url.startswith(f"{site.address}/{language}/qr#")
    assert {one.method for one in asked} == {"GET"}


def test_any_other_pasted_text_is_sent(context: BrowserContext, site: Site) -> None:
    """verifier.md 3.6: a link of somebody else is a verdict of ours."""
    page = opened(context, f"{site.address}/en/verify")
    page.locator("#text").fill("https://elsewhere.example/#x")
    page.locator("form:has(#text) button").click()
    page.locator(".echt-verdict").wait_for()

    assert page.locator(".echt-verdict").get_attribute("data-code") == "NOT_OURS"


def test_a_check_asks_for_the_list_and_a_bucket_and_for_nothing_that_tells_whose_paper_it_is(
    context: BrowserContext, site: Site
) -> None:
    """verifier.md 3.4, 3.7 and 4.12: the trace of a whole check."""
    asked: list[Request] = []
    context.on("request", kept_in(asked))
    code = site.code()
    page = opened(context, site.link(code))
    assert code_on(page) == "QR_GENUINE_COMPARE"
    page.wait_for_load_state()

    paths = [one.url.removeprefix(site.address).partition("#")[0] for one in asked]
    known = re.compile(
        r"/|/en/|/static/[0-9a-f]{16}/[\w./-]+|/\.well-known/echt-trust\.json"
        r"|/api/v1/status-buckets(/[0-9a-f]{3})?|/qr/service-worker\.js\?version=[0-9a-f]{16}"
        r"|/(nl|en|de)/(qr)?"
    )
    assert [path for path in paths if not known.fullmatch(path)] == []
    assert {one.method for one in asked} == {"GET"}
    assert all(one.post_data is None for one in asked)
    assert sum("/status-buckets/" in path for path in paths) == 1
    facts = code.partition("#")[2]
    sent = [str(one.url.partition("#")[0]) + str(one.headers) for one in asked]
    assert not any(facts[:40] in text or NUMBER in text for text in sent)


def flipped(code: str, place: int) -> str:
    other = "A" if code[place] != "A" else "B"
    return code[:place] + other + code[place + 1 :]


@pytest.mark.parametrize("place", [30, 200, -120, -10])
def test_a_changed_code_is_not_ours_and_shows_nothing(
    context: BrowserContext, site: Site, place: int
) -> None:
    """verifier.md row 5."""
    code = site.code()
    page = opened(context, site.link(flipped(code, place % len(code))))

    assert code_on(page) == "NOT_OURS"
    assert page.locator(".echt-tick:visible").count() == 0
    judged_by_axe(page)


@pytest.mark.parametrize(
    ("status", "verdict", "lines"),
    [("withdrawn", "WITHDRAWN", 0), ("superseded", "SUPERSEDED", 9)],
)
def test_the_register_has_the_last_word(
    context: BrowserContext, site: Site, status: str, verdict: str, lines: int
) -> None:
    site.statuses.known[NUMBER] = status
    page = opened(context, site.link(site.code()))

    assert code_on(page) == verdict
    assert page.locator(".echt-tick:visible").count() == lines
    judged_by_axe(page)


OUR_ENTRY = [hashlib.sha256(NUMBER.encode()).hexdigest()[BITS // 4 :], "good"]
SPOILT: dict[str, dict[str, Any]] = {
    "not there": {"known": {}},
    "down": {"down": True},
    "stale": {"as_of": -STALE},
    "from the future": {"as_of": timedelta(hours=2)},
    "other bucket": {"spoil": {"prefix": "000"}},
    "other width": {"spoil": {"bits": 8}},
    "no entries": {"spoil": {"entries": None}},
    "entry of another length": {"spoil": {"entries": [["abc", "good"], OUR_ENTRY]}},
    "unknown word": {"known": {NUMBER: "fine"}},
}


@pytest.mark.parametrize("fault", SPOILT)
def test_a_status_that_is_not_clear_is_never_green(
    context: BrowserContext, site: Site, fault: str
) -> None:
    """verifier.md row 13 and 4.2."""
    for name, value in SPOILT[fault].items():
        is_age = isinstance(value, timedelta)
        setattr(site.statuses, name, datetime.now(UTC) + value if is_age else value)
    page = opened(context, site.link(site.code()))

    assert code_on(page) == "GENUINE_STATUS_UNKNOWN"
    assert page.locator(".echt-verdict--genuine:visible").count() == 0
    assert page.locator(".echt-tick:visible").count() == 9


def test_a_withdrawal_does_not_get_old(context: BrowserContext, site: Site) -> None:
    """verifier.md 4.2: only a good word gets old."""
    site.statuses.known[NUMBER] = "withdrawn"
    site.statuses.as_of = datetime.now(UTC) - STALE
    page = opened(context, site.link(site.code()))

    assert code_on(page) == "WITHDRAWN"


def test_an_expired_list_is_not_done(context: BrowserContext, site: Site) -> None:
    """verifier.md 3.10."""
    page = context.new_page()
    page.clock.set_fixed_time(datetime.now(UTC) + timedelta(days=91))
    page.goto(site.link(site.code()))

    assert code_on(page) == "CANNOT_CHECK"
    assert "too old" in page.locator("[data-why]:visible").inner_text()
    assert page.locator(".echt-tick:visible").count() == 0


def test_a_page_at_another_host_says_so(context: BrowserContext, site: Site) -> None:
    """verifier.md 2.3, F17: a copy of this page that somebody passes on."""
    elsewhere = site.address.replace("127.0.0.1", "localhost")
    page = opened(context, site.link(site.code()).replace(site.address, elsewhere))

    assert code_on(page) == "NOT_OURS"
    assert "localhost" in page.locator("[data-host]:visible").inner_text()
    judged_by_axe(page)


def test_it_works_without_a_network_after_the_first_visit(
    chromium: Browser, tmp_path: Path
) -> None:
    """verifier.md row 6: the list is kept, the status is not."""
    with a_visit(chromium, locale="en-GB") as context:
        with scanning_site(tmp_path) as site:
            site.statuses.known[NUMBER] = "good"
            page = opened(context, f"{site.address}/en/qr")
            page.evaluate("navigator.serviceWorker.ready.then(() => true)")
            kept = page.evaluate(
                "caches.keys().then(async (names) => (await Promise.all(names.map(async (name) =>"
                " (await (await caches.open(name)).keys()).map((one) => one.url)))).flat())"
            )
            links = {lang: site.link(site.code("hbo", lang), f"/{lang}/") for lang in GENUINE}
            home = site.link(site.code())
        assert not any("api" in url or "#" in url for url in kept)

        for language, link in links.items():  # the server is gone now
            page = opened(context, link)
            assert code_on(page) == "GENUINE_STATUS_UNKNOWN"
            assert page.evaluate("document.documentElement.lang") == language
        assert code_on(opened(context, home)) == "GENUINE_STATUS_UNKNOWN"


def test_every_line_can_be_ticked_with_the_keyboard(context: BrowserContext, site: Site) -> None:
    page = opened(context, site.link(site.code()))
    code_on(page)
    page.locator(".echt-compare:visible").focus()
    for number in range(1, 10):
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        focused = page.evaluate("document.activeElement.getAttribute('aria-label')")
        assert focused.startswith(f"Line {number}:")

    assert page.locator(".echt-tick:visible input:checked").count() == 9
    assert page.evaluate("[...document.querySelectorAll('.echt-tick input')].every(i => !i.name)")


def test_the_other_languages_show_the_same_code(context: BrowserContext, site: Site) -> None:
    page = opened(context, site.link(site.code(), "/en/"))
    code_on(page)
    page.locator("a[hreflang=de]").click()
    page.wait_for_url("**/de/#*")

    assert code_on(page) == "QR_GENUINE_COMPARE"
    assert page.locator("h1:visible").inner_text().startswith(GENUINE["de"][0])


# The page that scans.


def drawn(text: str, path: Path) -> Path:
    """A photo of a code."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode)
    small = np.asarray(zxingcpp.write_barcode_to_image(code))
    made = np.kron(small, np.ones((500 // len(small), 500 // len(small)), np.uint8))
    picture = np.full((900, 700), 235, np.uint8)
    picture[200 : 200 + len(made), 100 : 100 + len(made)] = made
    cv2.imwrite(str(path), picture)
    return path


def test_a_photo_is_read_in_the_browser(
    context: BrowserContext, site: Site, tmp_path: Path
) -> None:
    photo = drawn(site.code(), tmp_path / "photo.png")
    asked: list[Request] = []
    page = opened(context, f"{site.address}/en/qr")
    judged_by_axe(page)
    context.on("request", kept_in(asked))
    page.set_input_files("#photo", str(photo))

    assert code_on(page) == "QR_GENUINE_COMPARE"
    assert all(one.post_data is None for one in asked)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("https://echt.voorbeeld.nl.diploma.example/#" + "A" * 300, "echt.voorbeeld.nl.diploma"),
        ("https://echt.voorbeeld.nl@diploma.example/#" + "A" * 300, "diploma.example"),
        ("WIFI:S:home;;", "It is not a code of ours"),
    ],
)
def test_a_code_of_another_house_is_told_of_and_not_opened(
    context: BrowserContext, site: Site, tmp_path: Path, text: str, told: str
) -> None:
    """verifier.md 4.11, F9."""
    photo = drawn(text, tmp_path / "photo.png")
    page = opened(context, f"{site.address}/en/qr")
    page.set_input_files("#photo", str(photo))

    assert code_on(page) == "NOT_OURS"
    assert told in page.locator("[data-host]:visible").inner_text()
    assert page.locator("main a[href*=diploma]").count() == 0
    assert page.url.startswith(site.address)


def test_a_photo_without_a_code_and_a_camera_that_is_not_there(
    context: BrowserContext, site: Site, tmp_path: Path
) -> None:
    blank = tmp_path / "blank.png"
    cv2.imwrite(str(blank), np.full((200, 200), 255, np.uint8))
    page = opened(context, f"{site.address}/en/qr")
    page.set_input_files("#photo", str(blank))
    page.get_by_text("We found no code in this photo").first.wait_for()
    page.get_by_role("button", name="Use the camera").click()

    said = page.locator("[data-said]")
    started = time.monotonic()
    while "camera" not in said.inner_text() and time.monotonic() - started < PATIENCE_SECONDS:
        page.wait_for_timeout(100)
    assert re.search("may not use the camera|no camera that works", said.inner_text())
    assert page.get_by_role("button", name="Use the camera").is_visible()


def test_without_javascript_the_page_says_what_to_do(chromium: Browser, site: Site) -> None:
    with a_visit(chromium, java_script_enabled=False, locale="nl-NL") as context:
        page = opened(context, site.link(site.code()))
        notice = page.locator("noscript p")  # a search by text passes such elements over

        assert notice.is_visible()
        assert "Zonder JavaScript kan uw browser die niet lezen" in notice.inner_text()
        assert notice.get_by_role("link", name="Controleer een bestand").is_visible()
