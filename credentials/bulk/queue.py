"""Many machines: chunks as jobs of procrastinate, in the same PostgreSQL as the ledger.

Jobs are put into the queue in the transaction that lets their cohort run, so there is
never a running cohort without jobs, nor a job without a cohort. A job is one chunk. It is
deleted when it ends, however it ends: what is still to be done stands in our own tables,
and the queue can be thrown away and filled again at any time (`echt cohort resume`).
"""

from __future__ import annotations

from collections.abc import Sequence

from procrastinate import App, BaseRetryStrategy, JobContext, PsycopgConnector, RetryDecision
from procrastinate.exceptions import JobAborted
from procrastinate.jobs import Job
from procrastinate.schema import SchemaManager
from psycopg import Connection as PsycopgConnection
from sqlalchemy import text
from sqlalchemy.engine import Connection, Engine

from credentials.bulk.chunks import Bulk, issue_chunk
from credentials.bulk.engines import DELAYS
from storage.engine import unit_of_work

SCHEMA = "echt_queue"
"""A schema of its own: its tables are procrastinate's and no part of our migrations."""
QUEUE = "cohorts"
TASK = "issue_chunk"
BULK = "bulk"
"""Under this name a worker finds what it works with."""
UNEXPECTED_TRIES = 3
_LOCK = 0x0EC47
_SEARCH = f"SET LOCAL search_path TO {SCHEMA}, public"


class ChunkWaits(Exception):
    """Something is out of reach; the job is due again later."""


class Patience(BaseRetryStrategy):
    """When a chunk that did not come to its end is tried again, if ever."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:
        """At once after a stop, later and later while something is out of reach, seldom else."""
        if isinstance(exception, JobAborted):
            return RetryDecision(retry_in={"seconds": 0})
        tries = len(DELAYS) if isinstance(exception, ChunkWaits) else UNEXPECTED_TRIES
        if job.attempts >= tries:
            return None
        return RetryDecision(retry_in={"seconds": DELAYS[job.attempts]})


def open_app(engine: Engine) -> App:
    """Procrastinate over the database of this engine; nothing is connected yet."""
    address = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    options = {"options": f"-c search_path={SCHEMA}"}
    connector = PsycopgConnector(conninfo=address, kwargs=options, min_size=1, max_size=4)
    app = App(connector=connector)
    app.task(name=TASK, queue=QUEUE, pass_context=True, retry=Patience())(_issue)
    return app


def _issue(context: JobContext, chunk_id: str) -> None:
    """One job: one chunk."""
    bulk: Bulk = context.additional_context[BULK]
    end = issue_chunk(bulk, chunk_id, context.should_abort)
    if end.waits_for:
        raise ChunkWaits(end.waits_for)
    if end.stopped and context.should_abort():
        raise JobAborted


def make_queue(engine: Engine) -> None:
    """Make the queue's tables where there are none; a second call does nothing."""
    with engine.connect() as connection, connection.begin():
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        there = connection.scalar(text(f"SELECT to_regclass('{SCHEMA}.procrastinate_jobs')"))
        if there is None:
            connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
            connection.execute(text(f"SET LOCAL search_path TO {SCHEMA}"))
            _raw(connection).execute(SchemaManager.get_schema())


def enqueue(app: App, connection: Connection, chunk_ids: Sequence[str]) -> None:
    """Queue these chunks in the caller's transaction; one that is queued already stays queued."""
    connection.execute(text(_SEARCH))
    waiting = text(
        "SELECT queueing_lock FROM procrastinate_jobs"
        " WHERE status = 'todo' AND queueing_lock = ANY(:chunks)"
    )
    queued = set(connection.scalars(waiting, {"chunks": list(chunk_ids)}))
    raw = _raw(connection)
    for chunk_id in chunk_ids:
        if chunk_id not in queued:
            task = app.configure_task(
                TASK, queue=QUEUE, lock=chunk_id, queueing_lock=chunk_id, connection=raw
            )
            task.defer(chunk_id=chunk_id)


def jobs_left(engine: Engine, chunk_ids: Sequence[str]) -> int:
    """How many of these chunks somebody works on, or will.

    Raises:
        StorageUnavailable: the database cannot be asked now.
    """
    query = text(f"SELECT count(*) FROM {SCHEMA}.procrastinate_jobs WHERE lock = ANY(:chunks)")  # noqa: S608 - constant
    with unit_of_work(engine) as session:
        return int(session.scalar(query, {"chunks": list(chunk_ids)}) or 0)


def _raw(connection: Connection) -> PsycopgConnection:
    raw = connection.connection.driver_connection
    if not isinstance(raw, PsycopgConnection):
        raise TypeError("the queue lives in PostgreSQL, reached by psycopg")
    return raw
