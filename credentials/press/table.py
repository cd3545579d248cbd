"""The results: a table with a head, and the remarks under it."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate
from typing import Final

from credentials.press import figures as f
from credentials.press.columns import columns_of
from credentials.press.desk import Desk, Heading, ordinal, small
from credentials.press.faces import top
from credentials.press.facts import REMARK, height_of, pieces_of, set_cell, top_of
from credentials.press.lines import LABELS_AT
from credentials.press.numbers import PAGE_HEIGHT, number, single
from credentials.press.paragraphs import Line, set_lines
from credentials.press.tree import header_cell
from credentials.press.unset import Unset
from credentials.press.words import heading
from credentials.sheet import Json

_ABOVE_HEADING, _UNDER_HEADING = 6.6 * f.MM, 3.2 * f.MM
_ABOVE_REMARK: Final = 3 * f.MM
_REMARK_WIDTH: Final = f.MEASURE - f.NUMBERS - 10 * f.MM
_HEAD: Final = f.CAP * f.SMALL
HEADING_HEIGHT: Final = _ABOVE_HEADING + _UNDER_HEADING + f.CAP * f.HEADING


class Table:
    """The results of a sheet, set; drawn once it is known how much air the rows have.

    Raises:
        Unset: a text cannot be set with certainty.
    """

    def __init__(self, results: Json, line: str, language: str) -> None:
        self._results, self._language = results, language
        self._columns = columns_of(tuple(one["key"] for one in results["columns"]))
        self._titles = [line, *(one["title"] for one in results["columns"])]
        self._cells = [self._row(row) for row in results["rows"]]
        self._heights = [_row_height(row) for row in self._cells]
        self._remarks = [self._remark(part) for part in results.get("remarks", ())]

    @property
    def rows(self) -> int:
        """How many, with the head."""
        return len(self._heights) + 1

    @property
    def height(self) -> float:
        """Of the rows without air, the head and the remarks."""
        remarks = sum(
            _ABOVE_REMARK + height_of(len(lines), above, 0.0, f.ROW_LEADING)
            for lines, above in self._remarks
        )
        return sum(self._heights) + _HEAD + remarks

    @property
    def lines(self) -> Iterator[Line]:
        """All that the register states here."""
        for cells in self._cells:
            for lines in cells:
                yield from lines
        for remark, _ in self._remarks:
            yield from remark

    def draw(self, desk: Desk, root: int, down: float, inset: float) -> tuple[list[int], float]:
        """Draw all of it; the elements, and where it ends."""
        down += _ABOVE_HEADING + f.CAP * f.HEADING
        told = self._results["title"]
        words = Heading(heading(told, self._language), b"H2", told, "results")
        title = desk.heading(words, (LABELS_AT, down), root)
        down += _UNDER_HEADING
        head = down + _HEAD + 2 * inset
        ends = list(accumulate((high + 2 * inset for high in self._heights), initial=head))
        _rules(desk, ends)
        table, thead, tbody = (desk.new() for _ in range(3))
        highest = self._head(desk, thead, table, down + inset + _HEAD)
        rows = [
            self._tr(desk, n, tbody, top_ + inset, last=n == len(ends) - 2)
            for n, top_ in enumerate(ends[:-1])
        ]
        desk.tree.node(tbody, b"TBody", table, rows)
        kind = b"Table/A[<</O/Layout/BBox[%b]>>]" % _box(highest, ends[-1])
        desk.tree.node(table, kind, root, [thead, tbody])
        remarks, down = self._draw_remarks(desk, root, ends[-1])
        return [title, table, *remarks], down

    def _row(self, row: Json) -> list[tuple[Line, ...]]:
        return [
            set_cell(parts, column.face, column.inner, self._language) if parts else ()
            for parts, column in zip(row["cells"], self._columns, strict=True)
        ]

    def _remark(self, part: Json) -> tuple[list[Line], float]:
        """Remarks under the table: their lines and how far those reach up."""
        lines = set_lines(pieces_of(part, f.ROW, 0, self._language), _REMARK_WIDTH)
        return lines, top_of(part, f.ROW)[0]

    def _head(self, desk: Desk, thead: int, table: int, down: float) -> float:
        """The row with the titles of the columns; how high its letters reach."""
        tr = desk.new()
        for n, title in enumerate(self._titles):
            cell = desk.new()
            line = small(title, self._language)
            marks = desk.canvas.text(self._title_begin(n, line), down, line.spans, cell)
            desk.header_cells.append(desk.tree.leaf(cell, header_cell(n), tr, marks))
        desk.tree.node(tr, b"TR", thead, desk.header_cells)
        desk.tree.node(thead, b"THead", table, [tr])
        return down - f.SMALL * max(_top(title, self._language) for title in self._titles)

    def _title_begin(self, n: int, line: Line) -> float:
        if n == 0:
            return f.EDGE
        column = self._columns[n - 1]
        if line.width > column.inner:
            raise Unset("the title of a column takes two lines")
        return column.begin(line.width)

    def _tr(self, desk: Desk, n: int, tbody: int, down: float, *, last: bool) -> int:
        row = self._results["rows"][n]
        tr, base = desk.new(), down + f.CAP * f.ROW
        cell = desk.new()
        marks = desk.canvas.text(f.EDGE, base, ordinal(row["n"], self._language).spans, cell)
        cells = [desk.tree.leaf(cell, desk.tree.cell(0, None, last=last), tr, marks)]
        for at, (parts, lines) in enumerate(zip(row["cells"], self._cells[n], strict=True), 1):
            cell, tongue = desk.new(), parts[0]["lang"] if parts else None
            marks = self._cell(desk, at - 1, lines, (cell, base, tongue))
            cells.append(desk.tree.leaf(cell, desk.tree.cell(at, tongue, last=last), tr, marks))
        return desk.tree.node(tr, b"TR", tbody, cells)

    def _cell(
        self, desk: Desk, column: int, lines: tuple[Line, ...], of: tuple[int, float, str | None]
    ) -> list[int]:
        (cell, base, tongue), marks = of, []
        for count, line in enumerate(lines):
            x = self._columns[column].begin(line.width)
            down = base + count * (f.CAP * f.ROW + f.ROW_LEADING)
            marks += desk.canvas.text(x, down, line.spans, cell, tongue)
        return marks

    def _draw_remarks(self, desk: Desk, root: int, down: float) -> tuple[list[int], float]:
        elements = []
        for lines, above in self._remarks:
            down += _ABOVE_REMARK
            element = desk.new()
            marks: list[int] = []
            for line in lines:
                down += above
                marks += desk.canvas.text(LABELS_AT, down, line.spans, element)
                down += f.ROW_LEADING
            down -= f.ROW_LEADING
            elements.append(desk.tree.leaf(element, b"P", root, marks))
        return elements, down


def _row_height(row: list[tuple[Line, ...]]) -> float:
    return max(
        (height_of(len(lines), f.CAP * f.ROW, 0.0, f.ROW_LEADING) for lines in row), default=0.0
    )


def _rules(desk: Desk, ends: list[float]) -> None:
    """One under every row; the rule under the head is drawn last, over the others."""
    for end in ends[1:]:
        desk.canvas.rule(f.EDGE - 0.25, end, f.MEASURE + 0.5, f.THIN, f.HAIRLINE)
    desk.canvas.rule(f.EDGE - 0.375, ends[0], f.MEASURE + 0.75, f.FIRM, f.INK)


def _box(highest: float, end: float) -> bytes:
    left, right = f.EDGE - 0.375, f.EDGE + f.MEASURE + 0.375
    corners = left, PAGE_HEIGHT - single(end + 0.25), right, PAGE_HEIGHT - single(highest)
    return b" ".join(map(number, corners))


@lru_cache(maxsize=256)
def _top(text: str, language: str) -> float:
    return top(text, REMARK, language)
