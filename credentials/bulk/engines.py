"""Who works on the chunks: this process, several on this machine, or as many machines as there are.

An engine decides nothing about documents. It hands out chunk ids and waits; every fact is
in the database, so a run may be broken off at any moment and taken up by another engine.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy.engine import Connection

from credentials.bulk.chunks import Bulk, ChunkEnd, issue_chunk, never
from credentials.bulk.cohorts import Account, CohortState

DELAYS = (1, 2, 4, 8, 15, 30, 60, 60, 60)
"""Seconds between tries at a chunk that something out of reach holds up: four minutes in all."""
_SLICE = 0.25


def nothing() -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True)
class Shift:
    """What an engine asks of whoever runs it."""

    stop: Callable[[], bool] = never
    """Whether to leave off after the batch in hand."""
    tick: Callable[[], None] = nothing
    """Called now and then, so that somebody may look how far it is."""
    sleep: Callable[[float], None] = time.sleep


class Engine(Protocol):
    """Works on the open chunks of a cohort."""

    def enqueue(self, connection: Connection, chunk_ids: Sequence[str]) -> None:
        """Hand out chunks in the transaction that lets their cohort run."""

    def run(self, cohort_id: str, shift: Shift) -> None:
        """Work until no chunk can be done any more: all done, stopped, or left waiting."""


class Inline:
    """Works in this process, one chunk after the other."""

    def __init__(self, bulk: Bulk) -> None:
        self._bulk = bulk

    def enqueue(self, connection: Connection, chunk_ids: Sequence[str]) -> None:
        """Nothing: the plan itself is the queue."""

    def run(self, cohort_id: str, shift: Shift) -> None:
        """Issue every open chunk; one that waits too long is left for the next run."""
        for chunk_id in self._bulk.cohorts.open_chunks(cohort_id):
            if issue_patiently(self._bulk, chunk_id, shift).stopped:
                return
            shift.tick()


def issue_patiently(bulk: Bulk, chunk_id: str, shift: Shift) -> ChunkEnd:
    """Issue a chunk, and try again with growing pauses while something is out of reach."""
    return patiently(lambda: issue_chunk(bulk, chunk_id, shift.stop), shift)


def patiently(attempt: Callable[[], ChunkEnd], shift: Shift) -> ChunkEnd:
    """Attempt again with growing pauses while something is out of reach."""
    for delay in (*DELAYS, 0):
        end = attempt()
        if not end.waits_for or not delay:
            return end
        if _rest(delay, shift):
            return ChunkEnd(stopped=True)
    raise AssertionError("the last delay is none")


def _rest(seconds: float, shift: Shift) -> bool:
    """Sleep in slices; True when asked to stop meanwhile."""
    for _ in range(round(seconds / _SLICE)):
        if shift.stop():
            return True
        shift.sleep(_SLICE)
    return shift.stop()


def run(
    bulk: Bulk, engine: Engine, cohort_id: str, shift: Shift, *, again: bool = False
) -> Account:
    """Let a cohort run to its end and give the final account, which always adds up.

    A cohort that did not come to its end is paused, so that its state says so.

    Args:
        bulk: of this process.
        engine: who works.
        cohort_id: a cohort that was kept.
        shift: how to stop and who watches.
        again: look through chunks that are done as well.

    Raises:
        UnknownCohort: there is no such cohort.
        LedgerUnavailable: the database cannot be used.
    """
    if bulk.cohorts.start(cohort_id, engine.enqueue, again=again) is CohortState.RUNNING:
        engine.run(cohort_id, shift)
        if bulk.cohorts.state(cohort_id) is CohortState.RUNNING:
            bulk.cohorts.stop(cohort_id, CohortState.PAUSED)
    return bulk.cohorts.account(cohort_id)
