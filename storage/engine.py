"""Engines and units of work over SQLite (default) and PostgreSQL (production).

SQLite is opened in WAL mode with `synchronous=FULL`, so that a returned commit
survives a power cut, and every writing unit of work begins IMMEDIATE: a deferred
transaction that turns into a writer fails with SQLITE_BUSY whatever the timeout.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from sqlite3 import Connection as SqliteConnection
from typing import Any

from sqlalchemy import Table, create_engine, event
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlmodel import Session, SQLModel

from storage.errors import StorageUnavailable

BUSY_TIMEOUT_MS = 5_000
_LINE = "line"
LOCK_TIMEOUT_MS = 4_000
STATEMENT_TIMEOUT_MS = 30_000
PAGE_SECONDS = 4.0
"""For one statement of a page: a transfer answers its client within five (emrex.md item 36)."""
POOL_SECONDS = 4.0
_AFTER_THE_SERVER = 0.5
"""Seconds after which the server should have ended a statement itself."""


def open_engine(url: str, *, within: float | None = None) -> Engine:
    """Open a pooled engine for `sqlite:///…` or `postgresql+psycopg://…`.

    Nothing is connected yet, and no table is made: that is `storage.migrating.upgrade`.

    Args:
        url: of the database.
        within: seconds for one statement, also where PostgreSQL has fallen silent; without it
            statements have the time that bulk work and migrations take.

    Raises:
        StorageUnavailable: this is not the address of a database.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as cause:
        raise StorageUnavailable("This is not the address of a database.") from cause
    if parsed.get_backend_name() == "sqlite":
        return _open_sqlite(url)
    return _open_postgresql(parsed, within)


def _open_postgresql(url: URL, within: float | None) -> Engine:
    from storage.hurrying import CONNECT_SECONDS, hurry  # noqa: PLC0415 - no driver for SQLite

    statement_ms = STATEMENT_TIMEOUT_MS if within is None else int(within * 1000)
    ours = {
        "options": f"-c lock_timeout={LOCK_TIMEOUT_MS} -c statement_timeout={statement_ms}",
        "connect_timeout": CONNECT_SECONDS,
    }
    theirs = url.query.keys() - {"options"}
    engine = create_engine(
        url,
        pool_timeout=POOL_SECONDS,
        hide_parameters=True,
        connect_args={name: value for name, value in ours.items() if name not in theirs},
    )
    hurry(engine, None if within is None else within + _AFTER_THE_SERVER)
    return engine


def _open_sqlite(url: str) -> Engine:
    # Parameters are values of records: they must not turn up in the text of an error.
    engine = create_engine(
        url,
        hide_parameters=True,
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1000},
        execution_options={_LINE: threading.Lock()},
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: SqliteConnection, _record: object) -> None:
        # The driver's own BEGIN is deferred; switch it off and begin by hand below.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


@contextmanager
def _turn(engine: Engine, *, writes: bool) -> Iterator[None]:
    """Writers of one process wait in line, where the engine has one.

    SQLite would have each of them look again after sleeps that grow, so that the unlucky one
    waits for seconds while the lock is free.
    """
    line = engine.get_execution_options().get(_LINE) if writes else None
    if line is None:
        yield
        return
    if not line.acquire(timeout=BUSY_TIMEOUT_MS / 1000):
        raise StorageUnavailable("The database cannot be used right now.")
    try:
        yield
    finally:
        line.release()


@contextmanager
def transaction(engine: Engine, *, writes: bool = False) -> Iterator[Connection]:
    """Statements in one transaction: committed when the block ends well, rolled back otherwise.

    For what every page asks. Rows as objects, and what follows from them, cost as much again
    as the statement: those are in `unit_of_work`.

    Args:
        engine: from `open_engine`.
        writes: take SQLite's write lock at once instead of failing halfway.

    Raises:
        StorageUnavailable: locked beyond the timeout, disk full, or no connection.
    """
    options: dict[str, Any] = {"writes": writes}
    try:
        with (
            _turn(engine, writes=writes),
            engine.connect().execution_options(**options) as connection,
            connection.begin(),
        ):
            yield connection
    except (IntegrityError, ProgrammingError, DataError):
        raise  # what the rows say, not whether the database works
    except (DBAPIError, PoolExhausted) as cause:
        # The driver's text names tables and may quote values: it stays in the cause.
        raise StorageUnavailable("The database cannot be used right now.") from cause


@contextmanager
def unit_of_work(engine: Engine, *, writes: bool = False) -> Iterator[Session]:
    """The same with rows as objects, whose changes are written when the block ends well.

    Raises:
        StorageUnavailable: as `transaction`.
    """
    with (
        transaction(engine, writes=writes) as connection,
        Session(connection, expire_on_commit=False) as session,
    ):
        yield session
        session.flush()


def table_of(row: type[SQLModel]) -> Table:
    """The table that rows of this class stand in, for plain statements."""
    return SQLModel.metadata.tables[str(row.__tablename__)]
