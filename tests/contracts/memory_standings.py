"""Standings without a database: the plain rule over every entry of a ledger in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from credentials.ledger import Outcome
from credentials.standing import PREFIX_DIGITS, Mark, Marks, Standing, number_mark
from credentials.status import DocumentStatus, Statuses
from register.ports import Register
from tests.contracts.memory_ledger import MemoryLedger


@dataclass(frozen=True)
class MemoryStandings:
    """One document after the other, each by the road that a single one takes."""

    ledger: MemoryLedger
    register: Register

    def sizes(self, mark: Mark) -> Mapping[str, int]:
        return Counter(one.sha256[:PREFIX_DIGITS] for one in self._known(mark))

    def of_number(self, number: str) -> DocumentStatus | None:
        mark = number_mark(number)
        return next((one.status for one in self._known(Mark.NUMBER) if one.sha256 == mark), None)

    def between(self, mark: Mark, first: str, last: str) -> tuple[Standing, ...]:
        return tuple(one for one in self._known(mark) if first <= one.sha256 <= last)

    def all(self) -> Iterator[Marks]:
        statuses = Statuses(self.register)
        sealed = (one for one in self.ledger.entries.values() if one.outcome is Outcome.SEALED)
        for entry in sorted(sealed, key=lambda one: one.file_sha256):
            yield Marks(
                file=entry.file_sha256,
                number=number_mark(entry.intent.number),
                covered=entry.intent.covered_digest.hex(),
                status=statuses.of_entry(entry),
            )

    def _known(self, mark: Mark) -> list[Standing]:
        found = [
            Standing(one.file if mark is Mark.FILE else one.number, one.status)
            for one in self.all()
        ]
        return sorted(found, key=lambda one: one.sha256)
