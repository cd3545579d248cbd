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
        f"<{glyph:04X}> <{text.encode('utf-16-be').hex().upper()}>"
        for glyph, text in sorted(says.items())
    ]
    blocks = [rows[at : at + _BLOCK] for at in range(0, len(rows), _BLOCK)]
    parts = [f"{len(block)} beginbfchar\n" + "\n".join(block) + "\nendbfchar\n" for block in blocks]
    return (_HEAD + "".join(parts) + _END).encode()
