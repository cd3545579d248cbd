"""The schema comes from migrations alone, fits the tables in the code, and only grows."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, select, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from storage.engine import open_engine, unit_of_work
from storage.migrating import schema_is_current, upgrade

APPEND_ONLY = (
    "ledger_intent",
    "ledger_outcome",
    "ledger_further_award",
    "institution_version",
    "programme_version",
    "person_version",
    "award_version",
)


@pytest.fixture(name="empty")
def _empty() -> Iterator[Engine]:
    engine = open_engine("sqlite://")
    yield engine
    engine.dispose()


@pytest.fixture(name="engine", params=["sqlite", "postgresql"])
def _engine(request: pytest.FixtureRequest) -> Engine:
    made: Engine = request.getfixturevalue(f"{request.param}_engine")
    return made


def test_an_empty_database_is_brought_to_this_release_once(empty: Engine) -> None:
    assert not schema_is_current(empty)

    upgrade(empty)
    upgrade(empty)

    assert schema_is_current(empty)


def test_the_migrations_make_exactly_the_tables_of_the_code(engine: Engine) -> None:
    """platform.md 4.1.2: `alembic check` finds no drift."""
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, SQLModel.metadata) == []


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("change", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}"])
def test_an_append_only_table_refuses_changes(engine: Engine, table: str, change: str) -> None:
    """platform.md 4.1.4: ledger tables refuse UPDATE and DELETE; so does all history."""
    columns = SQLModel.metadata.tables[table].columns
    row = {column.name: _any(column.type.python_type) for column in columns}
    with engine.connect() as connection, connection.begin():
        connection.execute(SQLModel.metadata.tables["ledger_intent"].insert(), _intent())
        if table != "ledger_intent":
            connection.execute(SQLModel.metadata.tables[table].insert(), row)

    statement = text(change.format(table, next(iter(columns)).name))
    with (
        pytest.raises(DBAPIError, match="append-only"),
        engine.connect() as connection,
        connection.begin(),
    ):
        connection.execute(statement)

    with unit_of_work(engine) as session:
        assert (
            session.scalar(select(func.count()).select_from(SQLModel.metadata.tables[table])) == 1
        )


def _intent() -> dict[str, object]:
    columns = SQLModel.metadata.tables["ledger_intent"].columns
    return {column.name: _any(column.type.python_type) for column in columns}


def _any(kind: type) -> object:
    from datetime import UTC, datetime  # noqa: PLC0415

    values: dict[type, object] = {
        str: "x",
        int: 1,
        bool: True,
        bytes: b"x",
        datetime: datetime(2026, 1, 1, tzinfo=UTC),
    }
    return values.get(kind, "x")  # SQLModel's own string type hides behind object
