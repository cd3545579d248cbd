"""The numbered lines: what the document states, one fact a line."""

from __future__ import annotations

from typing import Final

from credentials.press import figures as f
from credentials.press.desk import Desk, ordinal, small
from credentials.press.facts import name_size, set_parts
from credentials.press.paragraphs import Line
from credentials.press.tree import language
from credentials.sheet import Json

VALUES_AT: Final = f.EDGE + f.VALUES
LABELS_AT: Final = f.EDGE + f.NUMBERS
Parts = list[tuple[list[Line], float, float]]


def set_facts(page: Json) -> list[Parts]:
    """The lines of a sheet, set: the parts of each.

    Raises:
        Unset: a text cannot be set with certainty.
    """
    tongue = page["lang"]
    name = name_size(page["lines"][0]["parts"][0], tongue)
    return [set_parts(line, name, tongue) for line in page["lines"]]


def draw_facts(
    desk: Desk, lines: list[Json], facts: list[Parts], air: float, root: int
) -> tuple[int, float]:
    """Draw them with so much air between; their list, and where they end."""
    element = desk.new()
    items = []
    down = f.HEAD_ROOM + 0.9 * air
    for line, parts in zip(lines, facts, strict=True):
        if line["n"] > 1:
            down += 2 * air
            desk.canvas.rule(f.EDGE, down - air, f.MEASURE, f.THIN, f.HAIRLINE)
        item, down = _draw_fact(desk, line, parts, element, down)
        items.append(item)
    return desk.list(element, root, items), down


def _draw_fact(desk: Desk, line: Json, parts: Parts, parent: int, down: float) -> tuple[int, float]:
    tongue = line["parts"][0]["lang"]
    item = desk.item(parent, b"LI" + language(tongue))
    label = _label(desk, line, item.label, down + parts[0][1])
    marks = []
    for lines, above, below in parts:
        for one in lines:
            down += above
            marks += desk.canvas.text(VALUES_AT, down, one.spans, item.text, tongue)
            down += below + f.BETWEEN
    return item.close(label, marks), down - f.BETWEEN


def _label(desk: Desk, line: Json, owner: int, base: float) -> list[int]:
    number, words = ordinal(line["n"], desk.language), small(line["label"], desk.language)
    marks = desk.canvas.text(f.EDGE, base, number.spans, owner, "-")
    return marks + desk.canvas.text(LABELS_AT, base, words.spans, owner, "-")
