"""Texts as they stand in objects (ISO 32000-1 7.9.2)."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

_SPECIAL: Final = re.compile(rb"[()\\\r\n]")


@lru_cache(maxsize=1024)
def string(text: str) -> bytes:
    """A text string: as it is where it is ASCII, else UTF-16BE."""
    if text.isascii():
        return (
            b"(" + _SPECIAL.sub(lambda found: b"\\%03o" % found.group(0)[0], text.encode()) + b")"
        )
    return b"<" + (b"\xfe\xff" + text.encode("utf-16-be")).hex().upper().encode() + b">"
