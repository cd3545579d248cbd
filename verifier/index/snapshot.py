"""The index of one moment: a base and the changes since, seen as one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from verifier.index.segment import Segment, Table
from verifier.ports import Status

_LOWEST, _HIGHEST = bytes(32), b"\xff" * 32


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Whole and proven. `segments` in the order of the page: the last one wins."""

    as_of: datetime
    page: bytes
    segments: tuple[Segment, ...]

    def find(self, table: Table, key: bytes) -> Status | None:
        """The status under a key, or None."""
        for segment in reversed(self.segments):
            found = segment.find(table, key)
            if found is not None:
                return found
        return None

    def between(self, table: Table, first: bytes, last: bytes) -> list[tuple[bytes, Status]]:
        """Rows between these two keys, both included, in their order."""
        merged: dict[bytes, Status] = {}
        for segment in self.segments:
            merged |= dict(segment.between(table, first, last))
        return sorted(merged.items())

    def sizes(self, table: Table) -> Mapping[int, int]:
        """How many keys begin with each sixteen bits; a change of a status adds none."""
        base, *changes = self.segments
        found = base.heads(table)
        for segment in changes:
            found.update(Counter(key[0] << 8 | key[1] for key in _new(segment, base, table)))
        return found


def _new(segment: Segment, base: Segment, table: Table) -> Iterator[bytes]:
    for key, _ in segment.between(table, _LOWEST, _HIGHEST):
        if base.find(table, key) is None:
            yield key
