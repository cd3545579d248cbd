"""Marks as Dutch schools give them.

School and central exam marks have one decimal; the final mark is their average
in whole numbers, where half and more goes up (Uitvoeringsbesluit WVO 2020).
They are counted in tenths, because 5.45 as a float would round by accident.
"""

from __future__ import annotations

from register.synthetic.draw import Draw

_TENTHS = tuple(f"{tenths // 10}.{tenths % 10}" for tenths in range(101))
INSUFFICIENT = 5


def written(tenths: int) -> str:
    """The mark with its one decimal."""
    return _TENTHS[tenths]


def final(school: int, central: int | None = None) -> int:
    """The whole final mark of marks in tenths."""
    return (school + (school if central is None else central) + 10) // 20


def school_mark(draw: Draw) -> int:
    """A school exam mark in tenths, from 5.5 to 9.2, mostly near 7."""
    return 55 + int((draw.random() + draw.random()) * 19)


def central_mark(draw: Draw) -> int:
    """A central exam mark in tenths, from 5.0 to 9.2, mostly near 7."""
    return 50 + int((draw.random() + draw.random()) * 21.5)
