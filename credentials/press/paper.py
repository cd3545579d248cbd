"""One sheet on its page: measured, then drawn, by the rules of the templates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from credentials.press import figures as f
from credentials.press.block import draw_check
from credentials.press.desk import Desk, Heading
from credentials.press.facts import facts_height
from credentials.press.frame import draw_band, draw_closing, draw_foot
from credentials.press.lines import VALUES_AT, draw_facts, set_facts
from credentials.press.paragraphs import Line, Piece
from credentials.press.shaping import STRONG, Look
from credentials.press.table import HEADING_HEIGHT, Table
from credentials.press.unset import Unset
from credentials.press.words import (
    Check,
    Closing,
    check_of,
    closing_of,
    heading,
    one_line,
    small_line,
)  # fmt: skip
from credentials.sheet import Json

_UNDER_TABLE: Final = 4 * f.MM
_UNDER_FACTS: Final = 2.5 * f.MM
_TITLE_DOWN: Final = f.BAND_TOP + f.BAND_HEIGHT - 2.6 * f.MM


WORDS: Final = ("lang", "title", "page", "check-at", "closing", "check")
"""Entries of a sheet that are words of the house."""


@dataclass(frozen=True, slots=True)
class House:
    """Everything that is the same on every sheet of one house in one language."""

    title: Line
    echt: Line
    check: Check
    closing: Closing
    foot: Line
    check_at: Line


def house_of(page: Json) -> House:
    """Our words of this page, set.

    Raises:
        Unset: a text cannot be set with certainty.
    """
    language = page["lang"]
    count = page["page"].replace("{page}", "1").replace("{pages}", "1")
    return House(
        heading(page["title"], language),
        one_line(Piece("echt", Look(STRONG, tracking=-20), 22.0, f.INK, language)),
        check_of(page["check"], language),
        closing_of(page["closing"], language),
        small_line(count, language, tabular=True),
        small_line(page["check-at"], language),
    )


class Paper:
    """A sheet, measured.

    Raises:
        Unset: more than one page, or a text that cannot be set with certainty.
    """

    def __init__(self, page: Json, house: House) -> None:
        self._page, self._house = page, house
        self._facts = set_facts(page)
        results = page["results"]
        self._table = Table(results, page["line"], page["lang"]) if results else None
        self._under = _UNDER_TABLE if results else _UNDER_FACTS
        self._air, self._inset = self._airs()

    @property
    def fonts(self) -> frozenset[int]:
        """Subsets that what the register states is set from."""
        facts = [line for parts in self._facts for lines, _, _ in parts for line in lines]
        found = [*facts, *(self._table.lines if self._table else ())]
        return frozenset(span.run.font for line in found for span in line.spans)

    def draw(self, desk: Desk, root: int, parent: int, rows: list[str]) -> None:
        """Draw it with the code of these rows; `root` becomes the element of the whole document."""
        page, house = self._page, self._house
        draw_band(desk, house.echt)
        words = Heading(house.title, b"H1", page["title"], "title")
        title = desk.heading(words, (VALUES_AT, _TITLE_DOWN), root)
        facts, down = draw_facts(desk, page["lines"], self._facts, self._air, root)
        table: list[int] = []
        if self._table:
            table, down = self._table.draw(desk, root, down, self._inset)
        closing = draw_closing(desk, house.closing, root, down + self._under)
        check = draw_check(desk, house.check, page, rows, root)
        draw_foot(desk, house.foot, page["number"], house.check_at)
        desk.tree.node(root, b"Document", parent, [title, facts, check, *table, closing])

    def _airs(self) -> tuple[float, float]:
        """The widest air with which all of it fits on one page."""
        table, check = self._table, self._house.check
        fixed = self._under + self._house.closing.height + (table.height if table else 0.0)
        taken = check.height + f.CLEARANCE + facts_height(self._facts) + 1
        room = f.PAGE_ROOM - taken - (HEADING_HEIGHT if table else 0.0)
        gaps = 0.9 + 2 * (len(self._facts) - 1)
        rows = table.rows if table else 0
        for air, inset in f.AIRS:
            if fixed + 2 * inset * rows <= room - gaps * air:
                return air, inset
        raise Unset("more than one page")
