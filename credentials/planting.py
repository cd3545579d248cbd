"""Standings as the public sees them: the issued documents, and the canaries among them.

Canaries come with the documents, about one to fifty, and never go again: the count of
documents that decides about them only rises.
"""

from __future__ import annotations

import heapq
import threading
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from credentials.canaries import EVERY, Canaries, Canary
from credentials.standing import PREFIX_DIGITS, Mark, Marks, Standing, Standings, number_mark

_LOWEST, _HIGHEST = "0" * 64, "f" * 64
_Planted = tuple[str, Canary]


class PlantedStandings:
    """`Standings` over others, with canaries in every answer."""

    def __init__(
        self, issued: Standings, canaries: Canaries, count: Callable[[], int | None]
    ) -> None:
        """`count` tells how many documents were issued; None when nobody can say now."""
        self._issued = issued
        self._canaries = canaries
        self._count = count
        self._documents = 0
        self._sorted: dict[Mark, list[_Planted]] = {mark: [] for mark in Mark}
        self._growing = threading.Lock()

    def sizes(self, mark: Mark) -> Mapping[str, int]:
        """How many hashes begin with each four hex digits."""
        planted = (one.sha256[:PREFIX_DIGITS] for one in self._between(mark, _LOWEST, _HIGHEST))
        return Counter(self._issued.sizes(mark)) + Counter(planted)

    def between(self, mark: Mark, first: str, last: str) -> tuple[Standing, ...]:
        """What lies between these two hashes, both included, in their order."""
        found = (*self._issued.between(mark, first, last), *self._between(mark, first, last))
        return tuple(sorted(found, key=lambda one: one.sha256))

    def all(self) -> Iterator[Marks]:
        """Everything, in the order of the hashes of files."""
        documents, planted = self._seen(Mark.FILE, _LOWEST, _HIGHEST)
        marks = (canary.marks(documents) for _, canary in planted)
        return heapq.merge(self._issued.all(), marks, key=lambda one: one.file)

    def _between(self, mark: Mark, first: str, last: str) -> list[Standing]:
        documents, planted = self._seen(mark, first, last)
        return [Standing(sha256, canary.status(documents)) for sha256, canary in planted]

    def _seen(self, mark: Mark, first: str, last: str) -> tuple[int, list[_Planted]]:
        """How many documents there are, and the canaries that appear among so many."""
        count = self._count()
        with self._growing:
            self._documents = max(self._documents, count or 0)
            self._grow()
            planted, documents = self._sorted[mark], self._documents
            start = bisect_left(planted, first, key=_hash_of)
            end = bisect_right(planted, last, key=_hash_of)
            return documents, [one for one in planted[start:end] if one[1].due <= documents]

    def _grow(self) -> None:
        files, numbers = self._sorted[Mark.FILE], self._sorted[Mark.NUMBER]
        new = [self._canaries.at(n) for n in range(len(files), self._documents // EVERY + 1)]
        if new:
            files += [(one.file, one) for one in new]
            numbers += [(number_mark(one.number), one) for one in new]
            files.sort(key=_hash_of)
            numbers.sort(key=_hash_of)


def _hash_of(planted: _Planted) -> str:
    return planted[0]
