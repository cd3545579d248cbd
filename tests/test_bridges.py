"""Small adapters between rooms that no room's own suite sees."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bridges import LedgerCount
from tests.contracts.memory_ledger import MemoryLedger

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


class SlowLedger(MemoryLedger):
    """Other visitors come while it counts."""

    def __init__(self) -> None:
        super().__init__()
        self.counted = 0
        self.visitor: Callable[[], int | None] | None = None
        self.told: list[int | None] = []

    def count_sealed(self) -> int:
        self.counted += 1
        visitor, self.visitor = self.visitor, None
        if visitor is not None:
            self.told.append(visitor())
        return self.counted


def test_who_comes_while_documents_are_counted_is_told_the_count_of_before() -> None:
    """Every bucket needs the count: a crowd must not count a whole ledger once for each."""
    ledger, now = SlowLedger(), [NOON]
    count = LedgerCount(ledger, lambda: now[0])
    assert [count(), count()] == [1, 1]

    now[0] += timedelta(minutes=1)
    ledger.visitor = count

    assert count() == 2
    assert ledger.told == [1]
    assert [count(), ledger.counted] == [2, 2]
