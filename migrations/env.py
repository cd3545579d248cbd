"""Alembic's entry: the connection comes from `storage.upgrade`, never from a file."""

from alembic import context
from sqlmodel import SQLModel

import credentials.bulk.store
import credentials.preserving_store
import credentials.store
import credentials.waiting_store
import employers.job_store
import employers.store
import emrex.exchange.store
import register.rows
import web.store

TABLES_OF = (
    register.rows,
    credentials.store,
    credentials.bulk.store,
    credentials.waiting_store,
    credentials.preserving_store,
    employers.store,
    employers.job_store,
    emrex.exchange.store,
    web.store,
)

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    render_as_batch=True,
    compare_type=True,
)
context.run_migrations()
