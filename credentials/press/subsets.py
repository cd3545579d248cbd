"""The parts of our faces that go into documents: fixed sets of letters, cut and packed once.

Every face has a small subset, and the face of names two larger ones beside it. HarfBuzz cuts
them at first use, and they go as they are into every document, so a document costs nothing
for its fonts. A letter that is in none of them is for typst.
"""

from __future__ import annotations

import hashlib
import string
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

import uharfbuzz

from credentials.press.file import STRONGEST, pack
from credentials.press.shaping import FACES, SERIF, Look, Shaper, shaper_of
from credentials.press.unicode import to_unicode

_WORDS: Final = frozenset(string.ascii_letters + " '(),-./:&\u2019äöüÄÖÜßéëï")
"""Letters of our own languages."""
PLAIN: Final = _WORDS | frozenset(string.digits + "+;?\u2013")
NAMES: Final = PLAIN | frozenset("áàâãåçèêíîñóôøúûÉÅ")
"""Those, and what names of people and places borrow often."""
_EUROPE: Final = NAMES | frozenset(
    "ãåæðøýþÿăąāćčďđėęěēğģıīįķĺľłļńňņőřŕśşšťůűūųźżžșțìòõù"
    "ÀÁÂÃÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕØÙÚÛÝÞĂĄĀĆČĎĐĖĘĚĒĞĢİĪĮĶĹĽŁĻŃŇŅŐŘŔŚŞŠŤŮŰŪŲŹŻŽȘȚ"
)
"""Those, and the other letters of names in the large languages of Europe and in Turkish."""
_ADDRESS: Final = frozenset(string.ascii_lowercase + string.digits + ".-/:")
_LATIN: Final = frozenset(
    map(chr, (*range(0x20, 0x7F), *range(0xA1, 0x180), *range(0x1E80, 0x1EFA)))
)
_EVERY: Final = _LATIN | frozenset("ȘșȚțơưƠƯ\u2013\u2014\u2018\u2019\u201c\u201d\u201e\u2026\u20ac")
_LARGER: Final = (_EUROPE, _EVERY)
"""Of the face of names, for the documents that ask for them."""
LARGER: Final = frozenset(SERIF + FACES * size for size in range(1, len(_LARGER) + 1))
"""Their numbers."""
_JOINING: Final = ("f", "ff", "t", "T", "tt")
"""What letters are joined to in our faces; of any other joint the press is not sure."""
_RARE: Final = frozenset({"fff", "ffb", "ffh", "ffj", "ffk", "fj", "fk", "fft"})
"""Joined letters that no document has to carry for the few that need them."""
_NOT_EMBEDDED: Final = (
    "GSUB", "GPOS", "GDEF", "OS/2", "cmap", "post", "name", "DSIG", "STAT", "meta", "BASE",
    "gasp", "fpgm", "cvt ", "prep",
)  # fmt: skip
"""What only shaping, hinting or a system that installs fonts needs."""
_FLAGS: Final = (
    uharfbuzz.SubsetFlags.NO_HINTING
    | uharfbuzz.SubsetFlags.NOTDEF_OUTLINE
    | uharfbuzz.SubsetFlags.NO_LAYOUT_CLOSURE
)
_ESCAPED: Final = {
    0x0A: b"\\n", 0x0D: b"\\r", 0x28: b"\\(", 0x29: b"\\)", 0x5C: b"\\\\",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Told:
    """What a document says of a face (ISO 32000-1 9.8), and the letters of its small subset."""

    name: str
    flags: int
    angle: int
    ascent: int
    descent: int
    capitals: int
    stem: str
    small: frozenset[str]
    tabular: bool = True


_TOLD: Final = (
    _Told("SourceSerif4-Regular", 131078, 0, 1036, -335, 670, "95.4", NAMES),
    _Told("SourceSerif4-SemiBold", 131078, 0, 1036, -335, 670, "144.2", PLAIN),
    _Told("SourceSans3-Regular", 131076, 0, 1024, -400, 660, "95.4", PLAIN),
    _Told("SourceSerif4-Italic", 131142, -12, 1036, -335, 670, "95.4", _WORDS, tabular=False),
    _Told("SourceSans3-SemiBold", 131076, 0, 1024, -400, 660, "144.2", _ADDRESS, tabular=False),
)


class Embedded(NamedTuple):
    """One subset as it goes into a document."""

    name: bytes
    widths: bytes
    descriptor: bytes
    program: bytes
    """Deflated."""
    length: int
    """Of the program before it was deflated."""
    unicode: bytes
    """The ToUnicode table, deflated."""


@dataclass(frozen=True, slots=True)
class Subset:
    """What can be set from one subset."""

    letters: frozenset[str]
    codes: dict[int, bytes]
    """Number of a glyph in the whole font to its two octets, as they stand in a string."""
    says: dict[int, str]
    """The same number to the text that a reader gets for it."""
    embedded: Embedded


def number_for(face: int, text: str) -> int:
    """The smallest subset of a face for a text, if any is enough."""
    if face != SERIF or _TOLD[face].small.issuperset(text):
        return face
    return face + FACES * (1 if _EUROPE.issuperset(text) else len(_LARGER))


@cache
def subset_of(number: int) -> Subset:
    """The subset of that number, cut and packed."""
    size, face = divmod(number, FACES)
    told, shaper = _TOLD[face], shaper_of(face)
    letters = (told.small, *_LARGER)[size] & shaper.letters
    says = _variants(shaper, letters, Look(face), Look(face, tabular=told.tabular))
    program, places = _cut(shaper, says)
    widths = sorted((place, shaper.widths[glyph]) for glyph, place in places.items())
    embedded = Embedded(
        f"{_tag(program)}+{told.name}".encode(),
        b"[0[" + b" ".join(b"%d" % width for _, width in widths) + b"]]",
        _descriptor(told, shaper.box),
        pack(program, STRONGEST),
        len(program),
        pack(to_unicode({places[glyph]: text for glyph, text in says.items()}), STRONGEST),
    )
    return Subset(letters, {glyph: _code(places[glyph]) for glyph in says}, says, embedded)


def _variants(shaper: Shaper, letters: frozenset[str], *looks: Look) -> dict[int, str]:
    """What shaping makes of letters, and what each glyph says: tabular figures, ligatures."""
    plain = sorted(letters & set(string.ascii_letters))
    samples = [*sorted(letters), *(begun + end for begun in _JOINING for end in plain)]
    found: dict[int, str] = {}
    for look in looks:
        for text in samples:
            for glyph in shaper.shape(text, look, "en"):
                if glyph.says not in _RARE:
                    found.setdefault(glyph.number, glyph.says)
    return found


def _cut(shaper: Shaper, glyphs: Iterable[int]) -> tuple[bytes, dict[int, int]]:
    """A font with these glyphs and what they are put together from, and the new numbers of all."""
    asked = uharfbuzz.SubsetInput()
    asked.flags = _FLAGS
    asked.sets(uharfbuzz.SubsetInputSets.GLYPH_INDEX).set(set(glyphs))
    asked.sets(uharfbuzz.SubsetInputSets.DROP_TABLE_TAG).update(map(_tag_number, _NOT_EMBEDDED))
    plan = uharfbuzz.SubsetPlan(shaper.face, asked)
    places = dict(plan.old_to_new_glyph_mapping)
    return plan.execute().blob.data, places


def _tag_number(table: str) -> int:
    return int.from_bytes(table.encode(), "big")


def _code(glyph: int) -> bytes:
    return b"".join(_ESCAPED.get(octet, bytes([octet])) for octet in glyph.to_bytes(2, "big"))


def _tag(program: bytes) -> str:
    """Six letters that name a subset by its content (ISO 32000-1 9.6.4)."""
    number = int.from_bytes(hashlib.sha256(program).digest()[:8], "big")
    return "".join(chr(65 + number // 26**place % 26) for place in range(6))


def _descriptor(told: _Told, box: tuple[int, ...]) -> bytes:
    """With the box of the whole font: a reader places large letters by it."""
    return (
        f"/Flags {told.flags}/FontBBox[{' '.join(map(str, box))}]/ItalicAngle {told.angle}"
        f"/Ascent {told.ascent}/Descent {told.descent}/CapHeight {told.capitals}"
        f"/StemV {told.stem}"
    ).encode()
