"""Fresh, migrated databases for whoever needs one."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine

from credentials.ledger import Ledger
from credentials.store import SqlLedger
from storage.engine import open_engine
from storage.migrating import upgrade


@pytest.fixture
def sqlite_engine(tmp_path: Path) -> Iterator[Engine]:
    """SQLite in a file, at the schema of this release."""
    engine = open_engine(f"sqlite:///{tmp_path / 'echt.db'}")
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def postgresql_engine(postgres_engine: Engine) -> Engine:
    """PostgreSQL, at the schema of this release."""
    upgrade(postgres_engine)
    return postgres_engine


@pytest.fixture
def sqlite_engine_factory(tmp_path: Path) -> Iterator[Callable[[], Ledger]]:
    """As many SQLite ledgers as a property test asks for."""
    engines: list[Engine] = []
    names = itertools.count()

    def make() -> Ledger:
        engines.append(open_engine(f"sqlite:///{tmp_path / f'{next(names)}.db'}"))
        upgrade(engines[-1])
        return SqlLedger(engines[-1])

    yield make
    for engine in engines:
        engine.dispose()
