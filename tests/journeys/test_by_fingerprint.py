"""The commonest check: a file that stays where it is, told with its grounds and with a receipt.

verifier.md 3.1 (expandable checks, receipt), 3.4 (the whole hash only on request), 4.12.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request

from tests.journeys.answering import Answering, answering_site, check_file
from tests.journeys.conftest import a_visit, kept_in
from tests.looking import axe_faults, too_wide_at
from web.i18n import Language, translations

pytestmark = [pytest.mark.judge, pytest.mark.journey, pytest.mark.slow]

SENTENCES = (
    "This is the fingerprint of a file. We did not see the file itself.",
    "We know this file. Every character is the same.",
    "The document is still valid in the register today.",
)


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answering]:
    with answering_site(tmp_path_factory.mktemp("fingerprints")) as site:
        yield site


@pytest.fixture(name="file")
def _file(site: Answering, tmp_path: Path) -> Path:
    file = tmp_path / "diploma.pdf"
    file.write_bytes(site.made.sealed)
    return file


def receipt_saved(page: Page) -> str:
    with page.expect_download() as saved:
        page.locator("form[action$='/receipt/file'] button:visible").click()
    return saved.value.path().read_text()


@pytest.mark.parametrize("language", Language)
def test_a_check_in_the_browser_says_why_and_sends_nothing_for_it(
    chromium: Browser, site: Answering, file: Path, language: Language
) -> None:
    """verifier.md 3.1 and 4.12: each check in plain words, details on demand."""
    sent: list[Request] = []
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    with a_visit(chromium) as context:
        page = context.new_page()
        page.goto(f"{site.address}/{language}/verify")
        page.on("request", kept_in(sent))
        check_file(page, file)

        said = page.locator(".echt-checks:visible span").all_inner_texts()
        assert said == [translations()[language].gettext(one) for one in SENTENCES]
        page.locator("details:visible > summary").click()
        assert page.locator("[data-sha256]:visible").inner_text() == sha256
        assert page.locator("[data-as-of]:visible").inner_text().endswith("Z")
        assert "{" not in page.locator(".echt-results").inner_text()
        assert axe_faults(page) == []
        assert too_wide_at(page) == []
    assert {one.method for one in sent} == {"GET"}


@pytest.mark.parametrize("language", Language)
def test_a_receipt_is_made_on_request_and_only_then_the_whole_fingerprint_leaves(
    chromium: Browser, site: Answering, file: Path, language: Language
) -> None:
    """verifier.md 3.4 and 3.9: no byte of the file, and a receipt that our own page knows."""
    sent: list[Request] = []
    with a_visit(chromium, accept_downloads=True) as context:
        page = context.new_page()
        page.goto(f"{site.address}/{language}/verify")
        check_file(page, file)
        page.on("request", kept_in(sent))
        page.locator("[data-get]").click()
        page.locator("[data-number]").wait_for()
        assert page.evaluate("document.activeElement.matches('[data-number]')")
        assert axe_faults(page) == []
        assert too_wide_at(page) == []
        token = receipt_saved(page)
        page.goto(f"{site.address}/{language}/receipt")
        page.locator("textarea").fill(token)
        page.locator("form button[type=submit]").last.click()
        assert page.locator("[data-standing]").get_attribute("data-standing") == "OURS"

    bodies = [one.post_data for one in sent if one.url.endswith("/api/v1/receipts")]
    assert bodies == [f'{{"sha256":"{hashlib.sha256(file.read_bytes()).hexdigest()}"}}']
    assert not any(b"%PDF" in (one.post_data_buffer or b"") for one in sent)


def test_the_facts_from_the_record_come_with_checks_and_a_receipt(
    chromium: Browser, site: Answering, file: Path
) -> None:
    """verifier.md 3.1: the page after "Show the facts" is a whole answer too."""
    with a_visit(chromium, accept_downloads=True) as context:
        page = context.new_page()
        page.goto(f"{site.address}/en/verify")
        check_file(page, file)
        page.locator("[data-record]").click()
        page.locator(".echt-result .echt-verdict").wait_for()

        assert page.locator(".echt-checks:visible li").count() == len(SENTENCES)
        assert receipt_saved(page).count(".") == 2


@pytest.mark.parametrize("language", Language)
def test_the_message_to_the_candidate_is_copied_and_that_is_said(
    chromium: Browser, site: Answering, file: Path, language: Language
) -> None:
    """verifier.md 3.1, 4.26: a replaced file, known by its fingerprint alone."""
    file.write_bytes(site.made.superseded)
    with a_visit(chromium, permissions=["clipboard-read", "clipboard-write"]) as context:
        page = context.new_page()
        page.goto(f"{site.address}/{language}/verify")
        check_file(page, file)
        text = page.locator("textarea[readonly]:visible").input_value()
        page.locator("[data-copy]:visible").click()
        page.locator("[role=status][data-copied]:not(:empty)").wait_for()

        assert page.evaluate("navigator.clipboard.readText()") == text
        assert "echt.voorbeeld.nl" in text
        assert axe_faults(page) == []
        assert too_wide_at(page) == []


def test_the_message_is_copied_on_a_page_of_the_server_too(
    chromium: Browser, site: Answering, file: Path
) -> None:
    """verifier.md 3.1: after a file that was sent, and on a page by itself."""
    file.write_bytes(site.made.page)
    with a_visit(chromium, permissions=["clipboard-read", "clipboard-write"]) as context:
        page = context.new_page()
        page.goto(f"{site.address}/en/verify")
        check_file(page, file)
        page.locator("[data-send]").click()
        page.locator("[data-copy]:visible").click()
        page.locator("[role=status][data-copied]:not(:empty)").wait_for()

        copied = page.evaluate("navigator.clipboard.readText()")
        assert copied.startswith("Dear candidate,")
