"""What stands around the facts: the band at the top, the closing, the foot."""

from __future__ import annotations

from typing import Final

from credentials.press import figures as f
from credentials.press.desk import Desk
from credentials.press.lines import VALUES_AT
from credentials.press.numbers import height, number
from credentials.press.paragraphs import Line
from credentials.press.words import Closing, small_line

_UNIT: Final = f.RING / 32
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


def draw_band(desk: Desk, echt: Line) -> None:
    """The rule at the top and our name on it, no part of the text."""
    down, canvas = f.BAND_TOP + f.BAND_HEIGHT, desk.canvas
    canvas.rule(f.EDGE, down, f.MEASURE, f.HEAVY, f.INK)
    canvas.content.append(b"/Artifact<</Attached[/Top]/Subtype/Header/Type/Pagination>>BDC\n")
    canvas.show(f.EDGE - 0.6, down - 0.6, echt.spans[0])
    canvas.content.append(b"EMC\n")


def draw_foot(desk: Desk, count: Line, document_number: str, check_at: Line) -> None:
    """Count, number and address at the foot, no part of the text."""
    down, canvas = f.FLOOR + 8.5 * f.MM + f.CAP * f.SMALL, desk.canvas
    middle = small_line(document_number, desk.language, tabular=True)
    canvas.content.append(b"/Artifact<</Attached[/Bottom]/Subtype/Footer/Type/Pagination>>BDC\n")
    canvas.show(f.EDGE, down, count.spans[0])
    canvas.show(VALUES_AT, down, middle.spans[0])
    canvas.show(f.EDGE + f.MEASURE - check_at.width, down, check_at.spans[0])
    canvas.content.append(b"EMC\n")


def draw_closing(desk: Desk, closing: Closing, root: int, down: float) -> int:
    """The last rule with its ring, and what stands under it; its element."""
    desk.canvas.rule(f.EDGE, down + f.RING / 2, f.MEASURE - f.RING, f.HEAVY, f.INK)
    desk.canvas.content.append(_ring(down))
    element = desk.new()
    marks: list[int] = []
    for line, base in closing.lines:
        marks += desk.canvas.text(VALUES_AT, down + base, line.spans, element)
    return desk.tree.leaf(element, b"P", root, marks)


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
