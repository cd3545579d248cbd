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

from sqlalchemy.engine import Connection

from credentials.bulk.chunks import Bulk, ChunkEnd, issue_chunk
from credentials.bulk.cohorts import CohortState
from credentials.bulk.engines import Shift, patiently
from credentials.bulk.store import SqlCohorts
from credentials.errors import CredentialError
from keys.errors import KeysError
from register.errors import RegisterError
from storage.errors import StorageUnavailable

CONTEXT = multiprocessing.get_context("spawn")
LIVES = 3
"""How many workers may die over one chunk before it is left alone."""
WORKER_LOST = "worker-lost"
_TICK_SECONDS = 0.5
_FAMILIES = (CredentialError, KeysError, RegisterError, StorageUnavailable)

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
            for chunk_id in crew.turn():
                with suppress(CredentialError):
                    self._cohorts.close(chunk_id, WORKER_LOST)
            shift.tick()
        crew.dismiss()


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

    def turn(self) -> list[str]:
        """Hand out, then wait a moment for news. Answers with chunks that are given up."""
        while self._left and (worker := self._idle()):
            worker.start(self._left.popleft())
        news = wait([worker.pipe for worker in self._workers], timeout=_TICK_SECONDS)
        given_up = [self._hear(worker) for worker in [*self._workers] if worker.pipe in news]
        return [chunk_id for chunk_id in given_up if chunk_id]

    def _idle(self) -> _Worker | None:
        """Somebody with nothing in hand: hired, while there is room."""
        idle = [worker for worker in self._workers if not worker.chunk_id]
        if not idle and len(self._workers) < self._size:
            self._workers.append(_Worker(self._opening))
            return self._workers[-1]
        return idle[0] if idle else None

    def _hear(self, worker: _Worker) -> str:
        """Take a worker's answer; where the answer is that it is dead, its chunk is free again."""
        try:
            end: ChunkEnd = worker.pipe.recv()
        except (EOFError, OSError):
            return self._bury(worker)
        if end.stopped:
            self._left.clear()
        worker.chunk_id = ""
        return ""

    def _bury(self, worker: _Worker) -> str:
        """Answers with the chunk when it took one worker too many along."""
        self._workers.remove(worker)
        worker.dismiss()
        self._deaths[worker.chunk_id] += 1
        if self._deaths[worker.chunk_id] >= LIVES:
            return worker.chunk_id
        self._left.appendleft(worker.chunk_id)
        return ""

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
    except _FAMILIES as error:
        return ChunkEnd(waits_for=error.kind)


def _attempt(opening: Opening, opened: list[Bulk], chunk_id: str, shift: Shift) -> ChunkEnd:
    """The database may be away just when a worker opens what it works with."""
    try:
        if not opened:
            opened.append(opening())
    except _FAMILIES as error:
        if error.status != HTTPStatus.SERVICE_UNAVAILABLE:
            raise
        return ChunkEnd(waits_for=error.kind)
    return issue_chunk(opened[0], chunk_id, shift.stop)
