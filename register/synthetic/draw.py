"""Chance that repeats itself: everything is drawn from one seeded generator.

Only `Random.random` and `Random.getrandbits` are used. Python promises that the
former gives the same sequence in every version; `choice`, `sample` and `shuffle`
have no such promise.
"""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import TypeVar

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford base32: no I, L, O or U."""
_PAIRS = tuple(first + second for first in _ALPHABET for second in _ALPHABET)

T = TypeVar("T")


class Draw:
    """One sequence of chances, fixed by its seed."""

    def __init__(self, seed: int) -> None:
        source = Random(seed)  # noqa: S311 - repeatable on purpose; nothing secret is drawn
        self.random = source.random
        self._bits = source.getrandbits

    def pick(self, items: Sequence[T]) -> T:
        """One of the items, each as likely."""
        return items[int(self.random() * len(items))]

    def chance(self, share: float) -> bool:
        """True in that share of all calls."""
        return self.random() < share

    def between(self, low: int, high: int) -> int:
        """A whole number from `low` up to and including `high`."""
        return low + int(self.random() * (high - low + 1))

    def identifier(self) -> str:
        """26 characters of Crockford base32: 130 bits, never a national number."""
        bits = self._bits(130)
        return "".join([_PAIRS[bits >> shift & 1023] for shift in range(0, 130, 10)])
