"""Every engine gives the same result, on whichever machine and whoever dies (platform.md 4.1.7)."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import Engine as Database

from credentials.bulk import processes, workers
from credentials.bulk.chunks import Bulk, ChunkEnd
from credentials.bulk.cohorts import Account, CohortState
from credentials.bulk.engines import DELAYS, Engine, Inline, Shift, run
from credentials.bulk.processes import WORKER_LOST, Opening, Processes
from credentials.bulk.queue import SCHEMA, jobs_left, make_queue
from credentials.bulk.workers import Queue
from credentials.errors import SealingPaused
from keys.errors import KeyRefused
from tests.credentials.cohort_house import (
    BREAKS_A_RULE,
    FIRST,
    deliver,
    open_cheap,
    person,
    planned,
    sealed_files,
)

PEOPLE = 10
LIMIT_SECONDS = 300


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    return tmp_path / "archive"


@pytest.fixture(name="opening")
def _opening(postgresql_engine: Database, folder: Path) -> Opening:
    deliver(postgresql_engine, *FIRST, *(person(place) for place in range(PEOPLE)))
    deliver(postgresql_engine, person(PEOPLE, BREAKS_A_RULE))
    return partial(open_cheap, url_of(postgresql_engine), folder)


@pytest.fixture(name="bulk")
def _bulk(opening: Opening) -> Bulk:
    return opening()


def url_of(database: Database) -> str:
    return database.url.render_as_string(hide_password=False)


def inline(bulk: Bulk, _opening: Opening) -> Engine:
    return Inline(bulk)


def two_processes(bulk: Bulk, opening: Opening) -> Engine:
    return Processes(bulk.cohorts, opening, workers=2)


def two_queue_workers(bulk: Bulk, opening: Opening) -> Engine:
    return Queue(bulk.cohorts, opening, workers=2)


ENGINES = [inline, two_processes, two_queue_workers]
Choose = Callable[[Bulk, Opening], Engine]


@pytest.mark.slow
@pytest.mark.parametrize("choose", ENGINES)
def test_all_engines_give_the_same_result(
    bulk: Bulk, opening: Opening, folder: Path, choose: Choose
) -> None:
    cohort = planned(bulk)

    account = run(bulk, choose(bulk, opening), cohort.cohort_id, Shift())

    assert account.adds_up
    assert (account.sealed, account.refusals, account.left) == (PEOPLE, 1, 0)
    assert bulk.cohorts.state(cohort.cohort_id) is CohortState.DONE
    assert len(sealed_files(folder)) == PEOPLE
    bulk.cohorts.engine.dispose()


@pytest.mark.slow
@pytest.mark.parametrize("choose", ENGINES)
def test_a_stop_leaves_a_paused_cohort_that_another_engine_finishes(
    bulk: Bulk, opening: Opening, folder: Path, choose: Choose
) -> None:
    cohort = planned(bulk)

    stopped = run(bulk, choose(bulk, opening), cohort.cohort_id, Shift(stop=lambda: True))
    assert stopped.adds_up
    assert bulk.cohorts.state(cohort.cohort_id) is CohortState.PAUSED

    account = run(bulk, Inline(bulk), cohort.cohort_id, Shift())
    assert (account.sealed, account.refusals, account.left) == (PEOPLE, 1, 0)
    assert len(sealed_files(folder)) == PEOPLE
    bulk.cohorts.engine.dispose()


def dies_once(opening: Opening, mark: Path) -> Bulk:
    """A worker that is killed the first time it has a chunk in hand."""
    if not mark.exists():
        mark.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return opening()


def dies_always() -> Bulk:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("dead")


@pytest.mark.slow
def test_a_killed_worker_is_replaced_and_its_chunk_handed_out_again(
    bulk: Bulk, opening: Opening, folder: Path, tmp_path: Path
) -> None:
    cohort = planned(bulk)
    engine = Processes(bulk.cohorts, partial(dies_once, opening, tmp_path / "died"), workers=1)

    account = run(bulk, engine, cohort.cohort_id, Shift())

    assert (tmp_path / "died").exists()
    assert (account.sealed, account.refusals, account.left) == (PEOPLE, 1, 0)
    assert len(sealed_files(folder)) == PEOPLE
    bulk.cohorts.engine.dispose()


@pytest.mark.slow
def test_a_chunk_that_kills_every_worker_is_left_alone_in_the_end(bulk: Bulk) -> None:
    cohort = planned(bulk, smallest=PEOPLE + 1)

    account = run(bulk, Processes(bulk.cohorts, dies_always, workers=2), cohort.cohort_id, Shift())

    assert account.left == PEOPLE + 1
    assert bulk.cohorts.state(cohort.cohort_id) is CohortState.PAUSED
    assert bulk.cohorts.waiting(cohort.cohort_id) == (WORKER_LOST,)
    bulk.cohorts.engine.dispose()


def may_open_no_key() -> Bulk:
    raise KeyRefused("Keys in files are for development.")


@pytest.mark.slow
def test_what_a_worker_cannot_open_is_what_its_cohort_waits_for(bulk: Bulk) -> None:
    cohort = planned(bulk, smallest=PEOPLE + 1)

    run(bulk, Processes(bulk.cohorts, may_open_no_key, workers=1), cohort.cohort_id, Shift())

    assert bulk.cohorts.state(cohort.cohort_id) is CohortState.PAUSED
    assert bulk.cohorts.waiting(cohort.cohort_id) == (KeyRefused.kind,)
    bulk.cohorts.engine.dispose()


def test_a_worker_that_finds_its_disk_full_says_so_and_lives() -> None:
    def opening() -> Bulk:
        raise OSError(errno.ENOSPC, "No space left on device")

    naps: list[float] = []

    end = processes._issue(opening, [], "chunk", Shift(sleep=naps.append))

    assert end == ChunkEnd(waits_for="disk-enospc")
    assert sum(naps) == sum(DELAYS)


@pytest.mark.slow
@pytest.mark.timeout(LIMIT_SECONDS)
def test_a_crew_of_the_queue_that_dies_whenever_it_is_replaced_is_not_replaced_for_ever(
    bulk: Bulk,
) -> None:
    cohort = planned(bulk)

    account = run(bulk, Queue(bulk.cohorts, dies_always, workers=1), cohort.cohort_id, Shift())

    assert account.left == PEOPLE + 1
    assert bulk.cohorts.state(cohort.cohort_id) is CohortState.PAUSED
    bulk.cohorts.engine.dispose()


def test_a_worker_of_the_queue_waits_for_the_token_that_it_opens() -> None:
    made, naps = object(), list[float]()

    def opening() -> object:
        if len(naps) < 2:
            raise SealingPaused("The token is out of reach.")
        return made

    assert workers.open_patiently(opening, naps.append) is made
    assert naps == list(DELAYS[:2])


def test_a_worker_of_the_queue_does_not_wait_for_what_no_waiting_mends() -> None:
    def refused() -> Bulk:
        raise KeyRefused("Keys in files are for development.")

    def away() -> Bulk:
        raise SealingPaused("The token is out of reach.")

    naps: list[float] = []
    with pytest.raises(KeyRefused):
        workers.open_patiently(refused, naps.append)
    assert naps == []
    with pytest.raises(SealingPaused):
        workers.open_patiently(away, naps.append)
    assert naps == list(DELAYS)


def test_workers_are_spawned_and_never_forked() -> None:
    assert processes.CONTEXT.get_start_method() == "spawn"
    assert vars(workers)["CONTEXT"] is processes.CONTEXT


@pytest.mark.slow
def test_a_process_that_was_forked_after_a_compile_refuses_instead_of_hanging() -> None:
    """pdf.md 2.2: the renderer's threads do not survive a fork; the guard is tried for real."""
    script = """
import os, sys
sys.path.insert(0, ".")
from credentials.extract import Language
from credentials.rendering import ForkedAfterCompile
from tests.credentials.paper import payload, renderer
from tests.credentials.people import extract
paper, asked = renderer(), extract("arabic", Language.NL)
paper.render(asked, payload(asked))
child = os.fork()
if child == 0:
    try:
        paper.render(asked, payload(asked))
    except ForkedAfterCompile:
        os._exit(77)
    os._exit(1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run([sys.executable, "-c", script], cwd=root, timeout=300, check=False)

    assert done.returncode == 77


def test_jobs_are_queued_in_our_own_transaction_or_not_at_all(bulk: Bulk) -> None:
    """design.md: enqueued in our own transaction, so no running cohort is without jobs."""
    cohort = planned(bulk)
    queue = Queue(bulk.cohorts, lambda: bulk, workers=0)
    chunks = bulk.cohorts.open_chunks(cohort.cohort_id)

    def fail(connection: object, chunk_ids: object) -> None:
        queue.enqueue(connection, chunk_ids)  # type: ignore[arg-type]
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        bulk.cohorts.start(cohort.cohort_id, fail)
    assert bulk.cohorts.state(cohort.cohort_id) is CohortState.PLANNED
    assert jobs_left(bulk.cohorts.engine, chunks) == 0

    bulk.cohorts.start(cohort.cohort_id, queue.enqueue)
    bulk.cohorts.start(cohort.cohort_id, queue.enqueue)
    assert bulk.cohorts.state(cohort.cohort_id) is CohortState.RUNNING
    assert jobs_left(bulk.cohorts.engine, chunks) == len(chunks) > 2
    bulk.cohorts.engine.dispose()


def test_the_queue_is_made_once_and_is_no_part_of_our_schema(bulk: Bulk) -> None:
    make_queue(bulk.cohorts.engine)
    make_queue(bulk.cohorts.engine)

    with bulk.cohorts.engine.connect() as connection:
        query = text("SELECT DISTINCT schemaname FROM pg_tables WHERE tablename ~ '^procrastinate'")
        assert connection.scalars(query).all() == [SCHEMA]
    bulk.cohorts.engine.dispose()


def serve_quickly(opening: Opening) -> None:
    """A worker elsewhere, whose heart beats fast enough for a test."""
    workers.serve_queue(opening(), workers.Pulse(beat=0.3, stalled=1.5, reconnect=0.3))


def dies_in_hand(opening: Opening, mark: Path) -> Bulk:
    """A house in which the first document that is drawn kills its process."""
    bulk = opening()
    issuer = bulk.issuer
    if not mark.exists():
        issuer._draw = partial(_die, mark)
    return bulk


def _die(mark: Path, _extract: object) -> bytes:
    mark.touch()
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("dead")


@pytest.mark.slow
def test_the_job_of_a_dead_worker_is_found_by_another_one(
    bulk: Bulk, opening: Opening, folder: Path, tmp_path: Path
) -> None:
    cohort = planned(bulk)
    queue = Queue(bulk.cohorts, opening, workers=0)
    bulk.cohorts.start(cohort.cohort_id, queue.enqueue)
    mark = tmp_path / "died"
    first = processes.CONTEXT.Process(
        target=serve_quickly, args=(partial(dies_in_hand, opening, mark),)
    )
    first.start()
    first.join(LIMIT_SECONDS)
    assert first.exitcode == -signal.SIGKILL
    assert mark.exists()

    second = processes.CONTEXT.Process(target=serve_quickly, args=(opening,))
    second.start()
    watching = threading.Thread(target=queue.run, args=(cohort.cohort_id, Shift()))
    watching.start()
    watching.join(LIMIT_SECONDS)
    second.terminate()
    second.join(LIMIT_SECONDS)

    account = bulk.cohorts.account(cohort.cohort_id)
    assert (account.sealed, account.refusals, account.left) == (PEOPLE, 1, 0)
    assert len(sealed_files(folder)) == PEOPLE
    assert second.exitcode == 0
    assert jobs_left(bulk.cohorts.engine, bulk.cohorts.open_chunks(cohort.cohort_id)) == 0
    bulk.cohorts.engine.dispose()


def test_an_account_that_does_not_add_up_says_so() -> None:
    assert Account(planned=3, sealed=1, already_there=1, refused={"x": 1}, left=0).adds_up
    assert not Account(planned=3, sealed=1, already_there=0, refused={}, left=0).adds_up
    assert not Account(planned=0, sealed=1, already_there=0, refused={}, left=-1).adds_up
