"""What the glyphs of a subset say, as a reader that copies or speaks takes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

_HEAD: Final = """%!PS-Adobe-3.0 Resource-CMap
/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo 3 dict dup begin
    /Registry (Adobe) def
    /Ordering (UCS) def
    /Supplement 0 def
end def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange
"""
_END: Final = """endcmap
CMapName currentdict /CMap defineresource pop
end
end
"""
_BLOCK: Final = 100


def to_unicode(says: Mapping[int, str]) -> bytes:
    """Number of a glyph to its text, in blocks of a hundred (ISO 32000-1 9.10.3)."""
    rows = [
        f"<{first:04X}> <{last:04X}> <{text.encode('utf-16-be').hex().upper()}>"
        for first, last, text in _ranges(says)
    ]
    blocks = [rows[at : at + _BLOCK] for at in range(0, len(rows), _BLOCK)]
    parts = [
        f"{len(block)} beginbfrange\n" + "\n".join(block) + "\nendbfrange\n" for block in blocks
    ]
    return (_HEAD + "".join(parts) + _END).encode()


def _ranges(says: Mapping[int, str]) -> list[tuple[int, int, str]]:
    """Glyphs in a row whose letters are in a row, with the first letter.

    A range never leaves a block of 256 on either side, as the format asks.
    """
    found: list[tuple[int, int, str]] = []
    for glyph, text in sorted(says.items()):
        if found and _goes_on(found[-1], glyph, text):
            first, _, begun = found[-1]
            found[-1] = (first, glyph, begun)
        else:
            found.append((glyph, glyph, text))
    return found


def _goes_on(reached: tuple[int, int, str], glyph: int, text: str) -> bool:
    first, last, begun = reached
    if len(begun) != 1 or len(text) != 1 or glyph != last + 1:
        return False
    point, start = ord(text), ord(begun)
    return point - start == glyph - first and (glyph >> 8, point >> 8) == (first >> 8, start >> 8)
