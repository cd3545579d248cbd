"""How wide a text can be at most, from the font tables, before anything is set.

Setting a text only to measure it costs more than drawing the whole sheet. Most texts
are so much shorter than their line that the sum of their advances decides it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from importlib.resources import as_file, files

from fontTools.ttLib import TTFont

from credentials.coverage import SANS, SERIF, WIDE
from credentials.scripts import script_of

UNKNOWN = 1e6
"""Wider than any line: only setting the text can tell."""
_SLACK = 1.02
"""Kerning mostly takes away; where it adds, it adds less than this over a text."""
_KEPT = re.compile(r"\b[^\W\d_]{1,3}[-\u2019'][^\s-]+|\S+ \S{1,3}\Z")
"""Words that stay on one line: the same expression as `whole` in templates/parts.typ."""


def widest(text: str) -> float:
    """No less than the width of the text on one line, in em, in any face and weight."""
    advances = _advances()
    if not text.isascii() and (
        script_of(text) is not None or any(unicodedata.combining(letter) for letter in text)
    ):
        return UNKNOWN  # its glyphs are not those of its letters one by one
    try:
        return round(_SLACK * sum(map(advances.__getitem__, text)), 3)
    except KeyError:
        return UNKNOWN


def may_hold_words_together(text: str) -> bool:
    """Whether the template must look for words that stay on one line; never a wrong no."""
    if not text.isascii() and any(
        unicodedata.category(letter)[0] in "MN" for letter in text if letter > "\x7f"
    ):
        return True  # where word boundaries are counted differently
    return _KEPT.search(text) is not None


@cache
def _advances() -> dict[str, float]:
    """The widest advance of each letter over the faces that a text can be set in."""
    widest: dict[str, float] = {}
    for face in (*SERIF, *SANS, WIDE):
        with (
            as_file(files("credentials").joinpath(f"fonts/{face}.ttf")) as path,
            TTFont(path) as font,
        ):
            units, widths = font["head"].unitsPerEm, font["hmtx"].metrics
            for point, glyph in font.getBestCmap().items():
                advance = widths[glyph][0] / units
                widest[chr(point)] = max(widest.get(chr(point), 0.0), advance)
    return widest
