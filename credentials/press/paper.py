"""The places of everything on the page of one extract, by the rules of the templates."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, NamedTuple

from credentials.press import code, tree
from credentials.press import figures as f
from credentials.press.canvas import Canvas
from credentials.press.columns import Column, columns_of
from credentials.press.faces import top
from credentials.press.facts import (
    REMARK,
    facts_height,
    height_of,
    name_size,
    pieces_of,
    set_cell,
    set_parts,
    top_of,
)  # fmt: skip
from credentials.press.numbers import PAGE_HEIGHT, height, number, single
from credentials.press.paragraphs import Line, Piece, set_lines
from credentials.press.shaping import STRONG, Look
from credentials.press.strings import string
from credentials.press.tree import Objects, Tree
from credentials.press.unset import Unset
from credentials.press.words import (
    ADVICE_LEFT,
    Check,
    Closing,
    check_of,
    closing_of,
    heading,
    one_line,
    small_line,
)  # fmt: skip

Json = dict[str, Any]  # what `sheet` makes, as JSON has no narrower type
_THIN: Final = b"0.5"
_FIRM: Final = b"0.75"
_HEAVY: Final = b"1.5"
_VALUES_AT: Final = f.EDGE + f.VALUES
_LABELS_AT: Final = f.EDGE + f.NUMBERS
_FLOOR: Final = f.HEIGHT - f.FOOT_ROOM
_UNDER_TABLE: Final = 4 * f.MM
_UNDER_FACTS: Final = 2.5 * f.MM
_ABOVE_HEADING, _UNDER_HEADING = 6.6 * f.MM, 3.2 * f.MM
_ABOVE_REMARK: Final = 3 * f.MM
_REMARK_WIDTH: Final = f.MEASURE - f.NUMBERS - 10 * f.MM
_UNIT: Final = f.RING / 32


@dataclass(frozen=True, slots=True)
class House:
    """Everything that is the same on every sheet of one house in one language."""

    title: Line
    echt: Line
    check: Check
    closing: Closing
    foot: Line
    check_at: Line


class _Heading(NamedTuple):
    """A heading: as set, its type, its text, and the name that the outline knows it by."""

    line: Line
    kind: bytes
    text: str
    name: str


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


@lru_cache(maxsize=2048)
def _small(text: str, language: str) -> Line:
    return small_line(text, language)


@lru_cache(maxsize=1024)
def _ordinal(n: int, language: str) -> Line:
    return small_line(str(n), language, tabular=True)


class Paper:
    """One sheet on its one page: drawn on a canvas, told in a tree.

    Raises:
        Unset: more than one page, or a text that cannot be set with certainty.
    """

    def __init__(self, page: Json, house: House, rows: list[str], objects: Objects) -> None:
        self._page, self._house, self._rows = page, house, rows
        self._language: str = page["lang"]
        self._tree = Tree(objects)
        self._new = objects.new
        self.canvas = Canvas(self._language)
        self.header_cells: list[int] = []
        self.destinations: dict[str, tuple[float, float]] = {}
        holder = page["lines"][0]["parts"][0]
        self._name = name_size(holder, self._language)
        self._facts = [set_parts(line, self._name, self._language) for line in page["lines"]]
        self._results: Json | None = page["results"]
        self._columns: tuple[Column, ...] = ()
        self._cells: list[list[tuple[Line, ...]]] = []
        if self._results:
            self._columns = columns_of(tuple(one["key"] for one in self._results["columns"]))
            self._cells = [self._row(row) for row in self._results["rows"]]
        self._heights = [
            max(height_of(len(lines), f.CAP * f.ROW, 0.0, f.ROW_LEADING) for lines in row)
            if row
            else 0.0
            for row in self._cells
        ]
        self._remarks = [self._remark(part) for part in (self._results or {}).get("remarks", ())]
        self.air, self.inset = self._airs()

    def _row(self, row: Json) -> list[tuple[Line, ...]]:
        return [
            set_cell(parts, column.face, column.inner, self._language) if parts else ()
            for parts, column in zip(row["cells"], self._columns, strict=True)
        ]

    def _remark(self, part: Json) -> tuple[list[Line], float]:
        """Remarks under the table: their lines and how far those reach up."""
        lines = set_lines(pieces_of(part, f.ROW, 0, self._language), _REMARK_WIDTH)
        return lines, top_of(part, f.ROW)[0]

    def _airs(self) -> tuple[float, float]:
        """The widest air with which all of it fits on one page."""
        tail = self._house.closing.height
        fixed = heading_height = head = 0.0
        if self._results:
            heading_height = _ABOVE_HEADING + _UNDER_HEADING + f.CAP * f.HEADING
            head = f.CAP * f.SMALL
            remarks = sum(
                _ABOVE_REMARK + height_of(len(lines), above, 0.0, f.ROW_LEADING)
                for lines, above in self._remarks
            )
            tail += _UNDER_TABLE + remarks
        else:
            tail += _UNDER_FACTS
        bare = facts_height(self._facts)
        room = f.PAGE_ROOM - self._house.check.height - f.CLEARANCE - bare - heading_height - 1
        gaps = 0.9 + 2 * (len(self._facts) - 1)
        every = sum(self._heights) + head + tail + fixed
        rows = len(self._heights) + bool(self._results)
        for air, inset in f.AIRS:
            if every + 2 * inset * rows <= room - gaps * air:
                return air, inset
        raise Unset("more than one page")

    def draw(self, root: int, page: int, parent: int) -> None:
        """Write the page, with `root` as the element of the whole document."""
        self._tree.page = page
        self._band()
        title = self._heading(
            _Heading(self._house.title, b"H1", self._page["title"], "title"),
            _VALUES_AT,
            f.BAND_TOP + f.BAND_HEIGHT - 2.6 * f.MM,
            root,
        )
        facts, down = self._numbered(root)
        table: list[int] = []
        if self._results:
            table, down = self._table(root, down)
        closing = self._closing(root, down + (_UNDER_TABLE if self._results else _UNDER_FACTS))
        check = self._check(root)
        self._foot()
        kids = [title, facts, check, *table, *closing]
        self._tree.node(root, b"Document", parent, kids)

    def _heading(self, title: _Heading, x: float, down: float, parent: int) -> int:
        element = self._new()
        marks = self.canvas.text(x, down, title.line.spans, element)
        self._tree.leaf(element, title.kind + b"/T" + string(title.text), parent, marks)
        self.destinations[title.name] = (x, down)
        return element

    def _band(self) -> None:
        down = f.BAND_TOP + f.BAND_HEIGHT
        canvas = self.canvas
        canvas.rule(f.EDGE, down, f.MEASURE, _HEAVY, f.INK)
        canvas.content.append(b"/Artifact<</Attached[/Top]/Subtype/Header/Type/Pagination>>BDC\n")
        canvas.show(f.EDGE - 0.6, down - 0.6, self._house.echt.spans[0])
        canvas.content.append(b"EMC\n")

    def _foot(self) -> None:
        down = _FLOOR + 8.5 * f.MM + f.CAP * f.SMALL
        canvas, house = self.canvas, self._house
        canvas.content.append(
            b"/Artifact<</Attached[/Bottom]/Subtype/Footer/Type/Pagination>>BDC\n"
        )
        canvas.show(f.EDGE, down, house.foot.spans[0])
        number_ = small_line(self._page["number"], self._language, tabular=True)
        canvas.show(_VALUES_AT, down, number_.spans[0])
        canvas.show(f.EDGE + f.MEASURE - house.check_at.width, down, house.check_at.spans[0])
        canvas.content.append(b"EMC\n")

    def _numbered(self, root: int) -> tuple[int, float]:
        """The numbered lines, a list; and where they end."""
        element = self._new()
        items = []
        down = f.HEAD_ROOM + 0.9 * self.air
        for line, parts in zip(self._page["lines"], self._facts, strict=True):
            if line["n"] > 1:
                down += 2 * self.air
                self.canvas.rule(f.EDGE, down - self.air, f.MEASURE, _THIN, f.HAIRLINE)
            item, down = self._item(line, parts, element, down)
            items.append(item)
        self._list(element, root, items)
        return element, down

    def _list(self, element: int, root: int, items: list[int]) -> None:
        self._tree.node(element, b"L/A[<</O/List/ListNumbering/None>>]", root, items)

    def _item(
        self, line: Json, parts: list[tuple[list[Line], float, float]], parent: int, down: float
    ) -> tuple[int, float]:
        item, label, strong, body, text = (self._new() for _ in range(5))
        tongue = line["parts"][0]["lang"]
        base = down + parts[0][1]
        marks = self._label(line, strong, base)
        self._tree.leaf(strong, b"Strong", label, marks)
        self._tree.node(label, b"Lbl", item, [strong])
        marks, below = [], 0.0
        for lines, above, below_ in parts:
            for one in lines:
                down += above
                marks += self.canvas.text(_VALUES_AT, down, one.spans, text, tongue)
                below = below_
                down += below + f.BETWEEN
        self._tree.leaf(text, b"P", body, marks)
        self._tree.node(body, b"LBody", item, [text])
        self._tree.node(item, b"LI" + tree.language(tongue), parent, [label, body])
        return item, down - f.BETWEEN

    def _label(self, line: Json, owner: int, base: float) -> list[int]:
        spans = _ordinal(line["n"], self._language).spans
        marks = self.canvas.text(f.EDGE, base, spans, owner, "-")
        return marks + self.canvas.text(
            _LABELS_AT, base, _small(line["label"], self._language).spans, owner, "-"
        )

    def _table(self, root: int, down: float) -> tuple[list[int], float]:
        results = self._results or {}
        down += _ABOVE_HEADING + f.CAP * f.HEADING
        title = self._heading(
            _Heading(heading(results["title"], self._language), b"H2", results["title"], "results"),
            _LABELS_AT,
            down,
            root,
        )
        down += _UNDER_HEADING
        head = down + f.CAP * f.SMALL + 2 * self.inset
        ends, at = [], head
        for high in self._heights:
            at += high + 2 * self.inset
            ends.append(at)
        for end in ends[:-1]:
            self.canvas.rule(f.EDGE - 0.25, end, f.MEASURE + 0.5, _THIN, f.HAIRLINE)
        self.canvas.rule(f.EDGE - 0.25, ends[-1], f.MEASURE + 0.5, _THIN, f.HAIRLINE)
        self.canvas.rule(f.EDGE - 0.375, head, f.MEASURE + 0.75, _FIRM, f.INK)
        table, thead, tbody = (self._new() for _ in range(3))
        highest = self._head(thead, down + self.inset + f.CAP * f.SMALL)
        rows = [
            self._tr(n, tbody, top_, last=n == len(ends) - 1)
            for n, top_ in enumerate([head, *ends[:-1]])
        ]
        self._tree.node(thead, b"THead", table, [self._header_row])
        self._tree.node(tbody, b"TBody", table, rows)
        box = b" ".join(map(number, self._box(highest, ends[-1])))
        self._tree.node(table, b"Table/A[<</O/Layout/BBox[%b]>>]" % box, root, [thead, tbody])
        elements, down = self._remarks_under(root, ends[-1])
        return [title, table, *elements], down

    def _box(self, highest: float, end: float) -> tuple[float, ...]:
        left, right = f.EDGE - 0.375, f.EDGE + f.MEASURE + 0.375
        return left, PAGE_HEIGHT - single(end + 0.25), right, PAGE_HEIGHT - single(highest)

    def _head(self, thead: int, down: float) -> float:
        """The row with the titles of the columns; how high its letters reach."""
        tr = self._new()
        page, cells = self._page, []
        titles = [page["line"], *(one["title"] for one in (self._results or {})["columns"])]
        self.header_cells: list[int] = []
        for n, title in enumerate(titles):
            line = _small(title, self._language)
            x = f.EDGE if n == 0 else self._columns[n - 1].begin(line.width)
            if n and line.width > self._columns[n - 1].inner:
                raise Unset("the title of a column takes two lines")
            cell = self._new()
            marks = self.canvas.text(x, down, line.spans, cell)
            self._tree.leaf(cell, tree.header_cell(n), tr, marks)
            cells.append(cell)
        self.header_cells = cells
        self._tree.node(tr, b"TR", thead, cells)
        self._header_row = tr
        return down - f.SMALL * max(_top(title, self._language) for title in titles)

    def _tr(self, n: int, tbody: int, down: float, *, last: bool) -> int:
        row = (self._results or {})["rows"][n]
        tr = self._new()
        base = down + self.inset + f.CAP * f.ROW
        cell = self._new()
        marks = self.canvas.text(f.EDGE, base, _ordinal(row["n"], self._language).spans, cell)
        self._tree.leaf(cell, self._tree.cell(0, None, last=last), tr, marks)
        cells = [cell]
        for at, (parts, column, lines) in enumerate(
            zip(row["cells"], self._columns, self._cells[n], strict=True), 1
        ):
            cell = self._new()
            tongue = parts[0]["lang"] if parts else None
            marks = []
            for count, line in enumerate(lines):
                y = base + count * (f.CAP * f.ROW + f.ROW_LEADING)
                marks += self.canvas.text(column.begin(line.width), y, line.spans, cell, tongue)
            self._tree.leaf(cell, self._tree.cell(at, tongue, last=last), tr, marks)
            cells.append(cell)
        self._tree.node(tr, b"TR", tbody, cells)
        return tr

    def _remarks_under(self, root: int, down: float) -> tuple[list[int], float]:
        elements = []
        for lines, above in self._remarks:
            down += _ABOVE_REMARK
            element = self._new()
            marks: list[int] = []
            for line in lines:
                down += above
                marks += self.canvas.text(_LABELS_AT, down, line.spans, element)
                down += f.ROW_LEADING
            down -= f.ROW_LEADING
            elements.append(self._tree.leaf(element, b"P", root, marks))
        return elements, down

    def _closing(self, root: int, down: float) -> list[int]:
        self.canvas.rule(f.EDGE, down + f.RING / 2, f.MEASURE - f.RING, _HEAVY, f.INK)
        self.canvas.content.append(_ring(down))
        element = self._new()
        marks: list[int] = []
        for line, base in self._house.closing.lines:
            marks += self.canvas.text(_VALUES_AT, down + base, line.spans, element)
        return [self._tree.leaf(element, b"P", root, marks)]

    def _check(self, root: int) -> int:
        check, words = self._house.check, self._page["check"]
        top_ = _FLOOR - check.height
        self.canvas.rule(f.EDGE, top_, f.MEASURE, _FIRM, f.INK)
        whole, left, figure, right, text = (self._new() for _ in range(5))
        self._code(figure, left, top_ + 5.5 * f.MM)
        question = self._heading(
            _Heading(check.question, b"H2", words["question"], "check"),
            _VALUES_AT,
            top_ + check.question_down,
            right,
        )
        marks: list[int] = []
        for line, down in zip(check.lead, check.lead_down, strict=True):
            marks += self.canvas.text(_VALUES_AT, top_ + down, line.spans, text)
        self._tree.leaf(text, b"P", right, marks)
        advice = self._advice(right, top_)
        self._tree.node(right, b"Div", whole, [question, text, advice])
        self._tree.node(left, b"Div", whole, [figure])
        return self._tree.node(whole, b"Div", root, [left, right])

    def _advice(self, parent: int, top_: float) -> int:
        element, items = self._new(), []
        for advice in self._house.check.advice:
            item, label, strong, body, text = (self._new() for _ in range(5))
            marks = self.canvas.text(
                _VALUES_AT, top_ + advice.down[0], advice.about.spans, strong, "-"
            )
            self._tree.leaf(strong, b"Strong", label, marks)
            self._tree.node(label, b"Lbl", item, [strong])
            marks = []
            for line, down in zip(advice.lines, advice.down, strict=True):
                marks += self.canvas.text(ADVICE_LEFT, top_ + down, line.spans, text)
            self._tree.leaf(text, b"P", body, marks)
            self._tree.node(body, b"LBody", item, [text])
            items.append(self._tree.node(item, b"LI", element, [label, body]))
        self._list(element, parent, items)
        return element

    def _code(self, figure: int, parent: int, down: float) -> None:
        quiet = self._page["code"]["quiet"]
        module = f.CODE / len(self._rows)
        side = (len(self._rows) + 2 * quiet) * module
        # The reference sets the picture amid a lower frame: one quiet zone higher still.
        x, y = f.EDGE - quiet * module, down - 2 * quiet * module
        mark = self.canvas.mark(figure)
        alt = string(self._page["check"]["alt"])
        self.canvas.content.append(
            b"/Span<</MCID %d/Alt%b>>BDC\nq %b 0 0 -%b %b %b cm /c1 cs 0 scn\n%b\nf Q\nEMC\n"
            % (
                mark,
                alt,
                number(module),
                number(module),
                number(x),
                height(y),
                code.path(self._rows, quiet),
            )
        )
        box = b" ".join(
            map(number, (x, PAGE_HEIGHT - single(y + side), x + side, PAGE_HEIGHT - single(y)))
        )
        kind = b"Figure/Alt%b/A[<</O/Layout/Placement/Block/BBox[%b]>>]" % (alt, box)
        self._tree.leaf(figure, kind, parent, [mark])


@lru_cache(maxsize=256)
def _top(text: str, language: str) -> float:
    return top(text, REMARK, language)


_CIRCLE: Final = (
    b"0 8.681103 m 0 3.891009 3.891009 0 8.681103 0 c 13.471196 0 17.362206 3.891009 "
    b"17.362206 8.681103 c 17.362206 13.471196 13.471196 17.362206 8.681103 17.362206 c "
    b"3.891009 17.362206 0 13.471196 0 8.681103 c"
)
_DISC: Final = (
    b"0 4.6505904 m 0 2.084469 2.084469 0 4.6505904 0 c 7.216712 0 9.301181 2.084469 "
    b"9.301181 4.6505904 c 9.301181 7.216712 7.216712 9.301181 4.6505904 9.301181 c "
    b"2.084469 9.301181 0 7.216712 0 4.6505904 c"
)


def _ring(down: float) -> bytes:
    """One ring, in 32 units like the mark on screen."""
    x = f.EDGE + f.MEASURE - f.RING
    outer, inner = (f.RING - 28 * _UNIT) / 2, (f.RING - 15 * _UNIT) / 2
    return (
        b"/Artifact BMC\nq %b SCN 2.480315 w 1 0 0 -1 %b %b cm %b S Q\n"
        b"q %b scn %b SCN 0.992126 w 1 0 0 -1 %b %b cm %b B Q\nEMC\n"
        % (
            f.INK, number(x + outer), height(down + outer), _CIRCLE,
            f.AMBER, f.INK, number(x + inner), height(down + inner), _DISC,
        )
    )  # fmt: skip
