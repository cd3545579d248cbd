"""Alembic's migrations: old code must run on the schema they make."""
