"""Several processes on this machine, each with its own key, database connection and renderer.

They are spawned, never forked: the renderer's threads do not survive a fork, and neither
does a session with a hardware token. A worker that dies is replaced and its chunk handed
out again; a chunk that takes its worker along three times is left alone.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from http import HTTPStatus
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection as Pipe
from multiprocessing.connection import wait
from types import FrameType
from typing import NamedTuple

from sqlalchemy.engine import Connection

from credentials.bulk.chunks import Bulk, ChunkEnd, disk_kind, issue_chunk
from credentials.bulk.cohorts import CohortState
from credentials.bulk.engines import Shift, patiently
from credentials.bulk.store import SqlCohorts
from credentials.errors import CredentialError
from keys.errors import KeysError
from register.errors import RegisterError
from storage.errors import StorageUnavailable

CONTEXT = multiprocessing.get_context("spawn")
LIVES = 3
"""How many workers may die over a chunk before it is left alone; in the queue, for each worker."""
WORKER_LOST = "worker-lost"
_TICK_SECONDS = 0.5
FAMILIES = (CredentialError, KeysError, RegisterError, StorageUnavailable)
"""Whose errors a worker may meet while it opens what it works with."""

Opening = Callable[[], Bulk]
"""Builds what a process needs. It travels to that process, so it can be pickled."""


STOPS = frozenset({signal.SIGINT, signal.SIGTERM})


@contextmanager
def holding_signals() -> Iterator[None]:
    """What is started here is born deaf to stop signals, until it has said how to take them."""
    resource_tracker.ensure_running()  # starting it later would unblock them again (its source)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def hear_signals() -> None:
    """Take stop signals from now on, and those that came meanwhile."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPS)


class Processes:
    """Works in so many processes of this machine."""

    def __init__(self, cohorts: SqlCohorts, opening: Opening, workers: int) -> None:
        self._cohorts = cohorts
        self._opening = opening
        self._workers = workers

    def enqueue(self, connection: Connection, chunk_ids: Sequence[str]) -> None:
        """Nothing: the plan itself is the queue."""

    def run(self, cohort_id: str, shift: Shift) -> None:
        """Keep every worker busy until the chunks are gone; stop them when asked to."""
        crew = _Crew(self._opening, self._cohorts.open_chunks(cohort_id), self._workers)
        stopping = False
        while crew.is_busy():
            if shift.stop() and not stopping:
                stopping = True
                self._cohorts.stop(cohort_id, CohortState.PAUSED)
                crew.stop()
            for left in crew.turn():
                with suppress(CredentialError):
                    self._cohorts.close(left.chunk_id, left.waits_for)
            shift.tick()
        crew.dismiss()


class _Left(NamedTuple):
    """A chunk that is not tried any more in this run, and the kind of what it waits for."""

    chunk_id: str
    waits_for: str


class _Crew:
    """Workers, what each has in hand, and what is still to be handed out."""

    def __init__(self, opening: Opening, chunk_ids: Sequence[str], size: int) -> None:
        self._opening = opening
        self._left = deque(chunk_ids)
        self._size = size
        self._deaths: Counter[str] = Counter()
        self._workers: list[_Worker] = []

    def is_busy(self) -> bool:
        return bool(self._left) or any(worker.chunk_id for worker in self._workers)

    def stop(self) -> None:
        """Hand out nothing more, and ask everybody to leave off after the batch in hand."""
        self._left.clear()
        for worker in self._workers:
            worker.process.terminate()

    def turn(self) -> list[_Left]:
        """Hand out, then wait a moment for news. Answers with chunks that are given up.

        A worker that could not open its database or its key could not say so there either.
        """
        while self._left and (worker := self._idle()):
            worker.start(self._left.popleft())
        news = wait([worker.pipe for worker in self._workers], timeout=_TICK_SECONDS)
        given_up = [self._hear(worker) for worker in [*self._workers] if worker.pipe in news]
        return [left for left in given_up if left.waits_for]

    def _idle(self) -> _Worker | None:
        """Somebody with nothing in hand: hired, while there is room."""
        idle = [worker for worker in self._workers if not worker.chunk_id]
        if not idle and len(self._workers) < self._size:
            self._workers.append(_Worker(self._opening))
            return self._workers[-1]
        return idle[0] if idle else None

    def _hear(self, worker: _Worker) -> _Left:
        """Take a worker's answer; where the answer is that it is dead, its chunk is free again."""
        try:
            end: ChunkEnd = worker.pipe.recv()
        except (EOFError, OSError):
            return self._bury(worker)
        if end.stopped:
            self._left.clear()
        left, worker.chunk_id = _Left(worker.chunk_id, end.waits_for), ""
        return left

    def _bury(self, worker: _Worker) -> _Left:
        """Answers with the chunk when it took one worker too many along."""
        self._workers.remove(worker)
        worker.dismiss()
        self._deaths[worker.chunk_id] += 1
        if self._deaths[worker.chunk_id] >= LIVES:
            return _Left(worker.chunk_id, WORKER_LOST)
        self._left.appendleft(worker.chunk_id)
        return _Left(worker.chunk_id, "")

    def dismiss(self) -> None:
        for worker in self._workers:
            worker.dismiss()


class _Worker:
    """A process and the pipe to it."""

    def __init__(self, opening: Opening) -> None:
        self.pipe, theirs = CONTEXT.Pipe()
        self.process = CONTEXT.Process(target=_work, args=(opening, theirs))
        with holding_signals():
            self.process.start()
        theirs.close()  # so that its death is heard as the end of the pipe
        self.chunk_id = ""

    def start(self, chunk_id: str) -> None:
        self.chunk_id = chunk_id
        with suppress(OSError):  # dead already: heard at the next turn
            self.pipe.send(chunk_id)

    def dismiss(self) -> None:
        """Let it go: one with nothing in hand has nothing to finish."""
        self.pipe.close()
        self.process.kill()
        self.process.join()
        self.process.close()


def _work(opening: Opening, pipe: Pipe) -> None:
    """The life of a worker: chunk in, end out, until nobody asks any more."""
    asked = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        asked.set()

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a person's Ctrl-C is for the parent to answer
    signal.signal(signal.SIGTERM, stop)
    hear_signals()
    opened: list[Bulk] = []
    shift = Shift(stop=asked.is_set)
    with suppress(EOFError, OSError):
        while True:
            pipe.send(_issue(opening, opened, pipe.recv(), shift))


def _issue(opening: Opening, opened: list[Bulk], chunk_id: str, shift: Shift) -> ChunkEnd:
    try:
        return patiently(lambda: _attempt(opening, opened, chunk_id, shift), shift)
    except FAMILIES as error:
        return ChunkEnd(waits_for=error.kind)


def _attempt(opening: Opening, opened: list[Bulk], chunk_id: str, shift: Shift) -> ChunkEnd:
    """The database may be away just when a worker opens what it works with."""
    try:
        if not opened:
            opened.append(opening())
    except FAMILIES as error:
        if error.status != HTTPStatus.SERVICE_UNAVAILABLE:
            raise
        return ChunkEnd(waits_for=error.kind)
    except OSError as error:
        return ChunkEnd(waits_for=disk_kind(error))
    return issue_chunk(opened[0], chunk_id, shift.stop)
