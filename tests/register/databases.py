"""A register of our own in a file, for tests that need a real one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, text

from register.store import SqlRegister
from register.vault import Vault
from register.writing import SqlWriter
from storage.engine import open_engine
from storage.migrating import upgrade

VAULT = Vault(bytes(range(32)))
TABLES = ("institution_version", "programme_version", "person_version", "award_version")


@dataclass(frozen=True, slots=True)
class OpenDatabase:
    """A migrated SQLite file with a reader and a writer over it."""

    engine: Engine
    register: SqlRegister
    writer: SqlWriter

    def held(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every version of every record, without the time at which it came."""
        with self.engine.connect() as connection:
            return {
                table: sorted(
                    tuple(row)[:-1]
                    for row in connection.execute(text(f"SELECT * FROM {table}"))  # noqa: S608 - constant
                )
                for table in TABLES
            }


def database(path: Path, **pragmas: int) -> OpenDatabase:
    """Open a database in this file; each pragma is set on every connection."""
    engine = open_engine(f"sqlite:///{path}")
    upgrade(engine)
    engine.dispose()

    @event.listens_for(engine, "connect")
    def _limit(connection: Any, _record: object) -> None:
        for name, value in pragmas.items():
            connection.execute(f"PRAGMA {name}={value}")

    writer = SqlWriter(engine, VAULT, lambda: datetime.now(UTC))
    return OpenDatabase(engine, SqlRegister(engine, VAULT), writer)
