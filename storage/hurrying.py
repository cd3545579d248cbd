"""PostgreSQL that may be away: whoever asks it hears so within seconds, whatever is wrong with it.

A server that refuses is heard at once. One that takes a connection and then says nothing (a
machine that froze, a network that swallows) is waited for by the driver for ever, and the
server's own time-outs cannot help: so each connection is asked for a sign of life before it is
used, and a statement of a page has an end on our side too.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.abc import RV, PQGen
from psycopg.pq import TransactionStatus
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.exc import InvalidatePoolError

CONNECT_SECONDS = 2
"""The least that libpq takes; a connection on one network takes milliseconds."""
SIGN_OF_LIFE = 1.5
"""Seconds for an answer to nothing in particular."""


class Hurried(psycopg.Connection[Any]):
    """A connection whose every wait has an end, where one was set."""

    patience: float | None = None

    def wait(self, gen: PQGen[RV], interval: float = 0.1, timeout: float | None = None) -> RV:
        """Wait for the server; one that is silent for too long is left.

        Raises:
            psycopg.OperationalError: it was left; this connection is of no more use.
        """
        try:
            return super().wait(gen, interval, self.patience if timeout is None else timeout)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:  # it owes us an answer
                self.pgconn.finish()
            raise

    @contextmanager
    def hurry(self, seconds: float) -> Iterator[None]:
        """So many seconds for each wait inside the block."""
        before, self.patience = self.patience, seconds
        try:
            yield
        finally:
            self.patience = before


def hurry(engine: Engine, patience: float | None) -> None:
    """Have an engine for PostgreSQL find out in time that nobody is there.

    Args:
        engine: whose pool is still empty.
        patience: seconds for one statement, where the server does not end it itself.
    """

    @event.listens_for(engine, "do_connect")
    def _connect(
        _dialect: object, _record: object, args: Sequence[Any], named: Mapping[str, Any]
    ) -> Hurried:
        connection = Hurried.connect(*args, **named)
        connection.patience = patience
        return connection

    @event.listens_for(engine, "checkout")
    def _ask(connection: Hurried, _record: object, _proxy: object) -> None:
        try:
            with connection.hurry(SIGN_OF_LIFE):
                engine.dialect.do_ping(connection)  # type: ignore[arg-type]  # the protocol of DB-API is wider than any driver's own class
        except psycopg.Error as cause:  # the others of the pool are no better
            raise InvalidatePoolError from cause
