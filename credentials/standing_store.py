"""Standings in SQL: one statement for a whole bucket, however many documents are in it.

The ledger says of which versions a document was made, the register which are the
newest; both stand in one database, so the database compares them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from sqlalchemy import Select, SQLColumnExpression, bindparam, func, insert, select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import aliased
from sqlmodel import col

from credentials.errors import LedgerUnavailable
from credentials.further_store import worst_further
from credentials.ledger import Outcome
from credentials.standing import PREFIX_DIGITS, Mark, Marks, Standing, number_mark
from credentials.status import WORSE, DocumentStatus, status_of, worst
from credentials.store import IntentRow, IssuedNumberRow, OutcomeRow
from register.records import AwardStatus
from register.rows import AwardVersionRow, PersonVersionRow
from storage.engine import unit_of_work
from storage.errors import StorageUnavailable

_AWAY = "The list of issued documents cannot be read now."
_PAGE = 10_000


class SqlStandings:
    """Standings over the tables of ledger and register, on SQLite or PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def sizes(self, mark: Mark) -> Mapping[str, int]:
        """How many documents have a hash that begins with each four hex digits."""
        key = _KEYS[mark]
        head = func.substr(key, 1, PREFIX_DIGITS)
        query = select(head, func.count()).where(key.is_not(None)).group_by(head)
        return dict(self._rows(query))

    def of_number(self, number: str) -> DocumentStatus | None:
        """How the sealed document under this number stands; None when there is none.

        Raises:
            LedgerUnavailable: the database cannot be used now.
        """
        rows = self._rows(_OF_NUMBER, number=number)
        return _status(rows[0][1:]) if rows else None

    def between(self, mark: Mark, first: str, last: str) -> tuple[Standing, ...]:
        """The documents whose hash lies between these two, in one statement."""
        rows = self._rows(_BETWEEN[mark], first=first, last=last)
        return tuple(Standing(row[0], _status(row[1:])) for row in rows)

    def all(self) -> Iterator[Marks]:
        """Every sealed document, a page at a time."""
        key, last = _KEYS[Mark.FILE], ""
        while True:
            query = _compared(Mark.FILE, col(IntentRow.number), col(IntentRow.covered_digest))
            rows = self._rows(query.where(key > last).order_by(key).limit(_PAGE))
            for file, number, covered, *versions in rows:
                yield Marks(file, number_mark(number), covered, _status(versions))
            if len(rows) < _PAGE:
                return
            last = rows[-1][0]

    def complete(self) -> int:
        """Add the hashes of numbers that a release before this one sealed; tell how many."""
        absent = (
            ~select(col(IssuedNumberRow.number))
            .where(col(IssuedNumberRow.number) == col(OutcomeRow.number))
            .exists()
        )
        sealed = col(OutcomeRow.outcome) == Outcome.SEALED.value
        query = select(col(OutcomeRow.number)).where(sealed, absent)
        numbers = [row[0] for row in self._rows(query)]
        if numbers:
            self._add(numbers)
        return len(numbers)

    def _add(self, numbers: Iterable[str]) -> None:
        rows = [{"number": one, "sha256": number_mark(one)} for one in numbers]
        try:
            with unit_of_work(self._engine, writes=True) as session:
                session.connection().execute(insert(IssuedNumberRow), rows)
        except StorageUnavailable as cause:
            raise LedgerUnavailable(_AWAY) from cause

    def _rows(self, query: Select[Any], **names: str) -> list[Any]:
        try:
            with unit_of_work(self._engine) as session:
                return list(session.connection().execute(query, names))
        except StorageUnavailable as cause:
            raise LedgerUnavailable(_AWAY) from cause


_KEYS: Mapping[Mark, SQLColumnExpression[Any]] = {
    Mark.FILE: col(OutcomeRow.file_sha256),
    Mark.NUMBER: col(IssuedNumberRow.sha256),
}
_NUMBERS: Mapping[Mark, SQLColumnExpression[str]] = {
    Mark.FILE: col(OutcomeRow.number),
    Mark.NUMBER: col(IssuedNumberRow.number),
}


def _compared(mark: Mark, *also: SQLColumnExpression[str]) -> Select[Any]:
    """Hash, what else is asked, and the versions then and now of every document of a mark."""
    award, person = aliased(AwardVersionRow), aliased(PersonVersionRow)
    newer_award, newer_person = aliased(AwardVersionRow), aliased(PersonVersionRow)
    query = (
        select(
            _KEYS[mark],
            *also,
            col(IntentRow.award_version),
            col(IntentRow.person_version),
            col(award.version),
            col(person.version),
            col(award.status),
            worst_further(col(IntentRow.number)),
        )
        .join(IntentRow, col(IntentRow.number) == _NUMBERS[mark])
        .join(award, col(award.award_id) == col(IntentRow.award_id))
        .join(person, col(person.person_id) == col(award.person_id))
        .where(
            ~select(col(newer_award.version))
            .where(
                col(newer_award.award_id) == col(award.award_id),
                col(newer_award.version) > col(award.version),
            )
            .exists(),
            ~select(col(newer_person.version))
            .where(
                col(newer_person.person_id) == col(person.person_id),
                col(newer_person.version) > col(person.version),
            )
            .exists(),
        )
    )
    return cast("Select[Any]", query)


# Built once: every check asks one, and building it costs twenty times as much as asking it.
_OF_NUMBER = _compared(Mark.FILE).where(
    col(OutcomeRow.number) == bindparam("number"),
    col(OutcomeRow.outcome) == Outcome.SEALED.value,
)
_BETWEEN: Mapping[Mark, Select[Any]] = {
    mark: _compared(mark).where(key.between(bindparam("first"), bindparam("last"))).order_by(key)
    for mark, key in _KEYS.items()
}


def _status(versions: Iterable[Any]) -> DocumentStatus:
    award_then, person_then, award_now, person_now, status, further = versions
    first = status_of(
        AwardStatus(status), then=(award_then, person_then), now=(award_now, person_now)
    )
    return worst((first, WORSE[further or 0]))
