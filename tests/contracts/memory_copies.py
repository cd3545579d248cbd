"""The account of preserved copies without a database, held to the same contract."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from credentials.copies import Copy
from credentials.ledger import Outcome
from tests.contracts.memory_ledger import MemoryLedger


class MemoryCopies:
    """Knows the ledger's sealed documents, as the tables in one database do."""

    def __init__(self, ledger: MemoryLedger) -> None:
        self.copies: dict[str, Copy] = {}
        self._ledger = ledger

    def missing(self, *, after: str, limit: int) -> tuple[str, ...]:
        return tuple(number for number in self._missing() if number > after)[:limit]

    def due(
        self, *, before: datetime, authorities: Collection[str], after: str, limit: int
    ) -> tuple[str, ...]:
        found = self._due(before, authorities)
        return tuple(number for number in found if number > after)[:limit]

    def count(self, *, before: datetime, authorities: Collection[str]) -> tuple[int, int]:
        return len(list(self._missing())), len(list(self._due(before, authorities)))

    def of(self, number: str) -> Copy | None:
        return self.copies.get(number)

    def record(self, copy: Copy) -> None:
        self.copies[copy.number] = copy

    def _missing(self) -> Iterator[str]:
        for number, entry in sorted(self._ledger.entries.items()):
            if entry.outcome is Outcome.SEALED and number not in self.copies:
                yield number

    def _due(self, before: datetime, authorities: Collection[str]) -> Iterator[str]:
        for number, copy in sorted(self.copies.items()):
            if copy.lasts_until <= before or copy.authority in authorities:
                yield number
