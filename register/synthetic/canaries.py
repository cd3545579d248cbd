"""National numbers that nobody has, in a range that leaks can be searched for.

Every synthetic BSN starts with `99` (after 900,000 people: with `98`), every
synthetic onderwijsnummer with `1099`. All pass their checksum, so no code can
tell them from real ones; a search for the pattern finds every leak. Numbers
that start with `9999` (BSN) and `10999` (onderwijsnummer) belong to the fixed
cast and are never drawn.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

CANARY = re.compile(r"(?<![0-9])(?:9[89][0-9]{7}|1099[0-9]{5})(?![0-9])")
"""Finds a synthetic national number in a text."""

_BSN_BLOCKS = ((99_000_000, 990_000), (98_000_000, 1_000_000))
_ONDERWIJSNUMMER_BLOCK = (10_990_000, 9_000)
# A prime that divides no block size, so that steps of it visit every number once.
_STRIDE = 514_229


def bsns(seed: int) -> Iterator[str]:
    """Valid citizen service numbers, each once, in an order set by the seed."""
    for start, size in _BSN_BLOCKS:
        yield from _numbers(start, size, seed, remainder=0)


def onderwijsnummers(seed: int) -> Iterator[str]:
    """Valid education numbers, each once, in an order set by the seed."""
    start, size = _ONDERWIJSNUMMER_BLOCK
    return _numbers(start, size, seed, remainder=5)


def _numbers(start: int, size: int, seed: int, *, remainder: int) -> Iterator[str]:
    """Close each eight digits with the ninth that the eleven test asks, where one exists."""
    for step in range(size):
        digits = str(start + (seed + step * _STRIDE) % size)
        weighted = sum((9 - place) * int(digit) for place, digit in enumerate(digits))
        check = (weighted - remainder) % 11
        if check < 10:  # noqa: PLR2004 - a check of ten has no digit
            yield f"{digits}{check}"
