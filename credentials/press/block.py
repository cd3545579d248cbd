"""The block at the foot of the page: the code, and how to check the paper with it."""

from __future__ import annotations

from credentials.press import code
from credentials.press import figures as f
from credentials.press.desk import Desk, Heading
from credentials.press.lines import VALUES_AT
from credentials.press.numbers import PAGE_HEIGHT, height, number, single
from credentials.press.strings import string
from credentials.press.words import ADVICE_LEFT, Advice, Check
from credentials.sheet import Json


def draw_check(desk: Desk, check: Check, page: Json, rows: list[str], root: int) -> int:
    """Draw it with the code of these rows, above the foot; its element."""
    above = f.FLOOR - check.height
    desk.canvas.rule(f.EDGE, above, f.MEASURE, f.FIRM, f.INK)
    whole, left, figure, right, text = (desk.new() for _ in range(5))
    _draw_code(desk, page, rows, (figure, left, above + f.ABOVE_CHECK))
    words = Heading(check.question, b"H2", page["check"]["question"], "check")
    question = desk.heading(words, (VALUES_AT, above + check.question_down), right)
    marks: list[int] = []
    for line, down in zip(check.lead, check.lead_down, strict=True):
        marks += desk.canvas.text(VALUES_AT, above + down, line.spans, text)
    desk.tree.leaf(text, b"P", right, marks)
    advice = desk.new()
    desk.list(advice, right, [_draw_advice(desk, one, advice, above) for one in check.advice])
    desk.tree.node(right, b"Div", whole, [question, text, advice])
    desk.tree.node(left, b"Div", whole, [figure])
    return desk.tree.node(whole, b"Div", root, [left, right])


def _draw_advice(desk: Desk, advice: Advice, parent: int, above: float) -> int:
    item = desk.item(parent)
    label = desk.canvas.text(VALUES_AT, above + advice.down[0], advice.about.spans, item.label, "-")
    marks: list[int] = []
    for line, down in zip(advice.lines, advice.down, strict=True):
        marks += desk.canvas.text(ADVICE_LEFT, above + down, line.spans, item.text)
    return item.close(label, marks)


def _draw_code(desk: Desk, page: Json, rows: list[str], of: tuple[int, int, float]) -> None:
    """The picture with its other text; `of` is its element, the parent of that, and its top."""
    figure, parent, down = of
    quiet = page["code"]["quiet"]
    module = f.CODE / len(rows)
    side = (len(rows) + 2 * quiet) * module
    # The reference sets the picture amid a lower frame: one quiet zone higher still.
    x, y = f.EDGE - quiet * module, down - 2 * quiet * module
    mark, alt = desk.canvas.mark(figure), string(page["check"]["alt"])
    desk.canvas.content.append(
        b"/Span<</MCID %d/Alt%b>>BDC\nq %b 0 0 -%b %b %b cm /c1 cs 0 scn\n%b\nf Q\nEMC\n"
        % (
            mark, alt, number(module), number(module), number(x), height(y),
            code.path(rows, quiet),
        )
    )  # fmt: skip
    corners = (x, PAGE_HEIGHT - single(y + side), x + side, PAGE_HEIGHT - single(y))
    box = b" ".join(map(number, corners))
    kind = b"Figure/Alt%b/A[<</O/Layout/Placement/Block/BBox[%b]>>]" % (alt, box)
    desk.tree.leaf(figure, kind, parent, [mark])
