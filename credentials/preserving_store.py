"""The account of preserved copies in SQL: one row per document, replaced at each renewal.

Which documents have no copy is asked of the ledger's own rows, so a document that was
sealed a moment ago is found wherever its number falls.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, or_
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Mapped
from sqlmodel import Field, SQLModel, col, func, select

from credentials.copies import Copy
from credentials.ledger import Outcome
from credentials.store import OutcomeRow
from storage.engine import unit_of_work


class CopyRow(SQLModel, table=True):
    """What the archive's own copy of a document rests on."""

    __tablename__ = "preserved_copy"

    number: str = Field(primary_key=True, foreign_key="ledger_intent.number", max_length=14)
    file_sha256: str = Field(max_length=64)
    stamped_at: int = Field(sa_type=BigInteger)
    """Seconds since 1970 UTC, as every moment here; an archive outlives 32 bits of them."""
    lasts_until: int = Field(index=True, sa_type=BigInteger)
    authority: str = Field(index=True, max_length=64)
    """SHA-256 (hex) of the certificate of the authority that made the newest time-stamp."""


class SqlCopies:
    """The account on SQLite or PostgreSQL; `StorageUnavailable` when the database is away."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def missing(self, *, after: str, limit: int) -> tuple[str, ...]:
        """Numbers of sealed documents without a copy, in their order, behind that number."""
        number = col(OutcomeRow.number)
        query = _missing(number).where(number > after).order_by(number).limit(limit)
        return self._numbers(query)

    def due(
        self, *, before: datetime, authorities: Collection[str], after: str, limit: int
    ) -> tuple[str, ...]:
        """Numbers of copies that end before that moment or rest on one of these authorities."""
        number = col(CopyRow.number)
        query = select(number).where(_due(before, authorities), number > after)
        return self._numbers(query.order_by(number).limit(limit))

    def count(self, *, before: datetime, authorities: Collection[str]) -> tuple[int, int]:
        """How many documents are missing a copy, and how many copies are due."""
        due = select(func.count()).select_from(CopyRow).where(_due(before, authorities))
        with unit_of_work(self._engine) as session:
            missing = session.scalar(_missing(func.count()))
            return missing or 0, session.scalar(due) or 0

    def of(self, number: str) -> Copy | None:
        """What is recorded of one copy."""
        with unit_of_work(self._engine) as session:
            row = session.get(CopyRow, number)
            return None if row is None else _to_copy(row)

    def record(self, copy: Copy) -> None:
        """Write down a copy that is stored; an earlier account of it is replaced."""
        with unit_of_work(self._engine, writes=True) as session:
            session.merge(_to_row(copy))

    def _numbers(self, query: Select[Any]) -> tuple[str, ...]:
        with unit_of_work(self._engine) as session:
            return tuple(session.scalars(query))


def _missing(what: ColumnElement[Any] | Mapped[Any]) -> Select[Any]:
    """Sealed documents without a row of their own here."""
    sealed = col(OutcomeRow.outcome) == Outcome.SEALED.value
    mine = col(CopyRow.number) == col(OutcomeRow.number)
    joined = select(what).select_from(OutcomeRow).join(CopyRow, mine, isouter=True)
    return joined.where(sealed, col(CopyRow.number).is_(None))


def _due(before: datetime, authorities: Collection[str]) -> ColumnElement[bool]:
    ends = col(CopyRow.lasts_until) <= _seconds(before)
    return or_(ends, col(CopyRow.authority).in_(sorted(authorities)))


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def _to_row(copy: Copy) -> CopyRow:
    return CopyRow(
        number=copy.number,
        file_sha256=copy.file_sha256,
        stamped_at=_seconds(copy.stamped_at),
        lasts_until=_seconds(copy.lasts_until),
        authority=copy.authority,
    )


def _to_copy(row: CopyRow) -> Copy:
    return Copy(
        number=row.number,
        file_sha256=row.file_sha256,
        stamped_at=_moment(row.stamped_at),
        lasts_until=_moment(row.lasts_until),
        authority=row.authority,
    )
