"""Units of work commit whole or not at all, and say so when they cannot."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from typing import cast

import pytest
from sqlalchemy import create_engine, event, text
from sqlalchemy.engine import Engine
from sqlalchemy.pool import QueuePool

from storage.engine import open_engine, unit_of_work
from storage.errors import StorageUnavailable


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Path:
    return tmp_path / "echt.db"


@pytest.fixture(name="engine")
def _engine(place: Path) -> Iterator[Engine]:
    engine = open_engine(f"sqlite:///{place}")
    with unit_of_work(engine, writes=True) as session:
        session.execute(text("CREATE TABLE note (word TEXT UNIQUE)"))
    yield engine
    engine.dispose()


def words(engine: Engine) -> list[str]:
    with unit_of_work(engine) as session:
        return list(session.execute(text("SELECT word FROM note ORDER BY word")).scalars())


def test_what_a_block_wrote_is_there_after_it(engine: Engine) -> None:
    with unit_of_work(engine, writes=True) as session:
        session.execute(text("INSERT INTO note VALUES ('echt')"))

    assert words(engine) == ["echt"]


def test_a_block_that_fails_leaves_nothing(engine: Engine) -> None:
    def fail_half_way() -> None:
        with unit_of_work(engine, writes=True) as session:
            session.execute(text("INSERT INTO note VALUES ('half')"))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail_half_way()

    assert words(engine) == []


def test_writers_of_one_process_wait_in_line(engine: Engine) -> None:
    """Outside the database and without one of its connections, where waiting would be a lottery."""
    pool = cast("QueuePool", engine.pool)

    def write(word: str) -> None:
        with unit_of_work(engine, writes=True) as session:
            session.execute(text("INSERT INTO note VALUES (:word)"), {"word": word})

    with ThreadPoolExecutor(4) as threads:
        with unit_of_work(engine, writes=True) as session:
            waiting = [threads.submit(write, word) for word in ("a", "b", "c", "d")]
            done, _ = wait(waiting, timeout=0.3)
            assert not done
            assert pool.checkedout() == 1
            session.execute(text("INSERT INTO note VALUES ('first')"))
        for one in waiting:
            one.result()

    assert words(engine) == ["a", "b", "c", "d", "first"]


def test_a_writer_that_waits_too_long_is_told(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.engine.BUSY_TIMEOUT_MS", 50)
    with (
        unit_of_work(engine, writes=True),
        pytest.raises(StorageUnavailable),
        unit_of_work(engine, writes=True),
    ):
        pass


def test_a_returned_commit_survives_a_power_cut(engine: Engine) -> None:
    with unit_of_work(engine) as session:
        pragmas = {
            name: session.execute(text(f"PRAGMA {name}")).scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }

    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_a_writing_unit_takes_the_lock_at_once(engine: Engine) -> None:
    """platform.md 4.1.1: writing units of work open with BEGIN IMMEDIATE."""
    begun: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: begun.append(args[2]))

    with unit_of_work(engine, writes=True):
        pass
    with unit_of_work(engine):
        pass

    assert [word for word in begun if word.startswith("BEGIN")] == ["BEGIN IMMEDIATE", "BEGIN"]


def test_a_locked_database_is_said_and_nothing_is_written(
    place: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.engine.BUSY_TIMEOUT_MS", 50)
    hasty = open_engine(f"sqlite:///{place}")
    other = sqlite3.connect(place, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        with (
            pytest.raises(StorageUnavailable) as caught,
            unit_of_work(hasty, writes=True) as session,
        ):
            session.execute(text("INSERT INTO note VALUES ('never')"))
    finally:
        other.execute("ROLLBACK")
        other.close()
        hasty.dispose()

    assert caught.value.public == "The database cannot be used right now."
    assert words(engine) == []


def test_a_full_disk_is_said_and_what_was_there_stays(engine: Engine) -> None:
    with unit_of_work(engine, writes=True) as session:
        session.execute(text("INSERT INTO note VALUES ('before')"))
        pages = session.execute(text("PRAGMA page_count")).scalar_one()

    def fill() -> None:
        with unit_of_work(engine, writes=True) as session:
            # SQLite answers a full disk and a full page budget with the same error.
            session.execute(text(f"PRAGMA max_page_count = {pages + 1}"))
            for number in range(2_000):
                session.execute(text("INSERT INTO note VALUES (:w)"), {"w": f"{number:0500}"})

    with pytest.raises(StorageUnavailable):
        fill()
    with unit_of_work(engine) as session:
        session.execute(text("PRAGMA max_page_count = 1000000"))

    assert words(engine) == ["before"]


def test_a_database_that_is_gone_is_said(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'no' / 'such' / 'folder.db'}")

    with pytest.raises(StorageUnavailable), unit_of_work(engine) as session:
        session.execute(text("SELECT 1"))


def test_a_postgresql_that_does_not_answer_is_said() -> None:
    engine = open_engine("postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=1")

    with pytest.raises(StorageUnavailable) as caught, unit_of_work(engine) as session:
        session.execute(text("SELECT 1"))

    assert "127.0.0.1" not in caught.value.public


def test_a_pool_that_is_used_up_is_a_database_that_is_away(tmp_path: Path) -> None:
    """Whoever waits for a connection in vain has to hear what everybody can handle."""
    engine = open_engine(f"sqlite:///{tmp_path / 'pool.db'}")
    narrow = create_engine(
        engine.url, poolclass=QueuePool, pool_size=1, max_overflow=0, pool_timeout=0
    )
    try:
        with unit_of_work(narrow), pytest.raises(StorageUnavailable), unit_of_work(narrow):
            pass
    finally:
        narrow.dispose()
        engine.dispose()
