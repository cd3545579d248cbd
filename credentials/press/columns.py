"""The columns of the results: where they are and how wide."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from credentials.press import figures as f
from credentials.press.shaping import SERIF, STRONG


class Column(NamedTuple):
    """One column: where its text begins and ends, on the page."""

    left: float
    right: float
    words: bool
    """Set to the left; figures are set to the right."""
    face: int

    @property
    def inner(self) -> float:
        """Room for text."""
        return self.right - self.left

    def begin(self, width: float) -> float:
        """Where a line of that width begins."""
        return self.left if self.words else self.left + (self.inner - width)


@lru_cache(maxsize=64)
def columns_of(keys: tuple[str, ...]) -> tuple[Column, ...]:
    """One for every key; the first takes the room that the others leave."""
    given = [f.COLUMNS[key] for key in keys[1:]]
    first = f.MEASURE - f.NUMBERS - sum(given)
    left = f.EDGE + f.NUMBERS
    found = [Column(left, left + first - 3 * f.MM, words=True, face=SERIF)]
    left += first
    for key, width in zip(keys[1:], given, strict=True):
        words = key in f.OF_WORDS
        face = STRONG if key == "final" else SERIF
        found.append(Column(left + f.GUTTER * words, left + width, words, face))
        left += width
    return tuple(found)
