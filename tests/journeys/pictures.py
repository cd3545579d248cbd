"""A picture of every verdict in every language and width, to be looked at by people.

`python -m tests.journeys.pictures FOLDER` writes `CODE-LANGUAGE-WIDTH.png`, whole pages, and the
same page as it is printed (`…-print.pdf`). No test can say whether a page is calm and plain.
"""

from __future__ import annotations

import io
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from tests import judges
from tests.attacks import originals
from tests.journeys.conftest import QUIET, a_visit
from tests.journeys.verdicts import checking_site, hand_over, something_for_each
from tests.looking import WIDTHS
from web import logs
from web.i18n import Language


def take(
    browser: Browser,
    into: Path,
    languages: Sequence[Language] = tuple(Language),
    widths: Sequence[int] = WIDTHS,
) -> Iterator[Path]:
    """Write the pictures, and give the path of each when it is there."""
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        made, file = originals.make(Path(folder) / "originals"), Path(folder) / "diploma.pdf"
        with checking_site(made) as address:
            for (code, data), language, width in product(
                something_for_each(made).items(), languages, widths
            ):
                file.write_bytes(data)
                name = into / f"{code.value}-{language}-{width}"
                yield from _taken(browser, f"{address}/{language}/verify", file, name, width)


def _taken(browser: Browser, page_: str, file: Path, name: Path, width: int) -> Iterator[Path]:
    with a_visit(browser, viewport={"width": width, "height": 800}) as context:
        page = context.new_page()
        page.goto(page_)
        hand_over(page, file)
        seen, printed = name.with_suffix(".png"), name.with_name(f"{name.name}-print.pdf")
        page.screenshot(path=seen, full_page=True)
        yield seen
        page.pdf(path=printed)
        yield printed


def main(into: Path) -> None:
    """Take all of them, and print nothing but where they are."""
    logs.configure(io.StringIO())
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=judges.browser(), args=list(QUIET))
        for path in take(browser, into):
            sys.stdout.write(f"{path}\n")
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
