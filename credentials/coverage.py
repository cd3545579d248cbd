"""Proof, before drawing, that our fonts have every letter of every text.

PDF/A forbids the glyph for "missing" (ISO 19005-3 6.2.11.8), and a name with a hole in
it is not that person's name. So a letter without a glyph stops the document with the
code points, never the text, in the error.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib.resources import as_file, files

from fontTools.ttLib import TTFont

from credentials.errors import UncoveredText

SERIF = ("SourceSerif4_400Regular", "SourceSerif4_400Regular_Italic", "SourceSerif4_600SemiBold")
SANS = ("SourceSans3_400Regular", "SourceSans3_600SemiBold")
WIDE = "NotoSerif-Regular"
OTHER_SCRIPTS = (
    "NotoNaskhArabic-Regular",
    "NotoSerifHebrew-Regular",
    "NotoSerifArmenian-Regular",
    "NotoSerifGeorgian-Regular",
    "NotoSerifEthiopic-Regular",
)
_UNSEEN = frozenset(range(0x202A, 0x202F)) | frozenset(range(0x2066, 0x206A))
"""Direction overrides: they change what is seen without being seen (UAX 9, UTR 36)."""


def needs_wide(text: str) -> bool:
    """Tell whether the whole text must be set in Noto Serif, never two faces in a word.

    So does a text with a loose accent: Source Serif stacks those badly (a dot below with
    an acute above), Noto Serif well.
    """
    if not _points(text) <= _plain():
        return True
    return not text.isascii() and any(unicodedata.category(one) == "Mn" for one in text)


def require_serif(texts: Iterable[str]) -> None:
    """Make sure that what the register states can be drawn.

    Raises:
        UncoveredText: a code point is in none of the faces for facts.
    """
    _require(texts, _facts())


def require_sans(texts: Iterable[str]) -> None:
    """Make sure that what we say about it can be drawn.

    Raises:
        UncoveredText: a code point is not in the face for our own words.
    """
    _require(texts, _sans())


def _require(texts: Iterable[str], covered: frozenset[int]) -> None:
    points = _points("".join(texts))
    missing = (points - covered) | {point for point in points if _is_unseen(point)}
    if missing:
        raise UncoveredText(tuple(f"U+{point:04X}" for point in sorted(missing)))


def _is_unseen(point: int) -> bool:
    """Control characters have glyphs in some fonts, and no business in a name."""
    return point in _UNSEEN or unicodedata.category(chr(point)) == "Cc"


def _points(text: str) -> set[int]:
    return set(map(ord, text))


@cache
def _facts() -> frozenset[int]:
    return _serif() | _others() | _cmap(WIDE)


@cache
def _sans() -> frozenset[int]:
    return frozenset.intersection(*map(_cmap, SANS))


@cache
def _plain() -> frozenset[int]:
    return _serif() | _others()


@cache
def _serif() -> frozenset[int]:
    return frozenset.intersection(*map(_cmap, SERIF))


@cache
def _others() -> frozenset[int]:
    return frozenset.union(*map(_cmap, OTHER_SCRIPTS))


@cache
def _cmap(face: str) -> frozenset[int]:
    with as_file(files("credentials").joinpath(f"fonts/{face}.ttf")) as path, TTFont(path) as font:
        return frozenset(font.getBestCmap())
