"""The queue of wishes in SQL: ids and moments, nothing that says who somebody is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from sqlalchemy import BigInteger, ColumnElement, UniqueConstraint
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, SQLModel, and_, col, delete, select, update

from credentials.extract import Language, Purpose
from credentials.waiting import Wish, WishState
from storage.engine import unit_of_work


class WishRow(SQLModel, table=True):
    """One extract that somebody waits for; the row goes when the holder has it."""

    __tablename__ = "waiting_download"
    __table_args__ = (
        UniqueConstraint(
            "person_id", "award_id", "language", "purpose", name="uq_waiting_download_wish"
        ),
    )

    place: int | None = Field(default=None, primary_key=True)
    """The order of asking."""
    person_id: str = Field(max_length=64)
    award_id: str = Field(max_length=64)
    language: str = Field(max_length=2)
    purpose: str = Field(max_length=16)
    asked_at: int = Field(sa_type=BigInteger)
    """Seconds since 1970 UTC, as every moment here."""
    state: str = Field(max_length=16)
    outcome: str = Field(default="", max_length=64)
    tries: int = 0
    moves_at: int = Field(index=True, sa_type=BigInteger)
    """Waiting: not to be worked on before. Ended: when."""


_WAITS = col(WishRow.state) == WishState.WAITING.value


class SqlWishes:
    """The queue on SQLite or PostgreSQL; `StorageUnavailable` when the database is away."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def ask(self, wish: Wish) -> None:
        """Put a wish at the end; one that waits already keeps its place."""
        try:
            with unit_of_work(self._engine, writes=True) as session:
                session.exec(delete(WishRow).where(_is(wish), ~_WAITS))
                if session.exec(select(WishRow).where(_is(wish))).first() is None:
                    session.add(_to_row(wish))
        except IntegrityError:
            return  # asked twice at the same moment: the other one has written it down

    def claim(self, now: datetime, until: Callable[[int], datetime]) -> Wish | None:
        """Take the oldest wish that is due; nobody else gets it until the claim ends."""
        due = (
            select(WishRow)
            .where(_WAITS, col(WishRow.moves_at) <= _seconds(now))
            .order_by(col(WishRow.place))
            .limit(1)
            .with_for_update(skip_locked=True)  # SQLite has one writer at a time anyway
        )
        with unit_of_work(self._engine, writes=True) as session:
            row = session.exec(due).first()
            if row is None:
                return None
            row.tries += 1
            row.moves_at = _seconds(until(row.tries))
            session.add(row)
            return _to_wish(row)

    def free(self, wish: Wish) -> None:
        """Give a claimed wish back as it was: due at once, and not tried."""
        self._change(wish, {"tries": wish.tries - 1, "moves_at": _seconds(wish.asked_at)})

    def end(self, wish: Wish, state: WishState, outcome: str, now: datetime) -> None:
        """Write down what became of a waiting wish; one that ended keeps its end."""
        ended = {"state": state.value, "outcome": outcome, "moves_at": _seconds(now)}
        self._change(wish, ended)

    def of_person(self, person_id: str) -> tuple[Wish, ...]:
        """Every wish of a holder, oldest first."""
        query = select(WishRow).where(WishRow.person_id == person_id).order_by(col(WishRow.place))
        with unit_of_work(self._engine) as session:
            return tuple(_to_wish(row) for row in session.exec(query))

    def forget(self, wish: Wish) -> None:
        """Remove a wish, whatever became of it."""
        with unit_of_work(self._engine, writes=True) as session:
            session.exec(delete(WishRow).where(_is(wish)))

    def forget_ended(self, before: datetime) -> int:
        """Remove every wish that ended before that moment, and tell how many."""
        old = and_(~_WAITS, col(WishRow.moves_at) < _seconds(before))
        with unit_of_work(self._engine, writes=True) as session:
            return session.exec(delete(WishRow).where(old)).rowcount

    def _change(self, wish: Wish, values: Mapping[str, object]) -> None:
        query = update(WishRow).where(and_(_is(wish), _WAITS)).values(dict(values))
        with unit_of_work(self._engine, writes=True) as session:
            session.exec(query)


def _is(wish: Wish) -> ColumnElement[bool]:
    person, award, language, purpose = wish.key
    return and_(
        col(WishRow.person_id) == person,
        col(WishRow.award_id) == award,
        col(WishRow.language) == language,
        col(WishRow.purpose) == purpose,
    )


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _to_row(wish: Wish) -> WishRow:
    person, award, language, purpose = wish.key
    return WishRow(
        person_id=person,
        award_id=award,
        language=language,
        purpose=purpose,
        asked_at=_seconds(wish.asked_at),
        state=wish.state.value,
        outcome=wish.outcome,
        tries=wish.tries,
        moves_at=_seconds(wish.asked_at),
    )


def _to_wish(row: WishRow) -> Wish:
    return Wish(
        person_id=row.person_id,
        award_id=row.award_id,
        language=Language(row.language),
        purpose=Purpose(row.purpose),
        asked_at=datetime.fromtimestamp(row.asked_at, UTC),
        state=WishState(row.state),
        outcome=row.outcome,
        tries=row.tries,
    )
