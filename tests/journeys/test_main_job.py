"""The main job in a real browser: log in, download, log out, check the genuine and a changed copy.

platform.md 4.1.14, portal.md 4.20, verifier.md 4.26.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.journeys.conftest import Service, a_visit
from tests.looking import WIDTHS, axe_faults, too_wide_at
from tests.products import every_value

pytestmark = [pytest.mark.judge, pytest.mark.journey, pytest.mark.slow]

WORDS = {
    "nl": ("Echt en actueel", "Gewijzigd na uitgifte"),
    "en": ("Genuine and up to date", "Changed after issue"),
    "de": ("Echt und aktuell", "Nach Ausstellung verändert"),
}
Look = Callable[[Page], None]


def nothing(_page: Page) -> None:
    """Without JavaScript there is no axe; the journey itself is the proof."""


def judged_by_axe(page: Page) -> None:
    assert axe_faults(page) == [], page.url
    assert too_wide_at(page) == [], page.url


def press(page: Page) -> None:
    page.locator("main form button[type=submit]").last.click()
    page.wait_for_load_state()


def log_in(page: Page, address: str, language: str, look: Look) -> None:
    page.goto(f"{address}/{language}/")
    look(page)
    page.goto(f"{address}/{language}/login")
    look(page)
    page.locator("input[name=choice][value=vwo]").check()
    press(page)
    assert page.url == f"{address}/{language}/diplomas"
    look(page)


def download(page: Page, folder: Path, look: Look) -> Path:
    page.locator("main .echt-doors a").first.click()
    page.wait_for_load_state()
    look(page)
    press(page)
    look(page)
    with page.expect_download() as started:
        page.locator("main form[method=post] button").click()
    file = folder / started.value.suggested_filename
    started.value.save_as(file)
    return file


def check(page: Page, address: str, language: str, file: Path) -> str:
    page.goto(f"{address}/{language}/verify")
    page.set_input_files("input[type=file]", str(file))
    page.locator("form.echt-drop button[type=submit]").click()
    page.locator(".echt-verdict__word, [data-send]").first.wait_for()
    if page.locator("[data-send]").count():  # our file is not known to the byte: send it
        page.locator("[data-send]").click()
    word = page.locator(".echt-verdict__word").first
    word.wait_for()
    return word.inner_text()


def changed_copy(genuine: Path) -> Path:
    data = bytearray(genuine.read_bytes())
    place = data.index(b"<xmp:CreateDate>") + len(b"<xmp:CreateDate>20")
    data[place] = ord("1")
    copy = genuine.with_name("copy.pdf")
    copy.write_bytes(data)
    return copy


def walk(
    context: BrowserContext, service: Service, language: str, folder: Path, look: Look
) -> None:
    page = context.new_page()
    log_in(page, service.address, language, look)
    genuine = download(page, folder, look)
    page.goto(f"{service.address}/{language}/diplomas")
    page.locator("header form button").click()
    page.wait_for_load_state()
    page.goto(f"{service.address}/{language}/diplomas")
    assert page.url.endswith("/login")

    page.goto(f"{service.address}/{language}/verify")
    look(page)
    expected = WORDS[language]
    assert " ".join(check(page, service.address, language, genuine).split()) == expected[0]
    look(page)
    assert (
        " ".join(check(page, service.address, language, changed_copy(genuine)).split())
        == expected[1]
    )
    look(page)


@pytest.mark.parametrize(("language", "width"), every_value(list(WORDS), WIDTHS))
def test_the_main_job_in_a_browser(
    chromium: Browser, service: Service, tmp_path: Path, language: str, width: int
) -> None:
    """portal.md 4.23, verifier.md 3.7: no page asks a third party for anything either."""
    asked: set[str] = set()
    window = {"width": width, "height": 800}
    with a_visit(chromium, viewport=window, accept_downloads=True) as context:
        context.on("request", lambda request: asked.add(request.url))
        walk(context, service, language, tmp_path, judged_by_axe)

    assert asked
    assert {url for url in asked if not url.startswith(service.address)} == set()


@pytest.mark.parametrize("language", list(WORDS))
def test_the_main_job_without_javascript(
    chromium: Browser, service: Service, tmp_path: Path, language: str
) -> None:
    with a_visit(chromium, java_script_enabled=False, accept_downloads=True) as context:
        walk(context, service, language, tmp_path, nothing)
