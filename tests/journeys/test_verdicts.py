"""Each of the ten verdicts as people meet it.

In their language, on a telephone and at a desk, with the keyboard alone, read to them.
verifier.md 4.1 and 4.26, goals 12 and 20; portal.md journey B.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.attacks import originals
from tests.attacks.originals import Originals
from tests.journeys.conftest import a_visit
from tests.journeys.verdicts import checking_site, hand_over, something_for_each, tab_to
from tests.looking import WIDTHS, axe_faults, too_wide_at
from tests.products import every_value
from verifier.messages import PARTS
from verifier.texts import WORDS
from verifier.verdict import VerdictCode
from web.i18n import Language, translations

pytestmark = [pytest.mark.judge, pytest.mark.journey, pytest.mark.slow]

ROWS = every_value(list(VerdictCode), list(Language), WIDTHS)


@pytest.fixture(name="made", scope="module")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Originals:
    return originals.make(tmp_path_factory.mktemp("originals"))


@pytest.fixture(name="files", scope="module")
def _files(made: Originals) -> Mapping[VerdictCode, bytes]:
    return something_for_each(made)


@pytest.fixture(name="address", scope="module")
def _address(made: Originals) -> Iterator[str]:
    with checking_site(made) as address:
        yield address


@pytest.mark.parametrize(("code", "language", "width"), ROWS)
def test_a_verdict_is_seen_heard_and_reached(
    chromium: Browser,
    address: str,
    files: Mapping[VerdictCode, bytes],
    tmp_path: Path,
    code: VerdictCode,
    language: Language,
    width: int,
) -> None:
    file = tmp_path / "diploma.pdf"
    file.write_bytes(files[code])
    title = translations()[language].gettext(WORDS[code].title)
    with a_visit(chromium, viewport={"width": width, "height": 800}) as context:
        page = context.new_page()
        page.goto(f"{address}/{language}/verify")
        hand_over(page, file)

        answer = page.get_by_role("status").and_(page.locator(".echt-verdict"))
        assert answer.get_attribute("data-code") == code
        spoken = answer.aria_snapshot()
        assert all(part.lower() in spoken.lower() for part in re.split("[.;] ", title))
        assert page.locator("html").get_attribute("lang") == language
        assert axe_faults(page) == []
        assert too_wide_at(page) == []
        if code.is_positive:
            tab_to(page, ".echt-compare")
        if code in PARTS:
            tab_to(page, "textarea[readonly]")
        tab_to(page, f"main a[href='/{language}/verify']")
