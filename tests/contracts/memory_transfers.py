"""Transfers in memory, held to the same contract as those in SQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from emrex.exchange.receipt import Receipt
from emrex.exchange.states import State
from emrex.exchange.transaction import Transaction


class MemoryTransfers:
    """Transfers of one process."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[str, Transaction]] = {}
        self._documents: dict[str, bytes] = {}
        self._receipts: dict[str, Receipt] = {}

    def add(self, transaction: Transaction, browser: str) -> None:
        self._kept[transaction.tid] = browser, transaction

    def find(self, tid: str, browser: str) -> Transaction | None:
        known, found = self._kept.get(tid, ("", None))
        return found if known == browser else None

    def change(self, before: Transaction, after: Transaction) -> bool:
        browser, now = self._kept[before.tid]
        if (now.state, now.fetched) != (before.state, before.fetched):
            return False
        self._kept[after.tid] = browser, after
        return True

    def keep_signed(
        self, before: Transaction, after: Transaction, document: bytes, receipt: Receipt
    ) -> bool:
        if not self.change(before, after):
            return False
        self._documents[after.tid] = document
        self._receipts[receipt.receipt_id] = receipt
        return True

    def document(self, tid: str) -> bytes | None:
        return self._documents.get(tid)

    def receipts(self, person_id: str) -> tuple[Receipt, ...]:
        mine = [
            replace(one, handed_over=self._kept[one.tid][1].handed_over)
            for one in self._receipts.values()
            if one.person_id == person_id
        ]
        return tuple(sorted(mine, key=lambda one: (-one.signed_at.timestamp(), one.tid)))

    def withdraw(self, person_id: str, receipt_id: str, now: datetime) -> None:
        found = self._receipts.get(receipt_id)
        if found and found.person_id == person_id and found.withdrawn_at is None:
            self._receipts[receipt_id] = replace(found, withdrawn_at=now)

    def expire(self, touched_before: datetime, created_before: datetime) -> int:
        late = [
            (browser, one)
            for browser, one in self._kept.values()
            if one.state.can_expire
            and (one.touched < touched_before or one.created < created_before)
        ]
        for browser, one in late:
            self._kept[one.tid] = browser, replace(one, state=State.EXPIRED)
        return len(late)

    def erase(self, handed_over_before: datetime, signed_before: datetime) -> int:
        kept = [self._kept[tid][1] for tid in self._documents]
        old = [
            one.tid
            for one in kept
            if (one.handed_over and one.handed_over < handed_over_before)
            or (one.state is State.SIGNED and one.touched < signed_before)
        ]
        for tid in old:
            del self._documents[tid]
        return len(old)
