"""A file that stays where it is: what the browser makes of an answer that is not clear.

verifier.md 4.2, goal 13: unknown is never green, also where the verdict is reached in the browser.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.journeys.answering import Answering, answering_site, check_file
from tests.journeys.conftest import a_visit
from tests.looking import axe_faults, too_wide_at
from verifier.buckets import FRESH
from verifier.texts import WORDS
from verifier.verdict import VerdictCode
from web.i18n import Language, translations

pytestmark = [pytest.mark.judge, pytest.mark.journey, pytest.mark.slow]

WIDTH, BUCKET = "**/api/v1/hash-buckets", "**/api/v1/hash-buckets/*"
OVER = FRESH + timedelta(minutes=5)
NOT_TOLD = "We could not compare the fingerprint just now"
STATUS_UNKNOWN = VerdictCode.GENUINE_STATUS_UNKNOWN
GREEN = ".echt-results .echt-verdict--genuine, .echt-results [data-code=GENUINE_CURRENT]"
Spoil = dict[str, Any]


def moment(away: timedelta) -> str:
    return (datetime.now(UTC) + away).strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Answering]:
    with answering_site(tmp_path_factory.mktemp("never-green")) as site:
        yield site


@pytest.fixture(name="visitor")
def _visitor(chromium: Browser, site: Answering) -> Iterator[Page]:
    with a_visit(chromium) as context:
        page = context.new_page()
        page.goto(f"{site.address}/en/verify")
        yield page


@pytest.fixture(name="file")
def _file(site: Answering, tmp_path: Path) -> Path:
    file = tmp_path / "diploma.pdf"
    file.write_bytes(site.made.sealed)
    return file


def with_members(spoil: Spoil) -> Callable[[Route], None]:
    """The true answer with these members in place of its own."""

    def answer(route: Route) -> None:
        true = route.fetch()
        route.fulfill(response=true, json=true.json() | spoil)

    return answer


def only(status: int, body: str = "") -> Callable[[Route], None]:
    """Always this answer."""
    return lambda route: route.fulfill(status=status, body=body, content_type="application/json")


def entries_of(file: bytes, *statuses: str) -> Spoil:
    """What stands in bucket 0 of this file."""
    half = hashlib.sha256(file).hexdigest()[:32]
    return {"entries": [[half, status] for status in statuses]}


@pytest.mark.parametrize("away", [-OVER, OVER], ids=["stale", "future"])
def test_a_good_word_of_another_hour_is_not_green(
    visitor: Page, file: Path, away: timedelta
) -> None:
    """verifier.md 4.2: stale, and from the future."""
    visitor.route(BUCKET, with_members({"asOf": moment(away)}))
    check_file(visitor, file)

    assert visitor.locator(".echt-verdict").get_attribute("data-code") == STATUS_UNKNOWN
    assert visitor.locator(GREEN).count() == 0


@pytest.mark.parametrize("as_of", ["yesterday", "", None, 5, "2020-01-01T00:00:00Z"])
def test_a_good_word_of_no_moment_is_not_green(visitor: Page, file: Path, as_of: object) -> None:
    """verifier.md 4.2."""
    visitor.route(BUCKET, with_members({"asOf": as_of}))
    check_file(visitor, file)

    assert visitor.locator(".echt-verdict").get_attribute("data-code") == STATUS_UNKNOWN
    assert visitor.locator(GREEN).count() == 0


@pytest.mark.parametrize(
    "spoil",
    [
        {"entries": None},
        {"entries": {}},
        {"entries": [["0" * 32]]},
        {"entries": [["0" * 31, "good"]]},
        {"entries": [[None, "good"]]},
        {"entries": [["0" * 32, "fine"]]},
        {"prefix": "1"},
        {"bits": 1},
        {"bits": -1},
        {"bits": "0"},
        {"bits": None},
    ],
    ids=str,
)
def test_a_bucket_that_is_not_one_is_no_answer(visitor: Page, file: Path, spoil: Spoil) -> None:
    """verifier.md 4.2: malformed is not known, and never "not issued" either."""
    visitor.route(BUCKET, with_members(spoil))
    check_file(visitor, file)

    assert visitor.locator("[data-heading]").inner_text() == NOT_TOLD
    assert visitor.locator(".echt-results .echt-verdict").count() == 0


def test_a_bucket_that_contradicts_itself_is_no_answer(visitor: Page, file: Path) -> None:
    spoil = entries_of(file.read_bytes(), "good", "withdrawn")
    visitor.route(BUCKET, with_members(spoil))
    check_file(visitor, file)

    assert visitor.locator("[data-heading]").inner_text() == NOT_TOLD


@pytest.mark.parametrize("place", [WIDTH, BUCKET])
@pytest.mark.parametrize(
    "answer",
    [
        only(200, "{"),
        only(200, "[]"),
        only(200, "null"),
        only(200),
        only(503),
        only(400),
        only(302),
    ],
    ids=["torn", "list", "null", "empty", "away", "refused", "elsewhere"],
)
def test_an_answer_that_is_none_is_not_green(
    visitor: Page, file: Path, place: str, answer: Callable[[Route], None]
) -> None:
    """verifier.md 4.2: unreachable, or something else that answers in our place."""
    visitor.route(place, answer)
    check_file(visitor, file)

    assert visitor.locator("[data-heading]").inner_text() == NOT_TOLD
    assert visitor.locator(GREEN).count() == 0


@pytest.mark.parametrize("place", [WIDTH, BUCKET])
def test_a_line_that_breaks_is_not_green(visitor: Page, file: Path, place: str) -> None:
    visitor.route(place, lambda route: route.abort())
    check_file(visitor, file)

    assert visitor.locator("[data-heading]").inner_text() == NOT_TOLD


def test_a_width_that_changed_is_asked_again_and_one_that_never_holds_is_no_answer(
    visitor: Page, file: Path
) -> None:
    """docs/api.md: 400 says ask again; nobody does so for ever."""
    asked: list[str] = []

    def refused(route: Route) -> None:
        asked.append(route.request.url)
        if len(asked) > 1:
            route.fallback()
        else:
            route.fulfill(status=400)

    visitor.route(BUCKET, refused)
    check_file(visitor, file)
    assert visitor.locator(".echt-verdict").get_attribute("data-code") == "GENUINE_CURRENT"
    assert len(asked) == 2

    visitor.unroute(BUCKET)
    visitor.route(WIDTH, with_members({"bits": 1}))
    visitor.reload()
    check_file(visitor, file)
    assert visitor.locator("[data-heading]").inner_text() == NOT_TOLD


@pytest.mark.parametrize(("status", "age"), [("superseded", 0), ("withdrawn", 0), ("withdrawn", 9)])
def test_what_ended_stays_ended_however_old_the_word_is(
    visitor: Page, file: Path, status: str, age: int
) -> None:
    """verifier.md 3.2: a withdrawn document is never merely of unknown status."""
    spoil = entries_of(file.read_bytes(), status) | {"asOf": moment(-timedelta(hours=age))}
    visitor.route(BUCKET, with_members(spoil))
    check_file(visitor, file)

    assert visitor.locator(".echt-verdict").get_attribute("data-code") == status.upper()
    assert visitor.locator(GREEN).count() == 0


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize(
    "code", [VerdictCode.SUPERSEDED, VerdictCode.WITHDRAWN, VerdictCode.GENUINE_STATUS_UNKNOWN]
)
def test_each_answer_of_the_browser_is_seen_in_every_language(
    chromium: Browser, site: Answering, file: Path, code: VerdictCode, language: Language
) -> None:
    """verifier.md 4.1, goal 12: by fingerprint alone, with its check of the status."""
    made = {
        VerdictCode.SUPERSEDED: site.made.superseded,
        VerdictCode.WITHDRAWN: site.made.withdrawn,
    }
    file.write_bytes(made.get(code, site.made.sealed))
    with a_visit(chromium, viewport={"width": 390, "height": 844}) as context:
        page = context.new_page()
        page.goto(f"{site.address}/{language}/verify")
        if code is STATUS_UNKNOWN:
            page.route(BUCKET, with_members({"asOf": moment(-OVER)}))
        check_file(page, file)

        verdict = page.locator(".echt-verdict")
        assert verdict.get_attribute("data-code") == code
        word = translations()[language].gettext(WORDS[code].title)[:8]
        assert verdict.locator(".echt-verdict__word").inner_text().startswith(word)
        drawn = page.locator(".echt-checks:visible b").last.get_attribute("class")
        assert drawn == ("echt-skip" if code is STATUS_UNKNOWN else "echt-fail")
        assert page.locator(GREEN).count() == 0
        assert axe_faults(page) == []
        assert too_wide_at(page) == []
