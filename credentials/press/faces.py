"""Texts set in a face: what stands in the page for them, and how wide they are."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from credentials.press.shaping import UNITS, Look, shaper_of
from credentials.press.subsets import number_for, subset_of
from credentials.press.unset import Unset


class Run(NamedTuple):
    """A text set on one line."""

    show: bytes
    """The operand of TJ (ISO 32000-1 9.4.3)."""
    font: int
    """Number of the subset that its glyphs are from."""
    units: int
    """Its width, in thousandths of the size."""
    text: str
    last: int
    """The part of the width that the last glyph takes."""


@lru_cache(maxsize=16384)
def run(text: str, look: Look, language: str) -> Run:
    """The text in that look, from the smallest subset that has its letters.

    Raises:
        Unset: a letter is in no subset, or a glyph does not say exactly its letters.
    """
    shaper, number = shaper_of(look.face), number_for(look.face, text)
    chosen = subset_of(number)
    if not chosen.letters.issuperset(text):
        raise Unset("a letter outside the subsets")
    shown, units, owed, own = bytearray(b"[("), 0, 0, 0
    for glyph in shaper.shape(text, look, language):
        if chosen.says.get(glyph.number) != glyph.says:
            raise Unset("a glyph does not say its letters")
        if owed:
            shown += b")%d(" % owed
        shown += chosen.codes[glyph.number]
        own = glyph.advance + look.tracking
        owed = shaper.widths[glyph.number] - own
        units += own
    own, units = own - look.tracking, units - look.tracking  # none behind the last
    return Run(bytes(shown + b")]"), number, units, text, own)


def top(text: str, look: Look, language: str) -> float:
    """How far the highest glyph reaches above the line, as part of the size."""
    shaper = shaper_of(look.face)
    glyphs = shaper.shape(text, look, language)
    return max(shaper.top(glyph.number) for glyph in glyphs) / UNITS
