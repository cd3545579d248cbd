"""A holder at a browser: the steps of a transfer, and a look at each page on the way."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, Route

from tests.journeys.conftest import Service
from tests.journeys.emrex_client import University
from tests.looking import faults_of

PRIMARY = "main .utrecht-button--primary-action"
HANDS_OVER = "**/handover*.js"
Look = Callable[[str], None]


class Looking:
    """Looks at each page of a journey where it can, and says at the end what was wrong."""

    def __init__(self, page: Page, *, script: bool) -> None:
        self._page = page
        self._script = script
        self.faults: dict[str, list[str]] = {}

    def __call__(self, name: str) -> None:
        found = faults_of(self._page, script=self._script)
        if found:
            self.faults[name] = found


def held(route: Route) -> None:
    """Keep the script that hands over from the page, so that it stays to be looked at."""
    route.abort()


def press(page: Page, selector: str = PRIMARY) -> None:
    with page.expect_navigation():
        page.locator(selector).first.click()


def press_by_key(page: Page, selector: str = PRIMARY) -> None:
    """As somebody without a mouse does."""
    page.locator(selector).first.focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")


def tick_all(page: Page, name: str) -> None:
    """With the space bar; nothing was ticked before (emrex.md 4.23)."""
    for box in page.locator(f"input[name={name}]:enabled").all():
        assert not box.is_checked()
        box.focus()
        page.keyboard.press("Space")
        assert box.is_checked()


def arrive(page: Page, abroad: University, lang: str) -> None:
    page.goto(f"{abroad.base}/{lang}")
    press(page, "button")


def log_in(page: Page, persona: str) -> None:
    page.locator(f"input[name=choice][value={persona}]").check()
    press(page)


def to_the_choice(page: Page, abroad: University, lang: str, look: Look) -> None:
    arrive(page, abroad, lang)
    look("start")
    log_in(page, "vwo")
    look("choose")


def choose_nothing(page: Page, look: Look) -> None:
    press_by_key(page)
    assert page.locator("#choose-one").is_visible()
    look("nothing chosen")


def choose_everything(page: Page) -> None:
    tick_all(page, "record")
    press_by_key(page)


def to_the_preview(page: Page, abroad: University, lang: str) -> None:
    to_the_choice(page, abroad, lang, unseen)
    choose_everything(page)


def unseen(_name: str) -> None:
    """Where another test looks at the same page."""


def say_yes(page: Page) -> None:
    tick_all(page, "yes")
    with page.expect_navigation():
        page.locator(PRIMARY).first.press("Enter")


def hand_over(page: Page, abroad: University, look: Look) -> None:
    """Held by its script for one look; then on, by itself or with the button."""
    page.route(HANDS_OVER, held)
    say_yes(page)
    look("hand-over")
    page.unroute(HANDS_OVER)
    press_by_key(page)
    assert page.url.startswith(f"{abroad.base}/back?for=")
    assert page.locator("h1").inner_text() == "Welcome back"


def take_back(page: Page, service: Service, lang: str, look: Look) -> None:
    """The holder's own page; who logged in for a transfer is logged in."""
    page.goto(f"{service.address}/{lang}/emrex/receipts")
    look("shared")
    taken = page.locator("form[action$='/withdraw']")
    before = taken.count()
    press_by_key(page, "form[action$='/withdraw'] button")
    assert page.locator("a[href^='mailto:']").is_visible()
    look("taken back")
    page.locator("nav a[href$='/emrex/receipts']").click()
    assert taken.count() == before - 1
    look("shared and taken back")
