"""Sessions in the database. Only the hash of a browser's secret is ever written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime

from sqlalchemy import BigInteger, bindparam
from sqlalchemy.engine import CursorResult, Engine
from sqlmodel import Field, SQLModel, col, delete, or_, select, update
from sqlmodel import Session as Work

from storage.engine import unit_of_work
from storage.errors import StorageUnavailable
from web.errors import SessionsUnavailable
from web.sessions import PendingLogin, Session


class SessionRow(SQLModel, table=True):
    """One session. Moments are seconds since 1970, which every database keeps alike."""

    __tablename__ = "session"

    digest: str = Field(primary_key=True, max_length=64)
    created: int = Field(index=True, sa_type=BigInteger)
    seen: int = Field(index=True, sa_type=BigInteger)
    user_ref: str | None = Field(default=None, index=True)
    level: str = ""
    pending: str | None = None
    """JSON of a login on its way; taken once."""


_FOUND = select(SessionRow).where(SessionRow.digest == bindparam("digest"))
"""Asked by nearly every request: put together only once."""


def _to_row(session: Session) -> SessionRow:
    return SessionRow(
        digest=session.digest,
        created=int(session.created.timestamp()),
        seen=int(session.seen.timestamp()),
        user_ref=session.user_ref,
        level=session.level,
        pending=_write(session.pending) if session.pending else None,
    )


def _from_row(row: SessionRow) -> Session:
    return Session(
        digest=row.digest,
        created=datetime.fromtimestamp(row.created, UTC),
        seen=datetime.fromtimestamp(row.seen, UTC),
        user_ref=row.user_ref,
        level=row.level,
        pending=PendingLogin(**json.loads(row.pending)) if row.pending else None,
    )


def _write(pending: PendingLogin) -> str:
    return json.dumps(asdict(pending))


@contextmanager
def _work(engine: Engine, *, writes: bool = False) -> Iterator[Work]:
    try:
        with unit_of_work(engine, writes=writes) as work:
            yield work
    except StorageUnavailable as cause:
        raise SessionsUnavailable from cause


class SqlSessions:
    """Sessions of all processes that share one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, session: Session) -> None:
        """Keep a new session.

        Raises:
            SessionsUnavailable: the database cannot be used.
        """
        with _work(self._engine, writes=True) as work:
            work.add(_to_row(session))

    def find(self, digest: str) -> Session | None:
        """The session with that hash, whatever its age."""
        with _work(self._engine) as work:
            row = work.exec(_FOUND, params={"digest": digest}).first()
            return _from_row(row) if row else None

    def touch(self, digest: str, seen: datetime) -> None:
        """Move the last sign of life."""
        self._update(digest, {"seen": int(seen.timestamp())})

    def put_pending(self, digest: str, pending: PendingLogin) -> None:
        """Remember a login on its way."""
        self._update(digest, {"pending": _write(pending)})

    def take_pending(self, digest: str) -> PendingLogin | None:
        """Hand over the login on its way, once, also when two requests ask together."""
        with _work(self._engine, writes=True) as work:
            row = work.exec(
                select(SessionRow).where(col(SessionRow.digest) == digest).with_for_update()
            ).one_or_none()
            if row is None or row.pending is None:
                return None
            taken = PendingLogin(**json.loads(row.pending))
            row.pending = None
            work.add(row)
            return taken

    def remove(self, digest: str) -> None:
        """End one session."""
        with _work(self._engine, writes=True) as work:
            work.exec(delete(SessionRow).where(col(SessionRow.digest) == digest))

    def remove_user(self, user_ref: str) -> int:
        """End every session of a person; says how many."""
        with _work(self._engine, writes=True) as work:
            gone = work.exec(delete(SessionRow).where(col(SessionRow.user_ref) == user_ref))
            return _count(gone)

    def of_user(self, user_ref: str) -> tuple[Session, ...]:
        """Every session of a person, newest first."""
        newest = select(SessionRow).where(SessionRow.user_ref == user_ref)
        with _work(self._engine) as work:
            rows = work.exec(newest.order_by(col(SessionRow.created).desc())).all()
            return tuple(_from_row(row) for row in rows)

    def purge(self, created_before: datetime, seen_before: datetime) -> int:
        """Forget sessions made or last seen before those moments; says how many."""
        old = or_(
            col(SessionRow.created) < int(created_before.timestamp()),
            col(SessionRow.seen) < int(seen_before.timestamp()),
        )
        with _work(self._engine, writes=True) as work:
            return _count(work.exec(delete(SessionRow).where(old)))

    def _update(self, digest: str, values: dict[str, object]) -> None:
        with _work(self._engine, writes=True) as work:
            work.exec(update(SessionRow).where(col(SessionRow.digest) == digest).values(values))


def _count(result: CursorResult[object]) -> int:
    return result.rowcount
