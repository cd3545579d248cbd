"""Sessions in the database. Only the hash of a browser's secret is ever written."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, Executable, bindparam, delete, insert, or_, select, update
from sqlalchemy.engine import Connection, Engine, Row
from sqlmodel import Field, SQLModel, col

from storage.engine import table_of, transaction
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


_SESSIONS = table_of(SessionRow)
_IS_IT = col(SessionRow.digest) == bindparam("wanted")
_FOUND = select(_SESSIONS).where(_IS_IT)
"""Asked by nearly every request: put together only once, like all that follow."""
_ENDED = delete(_SESSIONS).where(_IS_IT)
_PENDING = update(_SESSIONS).where(_IS_IT).values(pending=bindparam("pending"))
_SEEN = update(_SESSIONS).where(_IS_IT).values(seen=bindparam("seen"))


def _columns(session: Session) -> dict[str, object]:
    return {
        "digest": session.digest,
        "created": int(session.created.timestamp()),
        "seen": int(session.seen.timestamp()),
        "user_ref": session.user_ref,
        "level": session.level,
        "pending": _write(session.pending) if session.pending else None,
    }


def _from_row(row: Row[Any]) -> Session:
    return Session(
        digest=row.digest,
        created=datetime.fromtimestamp(row.created, UTC),
        seen=datetime.fromtimestamp(row.seen, UTC),
        user_ref=row.user_ref,
        level=row.level,
        pending=_read(row.pending),
    )


def _write(pending: PendingLogin) -> str:
    return json.dumps(asdict(pending))


def _read(pending: str | None) -> PendingLogin | None:
    return PendingLogin(**json.loads(pending)) if pending else None


@contextmanager
def _work(engine: Engine, *, writes: bool = False) -> Iterator[Connection]:
    try:
        with transaction(engine, writes=writes) as work:
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
        self._keep(insert(_SESSIONS), _columns(session))

    def find(self, digest: str) -> Session | None:
        """The session with that hash, whatever its age."""
        with _work(self._engine) as work:
            row = work.execute(_FOUND, {"wanted": digest}).first()
            return _from_row(row) if row else None

    def touch(self, digest: str, seen: datetime) -> None:
        """Move the last sign of life."""
        self._keep(_SEEN, {"wanted": digest, "seen": int(seen.timestamp())})

    def put_pending(self, digest: str, pending: PendingLogin) -> None:
        """Remember a login on its way."""
        self._keep(_PENDING, {"wanted": digest, "pending": _write(pending)})

    def take_pending(self, digest: str) -> PendingLogin | None:
        """Hand over the login on its way, once, also when two requests ask together."""
        with _work(self._engine, writes=True) as work:
            row = work.execute(_FOUND.with_for_update(), {"wanted": digest}).first()
            taken = _read(row.pending) if row else None
            if taken is not None:
                work.execute(_PENDING, {"wanted": digest, "pending": None})
            return taken

    def replace(self, old: str, session: Session) -> None:
        """End a session and keep another in its place."""
        with _work(self._engine, writes=True) as work:
            work.execute(_ENDED, {"wanted": old})
            work.execute(insert(_SESSIONS), _columns(session))

    def remove(self, digest: str) -> None:
        """End one session."""
        self._keep(_ENDED, {"wanted": digest})

    def remove_user(self, user_ref: str) -> int:
        """End every session of a person; says how many."""
        mine = delete(_SESSIONS).where(col(SessionRow.user_ref) == bindparam("person"))
        return self._keep(mine, {"person": user_ref})

    def of_user(self, user_ref: str) -> tuple[Session, ...]:
        """Every session of a person, newest first."""
        mine = select(_SESSIONS).where(col(SessionRow.user_ref) == user_ref)
        with _work(self._engine) as work:
            rows = work.execute(mine.order_by(col(SessionRow.created).desc()))
            return tuple(map(_from_row, rows))

    def purge(self, created_before: datetime, seen_before: datetime) -> int:
        """Forget sessions made or last seen before those moments; says how many."""
        old = or_(
            col(SessionRow.created) < bindparam("made"), col(SessionRow.seen) < bindparam("alive")
        )
        moments = {"made": created_before, "alive": seen_before}
        seconds = {name: int(moment.timestamp()) for name, moment in moments.items()}
        return self._keep(delete(_SESSIONS).where(old), seconds)

    def _keep(self, statement: Executable, values: Mapping[str, object]) -> int:
        """How many sessions it was about."""
        with _work(self._engine, writes=True) as work:
            return work.execute(statement, values).rowcount
