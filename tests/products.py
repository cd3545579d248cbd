"""How much of a product of many things a run looks at.

The gate looks at every pair of values; a run with ECHT_THOROUGH, `make thorough`, at every
combination. Nearly every fault hangs on one value or on two together (Kuhn, Wallace and Gallo,
IEEE Transactions on Software Engineering 30(6), 2004).
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from itertools import combinations, product
from typing import Any

THOROUGH = bool(os.environ.get("ECHT_THOROUGH"))

Row = tuple[Any, ...]


def every_pair(*axes: Sequence[Any], thorough: bool = THOROUGH) -> list[Row]:
    """Rows with one value of each axis in which any two values of two axes meet."""
    rows = list(product(*axes))
    return rows if thorough else _covering(rows)


def every_value(*axes: Sequence[Any], thorough: bool = THOROUGH) -> list[Row]:
    """Rows in which each value of each axis is found."""
    if thorough:
        return list(product(*axes))
    longest = max(map(len, axes))
    return [tuple(axis[place % len(axis)] for axis in axes) for place in range(longest)]


def every_two_meet(rows: Sequence[Row]) -> bool:
    """Whether any two values that are found on two axes are found together in a row."""
    axes = [set(column) for column in zip(*rows, strict=True)]
    return all(
        {(row[first], row[second]) for row in rows} == set(product(axes[first], axes[second]))
        for first, second in combinations(range(len(axes)), 2)
    )


def _covering(rows: list[Row]) -> list[Row]:
    chosen: list[Row] = []
    missing = set().union(*map(_pairs, rows))
    while missing:
        best = max(rows, key=lambda row: len(missing & _pairs(row)))
        chosen.append(best)
        missing -= _pairs(best)
    return chosen


def _pairs(row: Row) -> set[Any]:
    return set(combinations(enumerate(row), 2))
