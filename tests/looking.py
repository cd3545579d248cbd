"""What a page must be for everybody who looks at it: axe finds nothing, and it fits (WCAG 2.2)."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
WIDTHS = (320, 1280)
"""A telephone, or a page at 400 % (WCAG 1.4.10), and a desk."""
_SIDEWAYS = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def axe_faults(page: Page) -> list[str]:
    """Each rule that the page breaks, with the first place where it does."""
    options = {"runOnly": TAGS, "resultTypes": ["violations"]}
    found = Axe().run(page, options=options).response["violations"]
    return [f"{rule['id']} {rule['nodes'][0]['target']}" for rule in found]


def faults_of(page: Page, *, script: bool = True) -> list[str]:
    """Everything that is wrong with how it looks; axe is a script, so a page without has none."""
    wide = [f"too wide at {one}" for one in too_wide_at(page)]
    return wide + (axe_faults(page) if script else [])


def too_wide_at(page: Page) -> list[int]:
    """The widths at which the page scrolls sideways; its window is as it was afterwards."""
    chosen = page.viewport_size
    assert chosen
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": chosen["height"]})
        if page.evaluate(_SIDEWAYS) > 0:
            found.append(width)
    page.set_viewport_size(chosen)
    return found
