"""Something to hand over for each of the ten verdicts, and a site that gives them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.attacks import originals
from tests.attacks.originals import Originals
from tests.attacks.updates import ATTACKS, anatomy
from tests.listening import a_place, served
from tests.verifier.conftest import a_verifier
from tests.verifier.memory import MemoryShares
from tests.verifier.sealed import ADDRESS
from tests.verifier.site import a_site
from verifier.sandbox import Sandbox
from verifier.verdict import VerdictCode

UNKNOWN_TODAY = "Q4KD-M2PX-7RTA"
"""The number of a document of which nobody can say how it stands."""


def something_for_each(made: Originals) -> Mapping[VerdictCode, bytes]:
    """A file, or the text of a code or link, for each verdict."""
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


@contextmanager
def checking_site(made: Originals) -> Iterator[str]:
    """A verifier of which every source answers, on loopback; gives its address."""
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
