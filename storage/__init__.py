"""The database engine: one place that knows how SQLite and PostgreSQL are opened.

A room under the ground floor: `register`, `credentials` and `web` keep their rows
in one database, so that an issuing step and its ledger row can share one
transaction, and none of them may know the others.
"""

from storage.engine import StorageUnavailable, open_engine, unit_of_work
from storage.migrating import schema_is_current, upgrade

__all__ = ["StorageUnavailable", "open_engine", "schema_is_current", "unit_of_work", "upgrade"]
