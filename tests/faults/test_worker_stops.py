"""A worker that is told to stop is gone within seconds, also when its database is away."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from credentials.bulk.queue import SCHEMA
from credentials.bulk.workers import GOODBYE_SECONDS
from settings import Settings
from storage.engine import open_engine
from tests.commands import ECHT, running
from tests.contracts.postgres import PostgresServer, running_postgres
from wiring import Instance

PATIENCE_SECONDS = 300
AT_MOST = 30.0


def wait_until_at_work(url: str) -> None:
    """A worker is entered in the queue's own account."""
    engine = open_engine(url)
    deadline = time.monotonic() + PATIENCE_SECONDS
    query = text(f"SELECT count(*) FROM {SCHEMA}.procrastinate_workers")  # noqa: S608 - constant
    while time.monotonic() < deadline:
        try:
            with engine.connect() as connection:
                if connection.scalar(query):
                    break
        except Exception as error:
            if not isinstance(error.__cause__, psycopg.Error):
                raise
        time.sleep(0.2)
    else:
        pytest.fail("no worker came to its work")
    engine.dispose()


def prepare(server: PostgresServer, home: Path) -> str:
    """A database with keys beside it, and no work."""
    server.execute("CREATE DATABASE echt")
    instance = Instance(Settings(home=home, database_url=server.url("echt")))
    instance.ping()
    instance.keyring.make()
    instance.close()
    return server.url("echt")


@pytest.mark.slow
@pytest.mark.parametrize("away", [0.0, 0.5, 8.0], ids="away for {} s".format)
def test_a_worker_without_its_database_is_gone_within_five_seconds(
    tmp_path: Path, away: float
) -> None:
    """While it is there, as it goes, and when the worker has long begun to wait for it."""
    with running_postgres() as server:
        url = prepare(server, tmp_path)
        at = {"ECHT_HOME": str(tmp_path), "ECHT_DATABASE_URL": url}
        log = tmp_path / "worker.log"
        with running(ECHT, "serve", "--role", "worker", log=log, **at) as process:
            wait_until_at_work(url)
            if away:
                server.stop()
                time.sleep(away)
            begun = time.monotonic()
            process.send_signal(signal.SIGTERM)

            assert process.wait(60) == 0

            assert time.monotonic() - begun <= AT_MOST
    assert GOODBYE_SECONDS < AT_MOST
