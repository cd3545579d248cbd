"""The fonts of a document: five objects for each (ISO 32000-1 9.7)."""

from __future__ import annotations

from functools import cache

from credentials.press.file import Objects, stream
from credentials.press.subsets import subset_of


def embed(objects: Objects, font: int) -> int:
    """Put a subset into the document; the number of its font."""
    kept = subset_of(font).embedded
    whole, descendant, descriptor, program, unicode = (objects.new() for _ in range(5))
    objects.put(
        whole,
        b"<</Type/Font/Subtype/Type0/BaseFont/%b/Encoding/Identity-H/DescendantFonts[%d 0 R]"
        b"/ToUnicode %d 0 R>>" % (kept.name, descendant, unicode),
    )
    objects.put(
        descendant,
        b"<</Type/Font/Subtype/CIDFontType2/BaseFont/%b/CIDSystemInfo<</Registry(Adobe)"
        b"/Ordering(Identity)/Supplement 0>>/FontDescriptor %d 0 R/DW 0/CIDToGIDMap/Identity/W%b>>"
        % (kept.name, descriptor, kept.widths),
    )
    objects.put(
        descriptor,
        b"<</Type/FontDescriptor/FontName/%b%b/FontFile2 %d 0 R>>"
        % (kept.name, kept.descriptor, program),
    )
    objects.put(program, _program(font))
    objects.put(unicode, _unicode(font))
    return whole


@cache
def _program(font: int) -> bytes:
    kept = subset_of(font).embedded
    return stream(b"/Length1 %d" % kept.length, kept.program)


@cache
def _unicode(font: int) -> bytes:
    return stream(b"/Type/CMap/CMapName/Adobe-Identity-UCS", subset_of(font).embedded.unicode)
