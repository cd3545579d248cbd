"""The QR code as one path of rectangles, one for every run of dark modules in a row."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import Final

_DARK: Final = re.compile("1+")


def path(rows: Sequence[str], quiet: int) -> bytes:
    """Operators that fill the dark modules, in units of a module, from the top left."""
    parts = []
    for y, row in enumerate(rows, quiet):
        operators = " ".join(
            [
                _rectangle(found.start() + quiet, found.end() - found.start())
                for found in _DARK.finditer(row)
            ]
        )
        parts.append(operators.replace("y", str(y)))
    return "\n".join(parts).encode()


@cache
def _rectangle(x: int, width: int) -> str:
    return f"{x} y {width} 1 re"
