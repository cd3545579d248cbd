"""The shell's own pages in a real browser: axe, narrow screens, big spaces, no JavaScript.

portal.md 3.11; platform.md 4.1.14.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests import judges
from tests.listening import a_place, served
from tests.looking import WIDTHS, axe_faults, too_wide_at
from tests.products import every_value
from tests.web.shell import build_app

pytestmark = [pytest.mark.journey, pytest.mark.judge]

PAGES = (
    "",
    "login",
    "privacy",
    "accessibility",
    "check-without-us",
    "contact",
    "nothing",
    "broken",
    "problems/login-level-too-low",
)
# WCAG 1.4.12: nothing may be lost when a reader sets these.
SPACED = (
    "*{line-height:1.5!important;letter-spacing:.12em!important;word-spacing:.16em!important}"
    "p{margin-bottom:2em!important}"
)


@pytest.fixture(name="address", scope="module")
def _address() -> Iterator[str]:
    with a_place() as (listener, address):
        app = build_app(lambda: datetime.now(UTC), public_url=address, secure=False)
        with served(app, listener):
            yield address


@pytest.fixture(name="chromium", scope="module")
def _chromium() -> Iterator[Browser]:
    program = judges.browser()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.mark.parametrize(
    ("lang", "scheme", "width"),
    every_value(["nl", "en", "de"], ["light", "dark"], WIDTHS),
)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    chromium: Browser, address: str, lang: str, scheme: str, width: int
) -> None:
    context = chromium.new_context(
        viewport={"width": width, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
        bypass_csp=True,
    )
    page = context.new_page()
    faults: list[str] = []
    for path in PAGES:
        page.goto(f"{address}/{lang}/{path}")
        faults += [f"{path}: {fault}" for fault in axe_faults(page)]
        faults += [f"{path}: too wide at {one}" for one in too_wide_at(page)]
        page.add_style_tag(content=SPACED)
        faults += [f"{path}: too wide with wide spaces at {one}" for one in too_wide_at(page)]
    context.close()

    assert faults == []


def test_logging_in_and_out_needs_no_javascript(chromium: Browser, address: str) -> None:
    """platform.md 4.1.14."""
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/en/diplomas")
    page.get_by_label("Noor van den Berg").check()
    page.get_by_role("button", name="Continue to log in").click()
    assert page.url == f"{address}/en/diplomas"
    assert page.locator("p").inner_text() == "en person-1 substantial"

    page.goto(f"{address}/en/contact")
    page.get_by_role("button", name="Log out").click()
    assert page.url == f"{address}/en/"
    page.goto(f"{address}/en/diplomas")
    assert page.url == f"{address}/en/login"
    context.close()


def test_the_policy_blocks_nothing_of_our_own(chromium: Browser, address: str) -> None:
    """platform.md 4.1.13: styles, fonts and the mark come through; no message in the console."""
    context = chromium.new_context()
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{address}/en/")
    page.evaluate("document.fonts.ready.then(() => true)")

    loaded = page.evaluate("[...document.fonts].filter(f => f.status === 'loaded').length")
    assert said == []
    assert loaded >= 3
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(251, 248, 241)"
    context.close()


def test_the_keyboard_reaches_everything_and_can_be_seen(chromium: Browser, address: str) -> None:
    """portal.md 3.11: focus visible, targets of 24 px."""
    context = chromium.new_context(viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(f"{address}/en/")
    stops = page.locator("a, button").count()
    for _ in range(stops):
        page.keyboard.press("Tab")
        style, height = page.evaluate(
            "(() => { const e = document.activeElement, r = e.closest('li') ?? e;"
            " return [getComputedStyle(e).outlineStyle + getComputedStyle(r).outlineStyle,"
            " e.getBoundingClientRect().height] })()"
        )
        assert "solid" in style
        assert height >= 24
    context.close()
