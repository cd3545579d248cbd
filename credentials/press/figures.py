"""Sizes, distances and colours: `templates/tokens.typ` in points. Tests hold the two together."""

from __future__ import annotations

from typing import Final

MM: Final = 72 / 25.4

SMALL, TALK, ROW, FACT, LEAD, HEADING, TITLE = 8.5, 9.5, 10.0, 11.0, 11.5, 15.0, 18.0
NAME_SIZES: Final = (34.0, 30.0, 26.5, 23.0, 20.0, 17.0)
NAME_FLOOR: Final = 17.0
TWO_LINES_FROM: Final = 20.0
"""A name above this size takes two lines at most, below it four."""
CAP: Final = 0.67
SANS_CAP: Final = 0.66
"""Height of a capital of the sans face: the top of a line where nothing else is said."""
BETWEEN: Final = 7.5
ROW_LEADING: Final = 5.5

EDGE: Final = 20 * MM
MEASURE: Final = 170 * MM
NUMBERS: Final = 10 * MM
VALUES: Final = 50 * MM
VALUE_WIDTH: Final = MEASURE - VALUES
BAND_TOP, BAND_HEIGHT = 14 * MM, 10 * MM
HEAD_ROOM, FOOT_ROOM = 30 * MM, 22 * MM
HEIGHT: Final = 297 * MM
FLOOR: Final = HEIGHT - FOOT_ROOM
PAGE_ROOM: Final = HEIGHT - HEAD_ROOM - FOOT_ROOM
CLEARANCE: Final = 5.5 * MM
RING: Final = 7 * MM
CODE: Final = 38 * MM
GUTTER: Final = 7 * MM
ABOVE_CHECK: Final = 5.5 * MM
"""From the rule over the block to its code and its question."""

AIRS: Final = (
    (17.0, 5.2), (15.0, 5.2), (13.0, 5.0), (11.5, 4.6), (10.0, 4.2), (8.5, 3.8), (7.4, 3.4),
    (6.6, 3.1), (6.2, 2.9), (5.4, 2.5),
)  # fmt: skip
COLUMNS: Final = {
    "level": 22 * MM, "credits": 25 * MM, "day": 41 * MM, "school-exam": 27 * MM,
    "central-exam": 27 * MM, "final": 24 * MM,
}  # fmt: skip
OF_WORDS: Final = ("subject", "level", "day")

THIN, FIRM, HEAVY = b"0.5", b"0.75", b"1.5"
"""Widths of rules."""

INK: Final = b"0.05490196 0.22745098 0.2509804"
SOFT: Final = b"0.26666668 0.36078432 0.36862746"
HAIRLINE: Final = b"0.47843137 0.54901963 0.5411765"
AMBER: Final = b"0.9098039 0.6392157 0.23921569"


def tail_at(size: float) -> float:
    """Room under a line for the tails of large letters."""
    return max(1.6, 0.43 * size - BETWEEN) if size > FACT else 0.0
