"""A genuine file in a real browser: what leaves the computer is the name of a bucket.

verifier.md goals 9 and 10, checklist 12.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request

from tests.journeys.conftest import Service, a_visit, kept_in
from tests.journeys.test_main_job import (
    WORDS,
    changed_copy,
    download,
    judged_by_axe,
    log_in,
    nothing,
)
from tests.products import every_value

pytestmark = [pytest.mark.judge, pytest.mark.journey, pytest.mark.slow]


def a_genuine_file(chromium: Browser, service: Service, folder: Path) -> Path:
    with a_visit(chromium, accept_downloads=True) as context:
        page = context.new_page()
        log_in(page, service.address, "en", nothing)
        return download(page, folder, nothing)


def choose(page: Page, *files: Path) -> None:
    page.set_input_files("input[type=file]", [str(one) for one in files])
    page.locator("form.echt-drop button[type=submit]").click()
    page.locator(f"[data-results] > article:nth-of-type({len(files)})").wait_for()


@pytest.mark.parametrize(("language", "width"), every_value(list(WORDS), [320, 390, 1280]))
def test_a_genuine_file_stays_on_the_computer(
    chromium: Browser, service: Service, tmp_path: Path, language: str, width: int
) -> None:
    file = a_genuine_file(chromium, service, tmp_path)
    sha256 = hashlib.sha256(file.read_bytes()).hexdigest()
    sent: list[Request] = []
    with a_visit(chromium, viewport={"width": width, "height": 800}) as context:
        page = context.new_page()
        page.goto(f"{service.address}/{language}/verify")
        page.on("request", kept_in(sent))
        choose(page, file)
        word = page.locator(".echt-verdict__word").inner_text()
        judged_by_axe(page)
        unknown = changed_copy(file)
        choose(page, file, unknown)
        judged_by_axe(page)
        assert page.locator("[data-send]").count() == 1

    assert " ".join(word.split()) == WORDS[language][0]
    assert {request.method for request in sent} == {"GET"}
    assert all(request.post_data_buffer is None for request in sent)
    paths = {request.url.removeprefix(service.address) for request in sent}
    assert paths == {"/api/v1/hash-buckets", "/api/v1/hash-buckets/0"}
    log = service.log.read_text()
    assert sha256 not in log
    assert "/api/v1/hash-buckets/{prefix}" in log
    assert "/api/v1/hash-buckets/0" not in log


def test_the_record_is_shown_only_when_asked(
    chromium: Browser, service: Service, tmp_path: Path
) -> None:
    """verifier.md 3.4: the full hash leaves only then."""
    file = a_genuine_file(chromium, service, tmp_path)
    with a_visit(chromium) as context:
        page = context.new_page()
        page.goto(f"{service.address}/en/verify")
        choose(page, file)
        with page.expect_request("**/verifications/_render") as asked:
            page.locator("[data-record]").click()
        page.locator(".echt-lines__line--name").wait_for()
        judged_by_axe(page)
        assert page.locator(".echt-compare").count() == 1

    body = asked.value.post_data_json
    assert body == {"sha256": hashlib.sha256(file.read_bytes()).hexdigest(), "language": "en"}
