"""A PostgreSQL of our own for as long as the tests run, and a fresh database for each test.

It listens on a Unix socket in its own folder alone, runs as an ordinary user when
the tests run as root (PostgreSQL refuses to be root), and is stopped by its own pid.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import Engine

from storage.engine import open_engine
from tests import judges

PATIENCE_SECONDS = 180
_USER = "echt"
# Nothing here has to survive a power cut: the folder is thrown away.
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")
_QUIET = "listen_addresses="


@dataclass(slots=True)
class PostgresServer:
    """A server of our own, reached through the socket in its folder; it can be stopped."""

    folder: Path
    command: list[str | Path]
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Take connections from now on."""
        log = self.folder / "log"
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                self.command, stdout=output, stderr=subprocess.STDOUT, cwd=self.folder
            )
        _wait_until_up(self.process, self, log)

    def stop(self) -> None:
        """Break every connection off and take no more."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)  # PostgreSQL's "fast shutdown"
            self.process.wait(timeout=PATIENCE_SECONDS)
            self.process = None

    def url(self, database: str) -> str:
        """SQLAlchemy's address of a database."""
        return f"postgresql+psycopg://{_USER}@/{database}?host={self.folder}"

    def execute(self, statement: str) -> None:
        """Run one statement as the owner of the server, outside any transaction."""
        with self._connect() as connection:
            connection.execute(statement.encode())

    def _connect(self) -> psycopg.Connection:
        return psycopg.connect(
            host=str(self.folder), user=_USER, dbname="postgres", autocommit=True
        )

    def is_up(self) -> bool:
        """Whether it takes connections yet."""
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True


@contextmanager
def running_postgres(*, durable: bool = False) -> Iterator[PostgresServer]:
    """A server until the block ends; a durable one survives a power cut, as in production."""
    initdb, postgres = judges.require("initdb"), judges.require("postgres")
    folder = Path(tempfile.mkdtemp(prefix="echt-pg-"))
    try:
        as_user = _ordinary_user(folder)
        data = folder / "data"
        locale = ("--locale=C.UTF-8", "--encoding=UTF8", "--auth=trust", f"--username={_USER}")
        made = subprocess.run(
            [*as_user, initdb, *locale, "--no-sync", "-D", data],
            check=False,
            capture_output=True,
            text=True,
        )
        assert made.returncode == 0, made.stderr
        settings = (_QUIET,) if durable else (_QUIET, *_FAST)
        words = [word for setting in settings for word in ("-c", setting)]
        server = PostgresServer(folder, [*as_user, postgres, "-D", data, "-k", folder, *words])
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One server for every test of a run."""
    with running_postgres() as server:
        yield server


@pytest.fixture
def postgres_engine(postgres_server: PostgresServer) -> Iterator[Engine]:
    """An engine over a new, empty database."""
    name = f"test_{os.getpid()}_{next(_NUMBERS)}"
    postgres_server.execute(f"CREATE DATABASE {name}")
    engine = open_engine(postgres_server.url(name))
    yield engine
    engine.dispose()
    postgres_server.execute(f"DROP DATABASE {name} WITH (FORCE)")


_NUMBERS = count(1)


def _ordinary_user(folder: Path) -> list[str]:
    """The words before a command that make it run as somebody else, when we are root."""
    if os.geteuid() != 0:
        return []
    names = {user.pw_name for user in pwd.getpwall()}
    name = "postgres" if "postgres" in names else "nobody"
    user = pwd.getpwnam(name)
    os.chown(folder, user.pw_uid, user.pw_gid)
    ids = (f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups")
    return [judges.require("setpriv"), *ids]


def _wait_until_up(process: subprocess.Popen[bytes], server: PostgresServer, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not server.is_up():
        if process.poll() is not None or time.monotonic() > deadline:
            pytest.fail(log.read_text())
        time.sleep(0.05)
