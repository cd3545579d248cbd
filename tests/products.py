"""How much of a product of many things a run looks at.

The gate looks at every value; a run with ECHT_THOROUGH, `make thorough`, at every combination.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import product
from typing import Any

THOROUGH = bool(os.environ.get("ECHT_THOROUGH"))

Row = tuple[Any, ...]


def every_value(*axes: Sequence[Any], thorough: bool = THOROUGH) -> list[Row]:
    """Rows in which each value of each axis is found."""
    if thorough:
        return list(product(*axes))
    longest = max(map(len, axes))
    return [tuple(axis[place % len(axis)] for axis in axes) for place in range(longest)]
