"""The ledger in SQL: two append-only tables, one row each per document."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Row,
    Select,
    SQLColumnExpression,
    String,
    UniqueConstraint,
    bindparam,
    func,
)
from sqlalchemy import select as select_columns
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, Session, SQLModel, col, select

from credentials.errors import AlreadyIssuing, LedgerUnavailable
from credentials.further_store import completed, rows_of
from credentials.ledger import Conclusion, Entry, Intent, Outcome
from credentials.standing import number_mark
from keys.custody import KeyRef
from storage.engine import unit_of_work
from storage.errors import StorageUnavailable

_PAUSED = "Issuing is paused because our ledger cannot be used. Nothing was issued."


class IntentRow(SQLModel, table=True):
    """What a key was about to seal. Rows are never changed (trigger)."""

    __tablename__ = "ledger_intent"
    __table_args__ = (UniqueConstraint("statement", "attempt", name="uq_ledger_intent_attempt"),)

    number: str = Field(primary_key=True, max_length=14)
    statement: str = Field(max_length=64)
    attempt: int
    award_id: str = Field(index=True, max_length=64)
    award_version: int
    person_id: str = Field(index=True, max_length=64)
    person_version: int
    language: str = Field(max_length=2)
    purpose: str = Field(max_length=16)
    template: str = Field(max_length=32)
    covered_digest: str = Field(index=True, max_length=128)
    kid: str = Field(max_length=64)
    algorithm: str = Field(max_length=16)
    profile: str = Field(max_length=64)
    intended_at: int = Field(sa_type=BigInteger)
    """Seconds since 1970 UTC: one meaning on every database."""


class OutcomeRow(SQLModel, table=True):
    """What became of an intent. Rows are never changed (trigger)."""

    __tablename__ = "ledger_outcome"

    number: str = Field(primary_key=True, foreign_key="ledger_intent.number", max_length=14)
    outcome: str = Field(max_length=16)
    file_sha256: str | None = Field(default=None, unique=True, max_length=64)


class IssuedNumberRow(SQLModel, table=True):
    """The hash under which a sealed document is known to those who have its number.

    Written with the outcome, in its transaction; the databases have no hash in common.
    """

    __tablename__ = "issued_number"

    number: str = Field(primary_key=True, foreign_key="ledger_outcome.number", max_length=14)
    sha256: str = Field(unique=True, max_length=64)


class SqlLedger:
    """The ledger on SQLite or PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def intend(self, intent: Intent) -> None:
        """Durably state that a key is about to be used.

        Raises:
            AlreadyIssuing: this attempt at this statement was stated before.
            LedgerUnavailable: the row could not be written.
        """
        try:
            with _ledger_work(self._engine, writes=True) as session:
                _add(session, (intent,))
        except IntegrityError as cause:
            message = "This document is being made right now. Try again in a moment."
            raise AlreadyIssuing(message) from cause

    def conclude(self, number: str, outcome: Outcome, file_sha256: str = "") -> None:
        """Close an intent, once.

        Raises:
            LedgerUnavailable: closed before, unknown, or the row could not be written.
        """
        self.conclude_all((Conclusion(number, outcome, file_sha256),))

    def intend_all(self, intents: Sequence[Intent]) -> frozenset[str]:
        """Durably state them in one transaction; one by one where somebody was faster.

        Raises:
            LedgerUnavailable: the rows could not be written.
        """
        try:
            with _ledger_work(self._engine, writes=True) as session:
                _add(session, intents)
        except IntegrityError:
            return frozenset(intent.number for intent in intents if self._is_first(intent))
        return frozenset(intent.number for intent in intents)

    def _is_first(self, intent: Intent) -> bool:
        try:
            self.intend(intent)
        except AlreadyIssuing:
            return False
        return True

    def conclude_all(self, conclusions: Sequence[Conclusion]) -> None:
        """Close these intents in one transaction.

        Raises:
            LedgerUnavailable: one is closed or unknown, or the rows could not be written.
        """
        rows = [
            OutcomeRow(number=one.number, outcome=one.outcome, file_sha256=one.file_sha256 or None)
            for one in conclusions
        ]
        try:
            with _ledger_work(self._engine, writes=True) as session:
                session.add_all(rows)
                session.flush()  # a number stands in the ledger before its hash can
                session.add_all(_numbers(conclusions))
        except IntegrityError as cause:
            raise LedgerUnavailable(_PAUSED) from cause

    def attempts_at(self, statements: Collection[str]) -> Mapping[str, tuple[Entry, ...]]:
        """Every try at each of these, oldest first."""
        found: dict[str, tuple[Entry, ...]] = {}
        tried = col(IntentRow.statement).in_(statements)
        for entry in self._entries(tried, col(IntentRow.attempt)):
            statement = entry.intent.statement
            found[statement] = (*found.get(statement, ()), entry)
        return found

    def attempts(self, statement: str) -> tuple[Entry, ...]:
        """Every try at stating this, oldest first."""
        return self._entries(col(IntentRow.statement) == statement, col(IntentRow.attempt))

    def by_number(self, number: str) -> Entry | None:
        """The entry under this document number."""
        return self._one(_BY_NUMBER, number)

    def by_file(self, file_sha256: str) -> Entry | None:
        """The entry of the file with this SHA-256 (hex)."""
        return self._one(_BY_FILE, file_sha256)

    def by_covered_digest(self, covered_digest: bytes) -> Entry | None:
        """The entry whose seal covers this digest."""
        return self._one(_BY_COVERED, covered_digest.hex())

    def documents_of(self, person_id: str) -> tuple[Entry, ...]:
        """Every sealed document of this holder, newest first."""
        condition = (col(IntentRow.person_id) == person_id) & (
            col(OutcomeRow.outcome) == Outcome.SEALED.value
        )
        return self._entries(condition, col(IntentRow.intended_at).desc())

    def open_intents(self, *, before: datetime) -> Iterator[Intent]:
        """Intents from before that moment that nobody has closed."""
        condition = col(OutcomeRow.number).is_(None) & (
            col(IntentRow.intended_at) <= int(before.timestamp())
        )
        for entry in self._entries(condition, col(IntentRow.intended_at)):
            yield entry.intent

    def count_sealed(self) -> int:
        """How many documents were sealed, ever."""
        sealed = select(func.count()).where(col(OutcomeRow.outcome) == Outcome.SEALED.value)
        with _ledger_work(self._engine, writes=False) as session:
            return session.exec(sealed).one()

    def abandoned(self, *, since: datetime) -> tuple[str, ...]:
        """Numbers that were given up for good, of intents from that moment on."""
        condition = (col(OutcomeRow.outcome) == Outcome.ABANDONED.value) & (
            col(IntentRow.intended_at) >= int(since.timestamp())
        )
        return tuple(e.intent.number for e in self._entries(condition, col(IntentRow.number)))

    def _one(self, query: Select[Any], asked: str) -> Entry | None:
        with _ledger_work(self._engine, writes=False) as session:
            row = session.connection().execute(query, {"asked": asked}).first()
            return completed(session, [_to_entry(row)])[0] if row is not None else None

    def _entries(
        self, condition: ColumnElement[bool], order: SQLColumnExpression[Any]
    ) -> tuple[Entry, ...]:
        query = _ENTRIES.where(condition).order_by(order)
        with _ledger_work(self._engine, writes=False) as session:
            found = [*map(_to_entry, session.connection().execute(query))]
            return completed(session, found)


_ENTRIES: Select[Any] = select_columns(
    *IntentRow.__table__.columns,  # type: ignore[attr-defined]  # SQLModel does not tell of it
    col(OutcomeRow.outcome),
    col(OutcomeRow.file_sha256),
).join_from(IntentRow, OutcomeRow, col(OutcomeRow.number) == col(IntentRow.number), isouter=True)
_ASKED = bindparam("asked", type_=String())
# Built once: every check asks these, and building a statement costs more than asking it.
_BY_NUMBER = _ENTRIES.where(col(IntentRow.number) == _ASKED)
_BY_FILE = _ENTRIES.where(col(OutcomeRow.file_sha256) == _ASKED)
_BY_COVERED = _ENTRIES.where(col(IntentRow.covered_digest) == _ASKED).order_by(
    col(IntentRow.number)
)


def _numbers(conclusions: Sequence[Conclusion]) -> list[IssuedNumberRow]:
    return [
        IssuedNumberRow(number=one.number, sha256=number_mark(one.number))
        for one in conclusions
        if one.outcome is Outcome.SEALED
    ]


def _add(session: Session, intents: Sequence[Intent]) -> None:
    session.add_all([_to_row(intent) for intent in intents])
    if further := [row for intent in intents for row in rows_of(intent)]:
        session.flush()  # a number stands in the ledger before its further awards can
        session.add_all(further)


@contextmanager
def _ledger_work(engine: Engine, *, writes: bool) -> Iterator[Session]:
    try:
        with unit_of_work(engine, writes=writes) as session:
            yield session
    except StorageUnavailable as cause:
        raise LedgerUnavailable(_PAUSED) from cause


def _to_row(intent: Intent) -> IntentRow:
    return IntentRow(
        number=intent.number,
        statement=intent.statement,
        attempt=intent.attempt,
        award_id=intent.award_id,
        award_version=intent.award_version,
        person_id=intent.person_id,
        person_version=intent.person_version,
        language=intent.language,
        purpose=intent.purpose,
        template=intent.template,
        covered_digest=intent.covered_digest.hex(),
        kid=intent.key.kid,
        algorithm=intent.key.algorithm,
        profile=intent.profile,
        intended_at=int(intent.intended_at.timestamp()),
    )


def _to_entry(row: Row[Any]) -> Entry:
    intent = Intent(
        number=row.number,
        statement=row.statement,
        attempt=row.attempt,
        award_id=row.award_id,
        award_version=row.award_version,
        person_id=row.person_id,
        person_version=row.person_version,
        language=row.language,
        purpose=row.purpose,
        template=row.template,
        covered_digest=bytes.fromhex(row.covered_digest),
        key=KeyRef(row.kid, row.algorithm),
        profile=row.profile,
        intended_at=datetime.fromtimestamp(row.intended_at, UTC),
    )
    if row.outcome is None:
        return Entry(intent)
    return Entry(intent, Outcome(row.outcome), row.file_sha256 or "")
