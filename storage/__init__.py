"""The database engine: one place that knows how SQLite and PostgreSQL are opened.

A room under the ground floor: `register`, `credentials` and `web` keep their rows
in one database, and none of them may know the others. Nothing is re-exported, so
that naming the error of this room does not load a database library.
"""
