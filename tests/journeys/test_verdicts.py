"""Each of the ten verdicts as people meet it.

In their language, on a telephone and at a desk, with the keyboard alone, read to them.
verifier.md 4.1 and 4.26, goals 12 and 20; portal.md journey B.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.attacks import originals
from tests.attacks.originals import Originals
from tests.attacks.updates import ATTACKS, anatomy
from tests.journeys.conftest import a_visit
from tests.listening import a_place, served
from tests.looking import WIDTHS, axe_faults, too_wide_at
from tests.products import every_value
from tests.verifier.conftest import a_verifier
from tests.verifier.memory import MemoryShares
from tests.verifier.sealed import ADDRESS
from tests.verifier.site import a_site
from verifier.messages import PARTS
from verifier.sandbox import Sandbox
from verifier.texts import WORDS
from verifier.verdict import VerdictCode
from web.i18n import Language, translations

pytestmark = [pytest.mark.judge, pytest.mark.journey, pytest.mark.slow]

UNKNOWN_TODAY = "Q4KD-M2PX-7RTA"
"""The number of a document of which nobody can say how it stands."""
ROWS = every_value(list(VerdictCode), list(Language), WIDTHS)


@pytest.fixture(name="made", scope="module")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Originals:
    return originals.make(tmp_path_factory.mktemp("originals"))


@pytest.fixture(name="files", scope="module")
def _files(made: Originals) -> Mapping[VerdictCode, bytes]:
    """Something to hand over for each verdict."""
    world = made.world
    return {
        VerdictCode.GENUINE_CURRENT: made.archived,
        VerdictCode.GENUINE_STATUS_UNKNOWN: world.seal(
            world.page(facts=originals.facts(number=UNKNOWN_TODAY))
        ),
        VerdictCode.SUPERSEDED: made.superseded,
        VerdictCode.WITHDRAWN: made.withdrawn,
        VerdictCode.ALTERED: ATTACKS["annotation"](anatomy(made.sealed)),
        VerdictCode.NOT_OURS: made.forger.seal(made.page),
        VerdictCode.NOT_ORIGINAL: made.page,
        VerdictCode.QR_GENUINE_COMPARE: made.code.encode(),
        VerdictCode.SHARE_ENDED: f"https://{ADDRESS}/nl/share#{'e' * 32}".encode(),
        VerdictCode.CANNOT_CHECK: b"%PDF-1.7 and then nothing that anybody could read",
    }


@pytest.fixture(name="address", scope="module")
def _address(made: Originals) -> Iterator[str]:
    """A verifier of which every source answers, on loopback."""
    with Sandbox(size=1) as rooms, a_place() as (listener, address):
        verifier = a_verifier(
            made.world,
            index=made.index(),
            statuses=made.statuses(),
            reading=rooms,
            shares=MemoryShares(),
        )
        with served(a_site(verifier, address), listener):
            yield address


def hand_over(page: Page, file: Path) -> None:
    """Choose a file and let it be checked, with nothing but the keyboard."""
    page.locator("input[type=file]").focus()
    page.set_input_files("input[type=file]", str(file))  # stands for the window of the system
    tab_to(page, "form.echt-drop button[type=submit]")
    page.keyboard.press("Enter")
    page.locator("[data-send], .echt-verdict").first.wait_for()
    if page.locator("[data-send]").count():
        tab_to(page, "[data-send]")
        page.keyboard.press("Enter")
    page.locator(".echt-verdict").wait_for()


def tab_to(page: Page, selector: str) -> None:
    """Go on with Tab until this has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"{selector} is not reached with the keyboard")


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
