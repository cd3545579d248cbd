"""Bring a database to the schema of this release, from empty or from any release before."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Engine

from storage.engine import unit_of_work

SCRIPTS = Path(__file__).resolve().parent.parent / "migrations"


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    return config


def upgrade(engine: Engine) -> None:
    """Run every migration that the database has not seen; a second run does nothing.

    Raises:
        StorageUnavailable: the database cannot be reached, locked or written.
    """
    if schema_is_current(engine):
        return
    config = _config()
    with unit_of_work(engine, writes=True) as session:
        config.attributes["connection"] = session.connection()
        command.upgrade(config, "head")


def schema_is_current(engine: Engine) -> bool:
    """Whether the database stands at the newest migration."""
    with unit_of_work(engine) as session:
        found = MigrationContext.configure(session.connection()).get_current_heads()
    return set(found) == set(ScriptDirectory.from_config(_config()).get_heads())
