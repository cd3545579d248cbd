"""Numbers as they stand in a content stream: what single precision keeps, in the fewest digits.

The reference renderer computes places in single precision and writes the shortest text
that reads back as the same value. Written so, a place is the same place for every reader,
and not one dot of the paper differs.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import Final

_SINGLE: Final = struct.Struct("<f")
PAGE_HEIGHT: Final = _SINGLE.unpack(_SINGLE.pack(841.8897637795276))[0]
PAGE_WIDTH: Final = _SINGLE.unpack(_SINGLE.pack(595.2755905511812))[0]


def single(value: float) -> float:
    """The nearest number of single precision (ISO/IEC 60559 binary32)."""
    kept: float = _SINGLE.unpack(_SINGLE.pack(value))[0]
    return kept


@lru_cache(maxsize=8192)
def number(value: float) -> bytes:
    """A length in points, never with an exponent (ISO 32000-1 7.3.3)."""
    kept = single(value)
    for digits in (6, 7, 8):
        text = f"{kept:.{digits}g}"
        if single(float(text)) == kept:
            break
    else:
        text = f"{kept:.9g}"
    if "e" in text:
        text = f"{kept:.9f}".rstrip("0").rstrip(".")
    return text.encode()


@lru_cache(maxsize=8192)
def height(down: float) -> bytes:
    """A place so far down from the top edge, as it stands in a page that counts from below."""
    return number(PAGE_HEIGHT - single(down))
