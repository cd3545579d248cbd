"""The ledger without a database, held to the same contract as the real one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from credentials.errors import AlreadyIssuing, LedgerUnavailable
from credentials.ledger import Conclusion, Entry, Intent, Outcome


class MemoryLedger:
    """Keeps what a database would keep, in the order in which it was written."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}

    def intend(self, intent: Intent) -> None:
        taken = {(e.intent.statement, e.intent.attempt) for e in self.entries.values()}
        if intent.number in self.entries or (intent.statement, intent.attempt) in taken:
            raise AlreadyIssuing("This document is being made right now. Try again in a moment.")
        self.entries[intent.number] = Entry(intent)

    def conclude(self, number: str, outcome: Outcome, file_sha256: str = "") -> None:
        entry = self.entries.get(number)
        if entry is None or entry.outcome is not None:
            raise LedgerUnavailable("Issuing is paused because our ledger cannot be used.")
        self.entries[number] = replace(entry, outcome=outcome, file_sha256=file_sha256)

    def count_sealed(self) -> int:
        return sum(one.outcome is Outcome.SEALED for one in self.entries.values())

    def intend_all(self, intents: Sequence[Intent]) -> frozenset[str]:
        taken = set()
        for intent in intents:
            with suppress(AlreadyIssuing):
                self.intend(intent)
                taken.add(intent.number)
        return frozenset(taken)

    def conclude_all(self, conclusions: Sequence[Conclusion]) -> None:
        before = dict(self.entries)
        try:
            for one in conclusions:
                self.conclude(one.number, one.outcome, one.file_sha256)
        except LedgerUnavailable:
            self.entries = before
            raise

    def attempts_at(self, statements: Collection[str]) -> Mapping[str, tuple[Entry, ...]]:
        return {one: found for one in statements if (found := self.attempts(one))}

    def attempts(self, statement: str) -> tuple[Entry, ...]:
        found = self._where(lambda entry: entry.intent.statement == statement)
        return tuple(sorted(found, key=lambda entry: entry.intent.attempt))

    def by_number(self, number: str) -> Entry | None:
        return self.entries.get(number)

    def by_file(self, file_sha256: str) -> Entry | None:
        return next(iter(self._where(lambda entry: entry.file_sha256 == file_sha256)), None)

    def by_covered_digest(self, covered_digest: bytes) -> Entry | None:
        found = self._where(lambda entry: entry.intent.covered_digest == covered_digest)
        return next(iter(found), None)

    def documents_of(self, person_id: str) -> tuple[Entry, ...]:
        found = self._where(
            lambda entry: entry.intent.person_id == person_id and entry.outcome is Outcome.SEALED
        )
        return tuple(sorted(found, key=lambda entry: entry.intent.intended_at, reverse=True))

    def open_intents(self, *, before: datetime) -> Iterator[Intent]:
        for entry in self._where(lambda entry: entry.outcome is None):
            if entry.intent.intended_at <= before:
                yield entry.intent

    def abandoned(self, *, since: datetime) -> tuple[str, ...]:
        found = self._where(lambda entry: entry.outcome is Outcome.ABANDONED)
        numbers = [e.intent.number for e in found if e.intent.intended_at >= since]
        return tuple(sorted(numbers))

    def _where(self, holds: Callable[[Entry], bool]) -> list[Entry]:
        return [entry for entry in self.entries.values() if holds(entry)]
