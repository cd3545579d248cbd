"""A PostgreSQL that takes connections and never answers: everybody who asks hears so in time."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.engine import Engine

from storage.engine import open_engine, unit_of_work
from storage.errors import StorageUnavailable
from tests.contracts.postgres import PostgresServer, running_postgres
from tests.silence import Relay, relaying

PATIENCE = 8.0
"""Seconds: five (emrex.md 4.36), and a busy machine."""
pytestmark = pytest.mark.slow


@pytest.fixture(name="server", scope="module")
def _server() -> Iterator[PostgresServer]:
    with running_postgres() as server:
        yield server


@pytest.fixture(name="relay")
def _relay(server: PostgresServer) -> Iterator[Relay]:
    with relaying(server.folder / ".s.PGSQL.5432") as relay:
        yield relay


def url(relay: Relay) -> str:
    return f"postgresql+psycopg://echt@127.0.0.1:{relay.port}/postgres"


def ask(engine: Engine, statement: str = "SELECT 1") -> None:
    with unit_of_work(engine) as session:
        session.execute(text(statement))


def refused_within(engine: Engine, seconds: float, statement: str = "SELECT 1") -> None:
    start = time.monotonic()
    with pytest.raises(StorageUnavailable):
        ask(engine, statement)
    assert time.monotonic() - start < seconds


def test_a_server_that_never_spoke_is_left(relay: Relay) -> None:
    """emrex.md 4.36: no connection was made yet."""
    engine = open_engine(url(relay))
    relay.is_silent.set()

    refused_within(engine, PATIENCE)
    engine.dispose()


def test_a_server_that_fell_silent_is_left_and_found_again(relay: Relay) -> None:
    """emrex.md 4.36: connections that were made in good time are no better."""
    engine = open_engine(url(relay))
    ask(engine)
    relay.is_silent.set()
    refused_within(engine, PATIENCE)
    relay.is_silent.clear()

    ask(engine)
    engine.dispose()


def test_a_server_that_falls_silent_in_a_statement_is_left_by_a_page(relay: Relay) -> None:
    """emrex.md 4.36: on our side, for its own time-out nobody would hear of."""
    engine = open_engine(url(relay), within=1)
    with unit_of_work(engine) as session:
        session.execute(text("SELECT 1"))
        relay.is_silent.set()
        start = time.monotonic()
        with pytest.raises(Exception, match="timeout"):
            session.execute(text("SELECT 2"))
        assert time.monotonic() - start < PATIENCE
        session.rollback()
    relay.is_silent.clear()
    ask(engine)
    engine.dispose()


def test_a_statement_that_takes_too_long_for_a_page_is_ended_by_the_server(relay: Relay) -> None:
    engine = open_engine(url(relay), within=0.5)

    refused_within(engine, PATIENCE, "SELECT pg_sleep(30)")
    ask(engine)
    engine.dispose()


def test_bulk_work_has_its_time(relay: Relay) -> None:
    engine = open_engine(url(relay))

    ask(engine, "SELECT pg_sleep(2)")
    engine.dispose()
