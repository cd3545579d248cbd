"""Cohorts in SQL, and the account that is counted from the ledger's own rows.

A member row says which document states it, or why there is none; whether that document
is sealed is for the ledger to say. So an account can be late, but it can never claim a
seal that was not made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import BigInteger, Index, bindparam, case, func, insert, update
from sqlalchemy.engine import Connection, Engine
from sqlmodel import Field, Session, SQLModel, col, select

from credentials.bulk.cohorts import (
    Account,
    Chunk,
    Cohort,
    CohortState,
    Member,
    Plan,
    Wanted,
)
from credentials.errors import LedgerUnavailable, UnknownCohort
from credentials.extract import Language, Purpose
from credentials.ledger import Outcome
from credentials.store import IntentRow, OutcomeRow
from storage.engine import unit_of_work
from storage.errors import StorageUnavailable

Enqueue = Callable[[Connection, Sequence[str]], None]
"""Hands chunks to a queue in the transaction that it is given, or does nothing."""


class CohortRow(SQLModel, table=True):
    """A kept plan. Only `state` ever changes."""

    __tablename__ = "cohort"

    cohort_id: str = Field(primary_key=True, max_length=16)
    programme: str = Field(max_length=64)
    year: int
    languages: str = Field(max_length=16)
    purpose: str = Field(max_length=16)
    profile: str = Field(max_length=64)
    state: str = Field(max_length=16)
    planned_at: int = Field(sa_type=BigInteger)
    """Seconds since 1970 UTC."""


class ChunkRow(SQLModel, table=True):
    """A chunk, whether it is done, and what it waits for where it could not go on."""

    __tablename__ = "cohort_chunk"
    __table_args__ = (Index("ix_cohort_chunk_cohort", "cohort_id", "position", unique=True),)

    chunk_id: str = Field(primary_key=True, max_length=32)
    cohort_id: str = Field(foreign_key="cohort.cohort_id", max_length=16)
    position: int
    language: str = Field(max_length=2)
    done: bool
    waits_for: str = Field(max_length=32)


class MemberRow(SQLModel, table=True):
    """One award of a chunk, and what became of it at the last look."""

    __tablename__ = "cohort_member"

    chunk_id: str = Field(primary_key=True, foreign_key="cohort_chunk.chunk_id", max_length=32)
    position: int = Field(primary_key=True)
    award_id: str = Field(max_length=64)
    number: str | None = Field(default=None, max_length=14)
    refusal: str = Field(max_length=32)


@dataclass(frozen=True, slots=True)
class Refused:
    """One document that was not made, and why."""

    award_id: str
    language: str
    kind: str


@dataclass(frozen=True, slots=True)
class Task:
    """A chunk as a worker finds it."""

    cohort: Cohort
    language: Language
    members: tuple[Member, ...]
    done: bool


class SqlCohorts:
    """Cohorts on SQLite or PostgreSQL.

    Each method raises `LedgerUnavailable` when the database cannot be used, and
    `UnknownCohort` for an id that it does not hold.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def engine(self) -> Engine:
        """The database, for whoever must write in it together with us: the queue."""
        return self._engine

    def keep(self, plan: Plan, *, now: datetime) -> Cohort:
        """Keep a plan durably; one that is kept already stays as it is."""
        with self._work(writes=True) as session:
            if session.get(CohortRow, plan.cohort_id) is None:
                _insert(session, plan, int(now.timestamp()))
            return _to_cohort(_require(session, plan.cohort_id))

    def cohort(self, cohort_id: str) -> Cohort:
        """The cohort with this id."""
        with self._work() as session:
            return _to_cohort(_require(session, cohort_id))

    def cohorts(self) -> tuple[Cohort, ...]:
        """Every cohort, newest first."""
        order = (col(CohortRow.planned_at).desc(), col(CohortRow.cohort_id))
        with self._work() as session:
            return tuple(
                _to_cohort(row) for row in session.exec(select(CohortRow).order_by(*order))
            )

    def start(self, cohort_id: str, enqueue: Enqueue, *, again: bool = False) -> CohortState:
        """Let a cohort run and hand out its open chunks, in one transaction.

        A cancelled cohort stays cancelled. With `again`, chunks that are done are looked
        through once more: the register may have changed, or a refusal may be overcome.
        """
        with self._work(writes=True) as session:
            # The update locks the row, so two starts of one cohort follow one another.
            _set_state(session, cohort_id, CohortState.RUNNING, unless=(CohortState.CANCELLED,))
            if _require(session, cohort_id).state == CohortState.RUNNING.value:
                mine = col(ChunkRow.cohort_id) == cohort_id
                if again:
                    session.execute(update(ChunkRow).where(mine).values(done=False))
                enqueue(session.connection(), _open_chunks(session, cohort_id))
                _end_if_nothing_is_open(session, cohort_id)
            return CohortState(_require(session, cohort_id).state)

    def stop(self, cohort_id: str, state: CohortState) -> CohortState:
        """Pause or cancel; workers see it after the batch in hand. What is done stays done."""
        final = (CohortState.DONE, CohortState.CANCELLED)
        with self._work(writes=True) as session:
            _set_state(session, cohort_id, state, unless=final)
            return CohortState(_require(session, cohort_id).state)

    def state(self, cohort_id: str) -> CohortState:
        """Where the cohort stands now."""
        return self.cohort(cohort_id).state

    def open_chunks(self, cohort_id: str) -> tuple[str, ...]:
        """Ids of the chunks that are not done, in the order of the plan."""
        with self._work() as session:
            return _open_chunks(session, cohort_id)

    def task(self, chunk_id: str) -> Task:
        """A chunk with its members, as they stand."""
        with self._work() as session:
            chunk = session.get(ChunkRow, chunk_id)
            if chunk is None:
                raise UnknownCohort("There is no cohort with this number here.")
            members = select(MemberRow).where(col(MemberRow.chunk_id) == chunk_id)
            rows = session.exec(members.order_by(col(MemberRow.position))).all()
            cohort = _to_cohort(_require(session, chunk.cohort_id))
            found = tuple(
                Member(row.position, row.award_id, row.number or "", row.refusal) for row in rows
            )
            return Task(cohort, Language(chunk.language), found, chunk.done)

    def note(self, chunk_id: str, members: Iterable[Member]) -> None:
        """Write down what became of these members; the last word counts."""
        values = [
            {"at": one.position, "to": one.number or None, "why": one.refusal} for one in members
        ]
        mine = (col(MemberRow.chunk_id) == chunk_id) & (col(MemberRow.position) == bindparam("at"))
        change = (
            update(MemberRow).where(mine).values(number=bindparam("to"), refusal=bindparam("why"))
        )
        if values:
            with self._work(writes=True) as session:
                session.connection().execute(change, values)

    def close(self, chunk_id: str, waits_for: str = "") -> None:
        """Say that a chunk is done, or what it waits for; the last one ends its cohort."""
        with self._work(writes=True) as session:
            chunk = session.get(ChunkRow, chunk_id)
            if chunk is None:
                raise UnknownCohort("There is no cohort with this number here.")
            # Locks the cohort: of two last chunks, the second sees that the first is done.
            _set_state(session, chunk.cohort_id, CohortState.RUNNING, only=CohortState.RUNNING)
            chunk.done, chunk.waits_for = not waits_for, waits_for
            session.add(chunk)
            session.flush()
            _end_if_nothing_is_open(session, chunk.cohort_id)

    def account(self, cohort_id: str) -> Account:
        """What became of every planned document, counted now."""
        with self._work() as session:
            cohort = _require(session, cohort_id)
            return _account(session, cohort)

    def waiting(self, cohort_id: str) -> tuple[str, ...]:
        """What open chunks wait for, each reason once."""
        reasons = select(ChunkRow.waits_for).where(
            col(ChunkRow.cohort_id) == cohort_id, col(ChunkRow.waits_for) != ""
        )
        with self._work() as session:
            return tuple(sorted(set(session.exec(reasons))))

    def refused(self, cohort_id: str) -> tuple[Refused, ...]:
        """Every refused document, in the order of the plan."""
        query = (
            select(MemberRow.award_id, ChunkRow.language, MemberRow.refusal)
            .join(ChunkRow, col(ChunkRow.chunk_id) == col(MemberRow.chunk_id))
            .where(col(ChunkRow.cohort_id) == cohort_id, col(MemberRow.refusal) != "")
            .order_by(col(ChunkRow.position), col(MemberRow.position))
        )
        with self._work() as session:
            return tuple(Refused(*row) for row in session.exec(query))

    @contextmanager
    def _work(self, *, writes: bool = False) -> Iterator[Session]:
        try:
            with unit_of_work(self._engine, writes=writes) as session:
                yield session
        except StorageUnavailable as cause:
            message = "Issuing is paused because our ledger cannot be used. Nothing was issued."
            raise LedgerUnavailable(message) from cause


def _insert(session: Session, plan: Plan, now: int) -> None:
    wanted = plan.wanted
    row = CohortRow(
        cohort_id=plan.cohort_id,
        programme=wanted.programme,
        year=wanted.year,
        languages=" ".join(wanted.languages),
        purpose=wanted.purpose.value,
        profile=plan.profile,
        state=CohortState.PLANNED.value,
        planned_at=now,
    )
    session.add(row)
    session.flush()
    for chunk in plan.chunks:
        session.execute(insert(ChunkRow), [_chunk_values(plan.cohort_id, chunk)])
        session.execute(insert(MemberRow), list(_member_values(chunk)))


def _chunk_values(cohort_id: str, chunk: Chunk) -> dict[str, object]:
    return {
        "chunk_id": chunk.chunk_id,
        "cohort_id": cohort_id,
        "position": chunk.position,
        "language": chunk.language.value,
        "done": False,
        "waits_for": "",
    }


def _member_values(chunk: Chunk) -> Iterator[dict[str, object]]:
    for position, award_id in enumerate(chunk.awards):
        yield {
            "chunk_id": chunk.chunk_id,
            "position": position,
            "award_id": award_id,
            "number": None,
            "refusal": "",
        }


def _require(session: Session, cohort_id: str) -> CohortRow:
    row = session.get(CohortRow, cohort_id, populate_existing=True)
    if row is None:
        raise UnknownCohort("There is no cohort with this number here.")
    return row


def _set_state(
    session: Session,
    cohort_id: str,
    state: CohortState,
    *,
    unless: tuple[CohortState, ...] = (),
    only: CohortState | None = None,
) -> None:
    query = update(CohortRow).where(
        col(CohortRow.cohort_id) == cohort_id,
        col(CohortRow.state).not_in([one.value for one in unless]),
    )
    if only is not None:
        query = query.where(col(CohortRow.state) == only.value)
    session.execute(query.values(state=state.value))


def _end_if_nothing_is_open(session: Session, cohort_id: str) -> None:
    if not _open_chunks(session, cohort_id):
        _set_state(session, cohort_id, CohortState.DONE, unless=(CohortState.CANCELLED,))


def _open_chunks(session: Session, cohort_id: str) -> tuple[str, ...]:
    query = select(ChunkRow.chunk_id).where(
        col(ChunkRow.cohort_id) == cohort_id, col(ChunkRow.done).is_(False)
    )
    return tuple(session.exec(query.order_by(col(ChunkRow.position))))


def _account(session: Session, cohort: CohortRow) -> Account:
    """One pass over the members, each in exactly one class: the ledger decides which."""
    is_sealed = col(OutcomeRow.outcome) == Outcome.SEALED.value
    fate = case(
        (is_sealed & (col(IntentRow.intended_at) >= cohort.planned_at), "sealed"),
        (is_sealed, "already there"),
        (col(MemberRow.refusal) != "", "refused"),
        else_="left",
    )
    query = (
        select(fate, MemberRow.refusal, func.count())
        .select_from(MemberRow)
        .join(ChunkRow, col(ChunkRow.chunk_id) == col(MemberRow.chunk_id))
        .join(IntentRow, col(IntentRow.number) == col(MemberRow.number), isouter=True)
        .join(OutcomeRow, col(OutcomeRow.number) == col(MemberRow.number), isouter=True)
        .where(col(ChunkRow.cohort_id) == cohort.cohort_id)
        .group_by(fate, col(MemberRow.refusal))
    )
    counted = [tuple(row) for row in session.execute(query)]

    def number_of(wanted: str) -> int:
        return sum(count for kind, _, count in counted if kind == wanted)

    return Account(
        planned=sum(count for _, _, count in counted),
        sealed=number_of("sealed"),
        already_there=number_of("already there"),
        refused={kind: count for fate, kind, count in counted if fate == "refused"},
        left=number_of("left"),
    )


def _to_cohort(row: CohortRow) -> Cohort:
    languages = tuple(Language(word) for word in row.languages.split())
    wanted = Wanted(row.programme, row.year, languages, Purpose(row.purpose))
    planned_at = datetime.fromtimestamp(row.planned_at, UTC)
    return Cohort(row.cohort_id, wanted, row.profile, CohortState(row.state), planned_at)
