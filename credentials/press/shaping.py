"""The faces of the paper before HarfBuzz: which glyphs stand for a text, and how far they reach."""

from __future__ import annotations

import struct
from functools import cache
from importlib.resources import files
from typing import Final, NamedTuple

import uharfbuzz

from credentials.press.unset import Unset

UNITS: Final = 1000
"""Of the em in every face (OpenType head.unitsPerEm)."""
_BOX_AT: Final = 36
"""Where a head table tells the box around all glyphs."""


class Look(NamedTuple):
    """How a text is set, apart from its size."""

    face: int
    tabular: bool = False
    tracking: int = 0
    """Thousandths of the size after every letter."""


class Glyph(NamedTuple):
    """One glyph of a text: its number in the whole font, what it says, how far it moves on."""

    number: int
    says: str
    advance: int


SERIF, STRONG, SANS, ITALIC, ADDRESS = range(5)
FACES: Final = 5
_FILES: Final = (
    "SourceSerif4_400Regular", "SourceSerif4_600SemiBold", "SourceSans3_400Regular",
    "SourceSerif4_400Regular_Italic", "SourceSans3_600SemiBold",
)  # fmt: skip


class Shaper:
    """One font file."""

    def __init__(self, face: int) -> None:
        data = files("credentials").joinpath(f"fonts/{_FILES[face]}.ttf").read_bytes()
        self.face = uharfbuzz.Face(data)
        self.font = uharfbuzz.Font(self.face)
        self.letters = frozenset(map(chr, self.face.unicodes))
        advance = self.font.get_glyph_h_advance
        self.widths = [int(advance(glyph)) for glyph in range(self.face.glyph_count)]
        """Of every glyph, as the font has it."""
        head = self.face.reference_table("head").data
        self.box: tuple[int, ...] = struct.unpack_from(">4h", head, _BOX_AT)
        """Around every glyph of the font: left, bottom, right, top."""

    def top(self, glyph: int) -> int:
        """How far one glyph reaches above the line."""
        extents = self.font.get_glyph_extents(glyph)
        return int(extents.y_bearing) if extents else 0

    def shape(self, text: str, look: Look, language: str) -> list[Glyph]:
        """The glyphs of a text, from left to right.

        Raises:
            Unset: a glyph is moved from its place.
        """
        buffer = uharfbuzz.Buffer()
        buffer.add_str(text)
        buffer.direction = "ltr"
        buffer.script = "Latn" if any(map(str.isalpha, text)) else "Zyyy"
        buffer.language = language
        features = {"tnum": True} if look.tabular else {}
        if look.tracking:
            features |= {"liga": False, "clig": False}
        uharfbuzz.shape(self.font, buffer, features)
        places, infos = buffer.glyph_positions, buffer.glyph_infos
        if any(place.x_offset or place.y_offset for place in places):
            raise Unset("a mark is moved")
        ends = [info.cluster for info in infos[1:]] + [len(text)]
        return [
            Glyph(info.codepoint, text[info.cluster : end], place.x_advance)
            for info, place, end in zip(infos, places, ends, strict=True)
        ]


@cache
def shaper_of(face: int) -> Shaper:
    """One for every face, opened at first use."""
    return Shaper(face)
