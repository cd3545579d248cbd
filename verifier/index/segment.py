"""A segment of the index, read where it lies on disk: found by halving, nothing loaded.

The form is in docs/index-feed.md. A segment is opened only after its hash was found in a
signed page; the sizes are checked all the same.
"""

from __future__ import annotations

import mmap
import struct
from collections import Counter
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

from verifier.errors import IndexNotTrusted
from verifier.ports import Status

MAGIC = b"ECHTIDX2"
_HEAD = struct.Struct(">8sQQQ")
_KEY = 16
"""Bytes of a hash that are published: its first half (`verifier.buckets`)."""
_STATUS = (Status.GOOD, Status.SUPERSEDED, Status.WITHDRAWN)
_HEADS_AT_ONCE = 100_000


class Table(Enum):
    """A table of a segment: where its count stands in the head, and the bytes of a row."""

    FILES = (0, 17)
    NUMBERS = (1, 17)
    COVERED = (2, 16)


class Segment:
    """One segment in memory that the system shares and may take back."""

    def __init__(self, path: Path) -> None:
        """Map the file.

        Raises:
            IndexNotTrusted: this is not a whole segment.
        """
        try:
            with path.open("rb") as file:
                self._bytes = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            magic, *self._counts = _HEAD.unpack_from(self._bytes)
        except (OSError, ValueError, struct.error) as cause:
            raise IndexNotTrusted("A part of the index cannot be read.") from cause
        if magic != MAGIC or self._start(Table.COVERED) + self._size(Table.COVERED) != len(
            self._bytes
        ):
            raise IndexNotTrusted("A part of the index is not whole.")

    def count(self, table: Table) -> int:
        """Rows in a table."""
        count: int = self._counts[table.value[0]]
        return count

    def find(self, table: Table, sha256: bytes) -> Status | None:
        """The status under a whole hash; None for one that is not in this segment."""
        key = sha256[:_KEY]
        place = self._first_from(table, key)
        found = next(self._rows(table, place, place + 1), None)
        return found[1] if found is not None and found[0] == key else None

    def between(self, table: Table, first: bytes, last: bytes) -> Iterator[tuple[bytes, Status]]:
        """Rows whose key lies between these two whole hashes, both included, in their order."""
        place = self._first_from(table, first[:_KEY])
        for key, status in self._rows(table, place, self.count(table)):
            if key > last[:_KEY]:
                return
            yield key, status

    def heads(self, table: Table) -> Counter[int]:
        """How many keys begin with each sixteen bits."""
        start, width = self._start(table), table.value[1]
        found: Counter[tuple[int, int]] = Counter()
        for at in range(0, self.count(table), _HEADS_AT_ONCE):
            end = min(at + _HEADS_AT_ONCE, self.count(table))
            rows = self._bytes[start + at * width : start + end * width]
            found.update(zip(rows[0::width], rows[1::width], strict=True))
        return Counter({high << 8 | low: size for (high, low), size in found.items()})

    def _size(self, table: Table) -> int:
        return self.count(table) * table.value[1]

    def _start(self, table: Table) -> int:
        before = [one for one in Table if one.value[0] < table.value[0]]
        return _HEAD.size + sum(map(self._size, before))

    def _first_from(self, table: Table, key: bytes) -> int:
        """Place of the first row whose key is not smaller."""
        start, width = self._start(table), table.value[1]
        low, high = 0, self.count(table)
        while low < high:
            middle = (low + high) // 2
            at = start + middle * width
            if self._bytes[at : at + _KEY] < key:
                low = middle + 1
            else:
                high = middle
        return low

    def _rows(self, table: Table, first: int, end: int) -> Iterator[tuple[bytes, Status]]:
        start, width = self._start(table), table.value[1]
        for place in range(first, min(end, self.count(table))):
            row = self._bytes[start + place * width : start + (place + 1) * width]
            # A byte that no release knows is no good word: withdrawn is the safe reading.
            status = Status.GOOD if width == _KEY else _STATUS[min(row[_KEY], 2)]
            yield row[:_KEY], status
