"""The threads that check the documents of jobs, one document at a time from each job in turn.

They have closed rooms of their own, so a thousand documents never stand before somebody
who checks one on the page. A batch of one is not behind a batch of a thousand either.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Protocol, Self

from employers.errors import JobsBusy
from employers.jobs import Item, Job, JobState
from employers.spool import JobSpool
from storage.errors import StorageUnavailable
from verifier.verdict import Verdict

MOST_JOBS = 50
HEARTBEAT = timedelta(seconds=5)
PATIENCE = 2.0
"""Seconds between two tries to write a verdict down while the database is away."""


class Checking(Protocol):
    """Gives a verdict about any bytes."""

    def verify(self, data: bytes) -> Verdict:
        """The one verdict. Never raises because of the bytes."""
        ...


class Jobs(Protocol):
    """Where progress is written down."""

    def record(self, job_id: str, item: Item) -> None:
        """Write a verdict down."""
        ...

    def keep_alive(self, job_ids: list[str], now: datetime) -> None:
        """Say that this process lives."""
        ...

    def end(self, job_id: str, state: JobState, now: datetime) -> bool:
        """Close a job."""
        ...


@dataclass(slots=True)
class _Work:
    """What is left of one job."""

    job: Job
    hashes: tuple[str, ...]
    spool: JobSpool
    following: int = 1
    """The next position to hand out."""
    open: int = 0
    """Handed out, and not back yet."""
    whole: bool = True
    """Whether every document that came back has its verdict written down."""


class JobRunner:
    """Checks jobs in the background until it is stopped; then whatever is left is interrupted."""

    def __init__(
        self,
        checking: Checking,
        jobs: Jobs,
        clock: Callable[[], datetime],
        report: Callable[[BaseException], None],
        *,
        threads: int = 1,
    ) -> None:
        self._checking = checking
        self._jobs = jobs
        self._clock = clock
        self._report = report
        self._waiting: deque[_Work] = deque()
        self._held: dict[str, _Work] = {}
        self._change = threading.Condition()
        self._stopped = threading.Event()
        names = [self._work] * threads + [self._beat]
        self._threads = [threading.Thread(target=one, daemon=True) for one in names]

    def __enter__(self) -> Self:
        """Start the threads."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop, forget the files, and say of every job that it was interrupted."""
        self._stopped.set()
        with self._change:
            self._change.notify_all()
        for thread in self._threads:
            thread.join(30)
        for work in self._held.values():
            work.spool.close()
            self._close(work.job.job_id, JobState.INTERRUPTED)

    def room(self) -> None:
        """Whether another job may come.

        Raises:
            JobsBusy: too many wait already.
        """
        if len(self._held) >= MOST_JOBS:
            raise JobsBusy("Too many jobs are waiting here. Try again in a minute.")

    def add(self, job: Job, hashes: tuple[str, ...], spool: JobSpool) -> None:
        """Put a job in the queue; its files are this runner's from now on."""
        work = _Work(job, hashes, spool)
        with self._change:
            self._held[job.job_id] = work
            self._waiting.append(work)
            self._change.notify()

    def _work(self) -> None:
        while (taken := self._next()) is not None:
            work, position = taken
            done = False
            try:
                done = self._check(work, position)
            except Exception as error:  # noqa: BLE001 - the last resort of this thread: it must live on
                self._report(error)
            self._back(work, done=done)

    def _next(self) -> tuple[_Work, int] | None:
        """One document of the job whose turn it is; None when it is time to stop."""
        with self._change:
            while not self._waiting and not self._stopped.is_set():
                self._change.wait()
            if self._stopped.is_set():
                return None
            work = self._waiting.popleft()
            position, work.following, work.open = work.following, work.following + 1, work.open + 1
            if work.following <= work.job.total:
                self._waiting.append(work)
                self._change.notify()
            return work, position

    def _check(self, work: _Work, position: int) -> bool:
        """Whether the verdict was written down; not, when it is time to stop before that."""
        verdict = self._checking.verify(work.spool.take(position))
        item = Item(
            position=position,
            sha256=work.hashes[position - 1],
            code=verdict.code.value,
            reasons=verdict.reasons,
            flags=verdict.flags,
            checked_at=verdict.checked_at,
        )
        while not self._stopped.is_set():
            try:
                self._jobs.record(work.job.job_id, item)
            except StorageUnavailable:
                self._stopped.wait(PATIENCE)
            else:
                return True
        return False

    def _back(self, work: _Work, *, done: bool) -> None:
        with self._change:
            work.open -= 1
            work.whole = work.whole and done
            over = not work.open and work.following > work.job.total
        if over:
            work.spool.close()
            state = JobState.FINISHED if work.whole else JobState.INTERRUPTED
            self._close(work.job.job_id, state)
            with self._change:
                self._held.pop(work.job.job_id, None)

    def _close(self, job_id: str, state: JobState) -> None:
        """Where the database is away, the lease runs out and says the same."""
        try:
            self._jobs.end(job_id, state, self._clock())
        except StorageUnavailable as error:
            self._report(error)

    def _beat(self) -> None:
        while not self._stopped.wait(HEARTBEAT.total_seconds()):
            with self._change:
                alive = list(self._held)
            try:
                self._jobs.keep_alive(alive, self._clock())
            except StorageUnavailable as error:
                self._report(error)
