"""A worker of the queue: one process that issues chunks until it is told to stop.

Chunks are CPU work, so there is one job at a time in a process and one process for each
core. A worker that dies leaves its job `doing`; any other worker finds that its heart has
stopped beating and puts the job back. When the database goes away, a worker waits for it.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from multiprocessing.context import SpawnProcess
from typing import TypeVar

import psycopg
from procrastinate import App
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status
from sqlalchemy.engine import Connection

from credentials.bulk.chunks import Bulk
from credentials.bulk.cohorts import CohortState
from credentials.bulk.engines import DELAYS, Shift
from credentials.bulk.processes import (
    CONTEXT,
    FAMILIES,
    LIVES,
    Opening,
    hear_signals,
    holding_signals,
)
from credentials.bulk.queue import BULK, QUEUE, enqueue, jobs_left, make_queue, open_app
from credentials.bulk.store import SqlCohorts
from credentials.errors import LedgerUnavailable
from storage.errors import StorageUnavailable

_OUT_OF_REACH = (ConnectorException, psycopg.Error, OSError)
_TICK_SECONDS = 1.0
GOODBYE_SECONDS = 4.0
"""What a worker that is told to stop may still take, whatever it waits for."""


@dataclass(frozen=True, slots=True)
class Pulse:
    """How a queue notices that a worker is dead, in seconds."""

    beat: float = 10
    """Between two signs of life."""
    stalled: float = 30
    """Without one for so long, a worker is dead and its job is free."""
    reconnect: float = 2
    """Before a worker looks whether the database is back."""


PULSE = Pulse()


def serve_queue(bulk: Bulk, pulse: Pulse = PULSE) -> None:
    """Issue chunks of the queue until SIGTERM or SIGINT, and then be gone within seconds.

    The batch in hand is finished where that is soon done. Where it is not, because a database
    or an authority is away, the process ends as if it were killed: its batch is open in the
    ledger, and closed by the rule for every crash (`credentials.reconciling`).
    """
    make_queue(bulk.cohorts.engine)
    asyncio.run(_serve(bulk, pulse))


async def _serve(bulk: Bulk, pulse: Pulse) -> None:
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()

    def leave() -> None:
        asked.set()
        _end_after(GOODBYE_SECONDS)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, leave)
    hear_signals()
    while not asked.is_set():
        with suppress(*_OUT_OF_REACH):
            await _serve_while_connected(bulk, pulse, asked)
        with suppress(TimeoutError):
            await asyncio.wait_for(asked.wait(), pulse.reconnect)


def _end_after(seconds: float) -> None:
    """End this process by then: threads that wait for a database hear nothing of a stop."""
    clock = threading.Timer(seconds, os._exit, args=(0,))
    clock.daemon = True
    clock.start()


async def _serve_while_connected(bulk: Bulk, pulse: Pulse, asked: asyncio.Event) -> None:
    app = open_app(bulk.cohorts.engine)
    async with app.open_async():
        sweeping = asyncio.create_task(_sweep(app, pulse))
        leaving = asyncio.create_task(asked.wait())
        working = asyncio.create_task(
            app.run_worker_async(
                queues=[QUEUE],
                concurrency=1,
                delete_jobs="always",
                shutdown_graceful_timeout=0,  # a chunk leaves off after its batch, and is put back
                install_signal_handlers=False,
                additional_context={BULK: bulk},
                update_heartbeat_interval=pulse.beat,
                stalled_worker_timeout=pulse.stalled,
            )
        )
        try:
            await asyncio.wait({working, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            working.cancel()  # ends the worker in order: see procrastinate's Worker.run
            leaving.cancel()
            sweeping.cancel()
            ends = await asyncio.gather(working, leaving, sweeping, return_exceptions=True)
    errors = [end for end in ends if isinstance(end, Exception)]
    if errors:
        raise errors[0]


async def _sweep(app: App, pulse: Pulse) -> None:
    """Put back, now and again and again, the jobs of workers that are dead."""
    while True:
        stalled = await app.job_manager.get_stalled_jobs(
            queue=QUEUE, seconds_since_heartbeat=pulse.stalled
        )
        for job in stalled:
            await _put_back(app, job)
        await asyncio.sleep(pulse.beat)


async def _put_back(app: App, job: Job) -> None:
    try:
        await app.job_manager.retry_job(job)
    except UniqueViolation:  # the chunk was queued anew meanwhile
        await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)


Opened = TypeVar("Opened")


class Queue:
    """Works through the queue, with so many workers of its own beside those elsewhere.

    A crew that dies as fast as it is replaced cannot work here: the cohort is paused then.
    """

    def __init__(self, cohorts: SqlCohorts, opening: Opening, workers: int) -> None:
        make_queue(cohorts.engine)
        self._app = open_app(cohorts.engine)
        self._cohorts = cohorts
        self._opening = opening
        self.workers = workers

    def enqueue(self, connection: Connection, chunk_ids: Sequence[str]) -> None:
        """Queue the chunks in the transaction that lets their cohort run."""
        enqueue(self._app, connection, chunk_ids)

    def run(self, cohort_id: str, shift: Shift) -> None:
        """Watch until no job of the cohort is left; dead workers of our own are replaced."""
        crew, lives = [self._worker() for _ in range(self.workers)], LIVES * self.workers
        try:
            while self._is_busy(cohort_id):
                if shift.stop() or lives < 0:
                    self._cohorts.stop(cohort_id, CohortState.PAUSED)
                    return
                lives -= sum(not one.is_alive() for one in crew)
                crew = [one if one.is_alive() else self._worker() for one in crew]
                shift.tick()
                shift.sleep(_TICK_SECONDS)
        finally:
            for one in crew:
                one.terminate()
            for one in crew:
                one.join()

    def _is_busy(self, cohort_id: str) -> bool:
        """Whether there is still something to wait for; also while nobody can say."""
        try:
            chunks = self._cohorts.open_chunks(cohort_id)
            return jobs_left(self._cohorts.engine, chunks) > 0
        except (LedgerUnavailable, StorageUnavailable):
            return True

    def _worker(self) -> SpawnProcess:
        process = CONTEXT.Process(target=_work, args=(self._opening,))
        with holding_signals():
            process.start()
        return process


def _work(opening: Opening) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a person's Ctrl-C is for the parent to answer
    hear_signals()
    serve_queue(open_patiently(opening))


def open_patiently(
    opening: Callable[[], Opened], sleep: Callable[[float], None] = time.sleep
) -> Opened:
    """What a worker works with, when what it needs is back: a token, or its database.

    Raises what `opening` raises, where no waiting mends that, or when it was waited long enough.
    """
    for delay in DELAYS:
        try:
            return opening()
        except FAMILIES as error:
            if error.status != HTTPStatus.SERVICE_UNAVAILABLE:
                raise
            sleep(delay)
    return opening()
