"""A chunk gives every award one sealed document or one reason, however often it is issued."""

from __future__ import annotations

import errno
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import chain, cycle, repeat
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine import Engine

from credentials.archive import FolderArchive
from credentials.bulk.chunks import BATCH, FIRST_BATCH, UNFORESEEN, Bulk, ChunkEnd, issue_chunk
from credentials.bulk.cohorts import Account, Cohort, CohortState, Wanted
from credentials.bulk.engines import DELAYS, Inline, Shift, run
from credentials.errors import (
    AlreadyIssuing,
    ArchiveUnavailable,
    LedgerUnavailable,
    LintFailed,
    NothingToState,
    SealingPaused,
    SealRejected,
    UncoveredText,
    UnknownCohort,
)
from credentials.extract import Extract, Language
from credentials.ledger import Conclusion, Intent, Outcome
from credentials.sealing import Prepared
from credentials.store import SqlLedger
from keys.errors import KeyUnavailable
from tests.credentials.cohort_house import (
    BREAKS_A_RULE,
    BREAKS_US,
    CANNOT_BE_DRAWN,
    FIRST,
    WANTED,
    CheapSealer,
    build,
    deliver,
    draw,
    person,
    planned,
    sealed_files,
)

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture(name="engine", params=["sqlite", "postgresql"])
def _engine(request: pytest.FixtureRequest) -> Engine:
    made: Engine = request.getfixturevalue(f"{request.param}_engine")
    return made


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    return tmp_path / "archive"


def house(engine: Engine, folder: Path, people: int = 7, **changes: Any) -> Bulk:
    deliver(engine, *FIRST, *(person(place) for place in range(people)))
    return build(engine, folder, **changes)


def issue_all(bulk: Bulk, *, again: bool = False) -> tuple[Account, CohortState]:
    cohort = planned(bulk)
    account = run(bulk, Inline(bulk), cohort.cohort_id, Shift(sleep=lambda _: None), again=again)
    assert account.adds_up
    return account, bulk.cohorts.state(cohort.cohort_id)


def open_intents(bulk: Bulk) -> list[Intent]:
    return list(bulk.ledger.open_intents(before=datetime.now(UTC) + timedelta(days=1)))


def test_a_cohort_is_sealed_to_the_last_document(engine: Engine, folder: Path) -> None:
    bulk = house(engine, folder)

    account, state = issue_all(bulk)

    assert account == Account(planned=7, sealed=7, already_there=0, refused={}, left=0)
    assert state is CohortState.DONE
    assert len(sealed_files(folder)) == 7
    assert open_intents(bulk) == []


def test_issuing_again_seals_nothing_twice(engine: Engine, folder: Path) -> None:
    bulk = house(engine, folder)
    issue_all(bulk)
    files = sealed_files(folder)

    account, _ = issue_all(bulk, again=True)

    assert account == Account(planned=7, sealed=7, already_there=0, refused={}, left=0)
    assert sealed_files(folder) == files


def test_what_was_there_before_the_plan_is_found_and_told_apart(
    engine: Engine, folder: Path
) -> None:
    bulk = house(engine, folder, clock=lambda: NOON)
    issue_all(bulk)
    deliver(engine, person(50))
    later = build(engine, folder, clock=lambda: NOON + timedelta(days=1))

    account, _ = issue_all(later)

    assert account == Account(planned=8, sealed=1, already_there=7, refused={}, left=0)


def test_each_refusal_has_its_reason_and_holds_up_nobody(engine: Engine, folder: Path) -> None:
    bulk = house(engine, folder, people=2)
    names = (CANNOT_BE_DRAWN, BREAKS_A_RULE, BREAKS_US, "Later")
    deliver(engine, *(person(10 + place, name) for place, name in enumerate(names)))
    deliver(engine, {"type": "withdrawal", "award": "a000013"})

    account, state = issue_all(bulk)

    assert state is CohortState.DONE
    assert account.sealed == 2
    assert account.refused == {
        UncoveredText.kind: 1,
        LintFailed.kind: 1,
        UNFORESEEN: 1,
        NothingToState.kind: 1,
    }
    refused = bulk.cohorts.refused(planned(bulk).cohort_id)
    assert [(one.award_id, one.kind) for one in refused] == [
        ("a000010", UncoveredText.kind),
        ("a000011", LintFailed.kind),
        ("a000012", UNFORESEEN),
        ("a000013", NothingToState.kind),
    ]


def test_a_refusal_that_is_overcome_becomes_a_document(engine: Engine, folder: Path) -> None:
    bulk = house(engine, folder, people=2)
    deliver(engine, person(10, CANNOT_BE_DRAWN))
    before, _ = issue_all(bulk)
    better = build(engine, folder, draw=lambda extract: b"%PDF-1.7\n" + extract.number.encode())

    after, _ = issue_all(better, again=True)

    assert (before.sealed, before.refused) == (2, {UncoveredText.kind: 1})
    assert (after.sealed, after.refused) == (3, {})


def test_only_the_programme_the_year_and_the_languages_that_were_asked_for(
    engine: Engine, folder: Path
) -> None:
    bulk = house(engine, folder, people=2)
    deliver(engine, person(20, programme="havo"), person(21, awarded="2023-06-14"))
    cohort = planned(bulk, Wanted("vwo", 2024, (Language.DE, Language.EN)))

    account = run(bulk, Inline(bulk), cohort.cohort_id, Shift())

    assert account.sealed == 4
    entries = [entry for n in (0, 1) for entry in bulk.ledger.documents_of(f"p00000{n}")]
    assert sorted(entry.intent.language for entry in entries) == ["de", "de", "en", "en"]


def test_two_workers_at_the_same_chunk_give_one_seal_a_document(
    engine: Engine, folder: Path
) -> None:
    """platform.md 4.1.7: the same chunk executed twice at once yields one seal per document."""
    people = BATCH + 10
    first = house(engine, folder, people=people, grace=timedelta(0))
    cohort = planned(first, smallest=people)
    first.cohorts.start(cohort.cohort_id, lambda _connection, _chunks: None)
    (chunk_id,) = first.cohorts.open_chunks(cohort.cohort_id)
    together = threading.Barrier(3)

    def work(_place: int) -> ChunkEnd:
        bulk = build(engine, folder, grace=timedelta(minutes=1))
        together.wait()
        return issue_chunk(bulk, chunk_id)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, range(3)))
    account = run(first, Inline(first), cohort.cohort_id, Shift(sleep=lambda _: None))

    assert account == Account(planned=people, sealed=people, already_there=0, refused={}, left=0)
    assert len(sealed_files(folder)) == people
    assert open_intents(first) == []


def test_what_a_live_worker_has_in_hand_is_left_to_it_and_a_dead_ones_is_closed(
    engine: Engine, folder: Path
) -> None:
    ledger = SqlLedger(engine)
    dies = Deadly(ledger)
    bulk = house(engine, folder, people=2, ledger=dies)
    cohort = planned(bulk)
    bulk.cohorts.start(cohort.cohort_id, lambda _connection, _chunks: None)
    (chunk_id,) = bulk.cohorts.open_chunks(cohort.cohort_id)
    with pytest.raises(KeyboardInterrupt):
        issue_chunk(bulk, chunk_id)
    assert len(open_intents(bulk)) == 2

    patient = build(engine, folder, grace=timedelta(minutes=1))
    assert issue_chunk(patient, chunk_id) == ChunkEnd(waits_for=AlreadyIssuing.kind)
    assert patient.cohorts.waiting(cohort.cohort_id) == (AlreadyIssuing.kind,)
    later = build(engine, folder, clock=lambda: datetime.now(UTC) + timedelta(minutes=2))
    assert issue_chunk(later, chunk_id).done

    # The files had been stored: the reconciler's rule finishes them, and nothing is sealed again.
    assert bulk.cohorts.account(cohort.cohort_id).sealed == 2
    assert len(sealed_files(folder)) == 2
    assert bulk.cohorts.state(cohort.cohort_id) is CohortState.DONE


class Deadly:
    """A ledger whose process ends when it should write down what was sealed."""

    def __init__(self, ledger: SqlLedger) -> None:
        self._ledger = ledger

    def __getattr__(self, name: str) -> Any:
        return getattr(self._ledger, name)

    def conclude_all(self, _conclusions: Sequence[Conclusion]) -> None:
        raise KeyboardInterrupt


class Moody:
    """A port that fails so many times with this error, and then does its work."""

    def __init__(self, port: Any, call: str, times: int, error: Exception) -> None:
        self._port, self._call = port, call
        self.left, self._error = times, error

    def __getattr__(self, name: str) -> Any:
        return self._fail if name == self._call and self.left else getattr(self._port, name)

    def _fail(self, *_args: Any, **_kwargs: Any) -> Any:
        self.left -= 1
        raise self._error


PAUSED = SealingPaused("Sealing is paused. Nothing was issued.")
FULL = ArchiveUnavailable("Documents cannot be stored or fetched right now.")
GONE = LedgerUnavailable("Issuing is paused.")


@pytest.mark.parametrize("part", ["sealer", "archive", "ledger"])
def test_what_is_out_of_reach_for_a_while_costs_time_and_no_document(
    engine: Engine, folder: Path, part: str
) -> None:
    parts: dict[str, Any] = {
        "sealer": Moody(CheapSealer(), "seal", 5, PAUSED),
        "archive": Moody(FolderArchive(folder), "put_all", 3, FULL),
        "ledger": Moody(SqlLedger(engine), "intend_all", 3, GONE),
    }
    bulk = house(engine, folder, **{part: parts[part]})

    account, state = issue_all(bulk)

    assert account == Account(planned=7, sealed=7, already_there=0, refused={}, left=0)
    assert state is CohortState.DONE
    assert len(sealed_files(folder)) == 7
    assert open_intents(bulk) == []


def test_the_key_of_the_facts_may_be_out_of_reach_too(engine: Engine, folder: Path) -> None:
    draws = Moody(CheapSealer(), "prepare", 1, KeyUnavailable("no token"))
    bulk = house(engine, folder, sealer=draws)

    account, _ = issue_all(bulk)

    assert account.sealed == 7


def test_what_stays_out_of_reach_leaves_a_paused_cohort_that_says_why(
    engine: Engine, folder: Path
) -> None:
    away = Moody(CheapSealer(), "seal", 10_000, PAUSED)
    bulk = house(engine, folder, people=2, sealer=away)
    slept: list[float] = []
    cohort = planned(bulk)

    account = run(bulk, Inline(bulk), cohort.cohort_id, Shift(sleep=slept.append))

    assert account == Account(planned=2, sealed=0, already_there=0, refused={}, left=2)
    assert bulk.cohorts.state(cohort.cohort_id) is CohortState.PAUSED
    assert bulk.cohorts.waiting(cohort.cohort_id) == (SealingPaused.kind,)
    assert sum(slept) == sum(DELAYS)
    away.left = 0
    assert issue_all(bulk)[0].sealed == 2


def test_a_disk_that_refuses_is_waited_for_and_named(engine: Engine, folder: Path) -> None:
    """Any disk of the machine: of the token's library, of revocation data, of a temporary file."""
    full = OSError(errno.ENOSPC, "No space left on device")
    refusing = Moody(CheapSealer(), "seal", 10_000, full)
    bulk = house(engine, folder, people=2, sealer=refusing, grace=timedelta(0))
    cohort = planned(bulk)

    account = run(bulk, Inline(bulk), cohort.cohort_id, Shift(sleep=lambda _: None))

    assert account == Account(planned=2, sealed=0, already_there=0, refused={}, left=2)
    assert bulk.cohorts.state(cohort.cohort_id) is CohortState.PAUSED
    assert bulk.cohorts.waiting(cohort.cohort_id) == ("disk-enospc",)
    refusing.left = 0
    assert issue_all(bulk)[0].sealed == 2


def test_a_rejected_seal_is_refused_and_its_neighbours_are_sealed(
    engine: Engine, folder: Path
) -> None:
    rejected = SealRejected("The seal did not pass our own check. Nothing was handed out.")
    bulk = house(engine, folder, people=3, sealer=Moody(CheapSealer(), "seal", 1, rejected))

    account, _ = issue_all(bulk)

    assert (account.sealed, account.refused) == (2, {SealRejected.kind: 1})
    assert open_intents(bulk) == []


def test_nothing_is_sealed_that_was_not_recorded_first(engine: Engine, folder: Path) -> None:
    class Watching(CheapSealer):
        def seal(self, prepared: Prepared) -> bytes:
            entry = SqlLedger(engine).by_covered_digest(prepared.covered_digest)
            assert entry is not None
            assert entry.outcome is None
            return super().seal(prepared)

    account, _ = issue_all(house(engine, folder, sealer=Watching()))

    assert account.sealed == 7


def test_a_pause_is_obeyed_after_the_batch_in_hand_and_the_rest_comes_with_resume(
    engine: Engine, folder: Path
) -> None:
    people = 2 * BATCH
    bulk = house(engine, folder, people=people)
    cohort = planned(bulk, smallest=people)

    def pause_when_something_is_there() -> Iterator[bool]:
        while True:
            if sealed_files(folder):
                bulk.cohorts.stop(cohort.cohort_id, CohortState.PAUSED)
            yield False

    asks = pause_when_something_is_there()
    paused = run(bulk, Inline(bulk), cohort.cohort_id, Shift(stop=lambda: next(asks)))
    assert (paused.sealed, paused.left) == (FIRST_BATCH, people - FIRST_BATCH)
    assert bulk.cohorts.state(cohort.cohort_id) is CohortState.PAUSED

    resumed = run(bulk, Inline(bulk), cohort.cohort_id, Shift())
    assert (resumed.sealed, resumed.left) == (people, 0)


def test_batches_grow_while_they_are_fast_and_shrink_before_a_slow_one_looks_dead(
    engine: Engine, folder: Path
) -> None:
    seconds_each = 0.0
    moment, sizes = [NOON], []

    class Slow(CheapSealer):
        def seal(self, prepared: Prepared) -> bytes:
            moment[0] += timedelta(seconds=seconds_each)
            return super().seal(prepared)

    class Counting(Moody):
        def __getattr__(self, name: str) -> Any:
            return self._count if name == "intend_all" else getattr(self._port, name)

        def _count(self, intents: Sequence[Intent]) -> frozenset[str]:
            sizes.append(len(intents))
            taken: frozenset[str] = self._port.intend_all(intents)
            return taken

    ledger = Counting(SqlLedger(engine), "", 0, GONE)
    parts = {"ledger": ledger, "sealer": Slow(), "clock": lambda: moment[0]}
    bulk = house(engine, folder, people=150, **parts)
    cohort = planned(bulk, smallest=150)
    run(bulk, Inline(bulk), cohort.cohort_id, Shift())
    assert sizes == [8, 16, 32, 64, 30]

    sizes.clear()
    seconds_each = 5.0
    deliver(engine, *(person(place) for place in range(500, 520)))
    slow = planned(bulk, Wanted("vwo", 2024, (Language.DE,)), smallest=200)
    run(bulk, Inline(bulk), slow.cohort_id, Shift())
    assert sizes[:4] == [8, 4, 2, 2]
    assert max(sizes) * seconds_each < 60
    assert bulk.cohorts.account(slow.cohort_id).sealed == 170


class Watched(CheapSealer):
    """Takes so long for each seal, and at every turn another process settles."""

    def __init__(self, moment: list[datetime], seconds: Iterator[float]) -> None:
        super().__init__()
        self.moment, self._seconds = moment, seconds
        self.made = 0
        self.settle: Callable[[], object] = list

    def seal(self, prepared: Prepared) -> bytes:
        self.made += 1
        self.moment[0] += timedelta(seconds=next(self._seconds))
        self.settle()
        return super().seal(prepared)


def recorded_as_sealed(bulk: Bulk, cohort: Cohort) -> set[str]:
    """Numbers of every document that the ledger calls sealed, of all holders of the cohort."""
    people = {record.person.person_id for record in bulk.register.records(ids_of(bulk, cohort))}
    sealed = (bulk.ledger.documents_of(person_id) for person_id in people)
    return {entry.intent.number for entries in sealed for entry in entries}


def ids_of(bulk: Bulk, cohort: Cohort) -> list[str]:
    return list(bulk.register.award_ids(cohort.wanted.programme, cohort.wanted.year))


@pytest.mark.parametrize(
    ("people", "seconds"),
    [
        (12, lambda: repeat(9.0)),  # eight take longer than the grace of the reconciler
        (200, lambda: chain(repeat(0.01, 120), repeat(1.1, 64), repeat(0.01))),
        (30, lambda: cycle((0.1, 10.0, 9.0, 3.0))),
    ],
    ids=["slow from the start", "slow when batches are large", "moody"],
)
def test_a_slow_authority_while_another_process_settles_costs_no_seal_and_no_document(
    engine: Engine, folder: Path, people: int, seconds: Callable[[], Iterator[float]]
) -> None:
    moment = [NOON]
    sealer = Watched(moment, seconds())
    bulk = house(engine, folder, people=people, sealer=sealer, clock=lambda: moment[0])
    sealer.settle = bulk.reconciler.settle
    cohort = planned(bulk, smallest=people)

    account = run(bulk, Inline(bulk), cohort.cohort_id, Shift(sleep=lambda _: None))

    assert (account.sealed, sealer.made) == (people, people)
    assert sealed_files(folder) == recorded_as_sealed(bulk, cohort)
    assert len(sealed_files(folder)) == people
    assert open_intents(bulk) == []


def test_slow_drawing_is_broken_off_before_its_batch_looks_dead(
    engine: Engine, folder: Path
) -> None:
    moment = [NOON]

    def slow_draw(extract: Extract) -> bytes:
        moment[0] += timedelta(seconds=9)
        return draw(extract)

    sealer = Watched(moment, repeat(0.1))
    parts = {"draw": slow_draw, "sealer": sealer, "clock": lambda: moment[0]}
    bulk = house(engine, folder, people=12, **parts)
    sealer.settle = bulk.reconciler.settle
    cohort = planned(bulk, smallest=12)

    account = run(bulk, Inline(bulk), cohort.cohort_id, Shift(sleep=lambda _: None))

    assert (account.sealed, sealer.made) == (12, 12)
    assert sealed_files(folder) == recorded_as_sealed(bulk, cohort)


class Hanging(FolderArchive):
    """Hangs once, so long that the whole batch is taken for a dead one, before or after storing."""

    def __init__(self, folder: Path, when: str) -> None:
        super().__init__(folder)
        self._when = when
        self.hang: Callable[[], object] | None = None

    def put_all(self, documents: Mapping[str, bytes]) -> None:
        hang, self.hang = self.hang or list, None
        if self._when == "before":
            hang()
        super().put_all(documents)
        if self._when == "after":
            hang()


@pytest.mark.parametrize("when", ["before", "after"])
def test_what_another_process_settled_meanwhile_stands(
    engine: Engine, folder: Path, when: str
) -> None:
    moment = [NOON]
    archive = Hanging(folder, when)
    parts = {"archive": archive, "clock": lambda: moment[0]}
    bulk = house(engine, folder, people=6, **parts)
    cohort = planned(bulk, smallest=6)

    def hang() -> None:
        moment[0] += timedelta(seconds=61)
        bulk.reconciler.settle()

    archive.hang = hang
    account = run(bulk, Inline(bulk), cohort.cohort_id, Shift(sleep=lambda _: None))

    assert account.sealed == 6
    assert sealed_files(folder) == recorded_as_sealed(bulk, cohort)
    assert len(sealed_files(folder)) == 6
    assert open_intents(bulk) == []


def test_a_stop_signal_pauses(engine: Engine, folder: Path) -> None:
    bulk = house(engine, folder)
    cohort = planned(bulk)

    account = run(bulk, Inline(bulk), cohort.cohort_id, Shift(stop=lambda: True))

    assert (account.sealed, account.left) == (0, 7)
    assert bulk.cohorts.state(cohort.cohort_id) is CohortState.PAUSED


def test_a_cancelled_cohort_stays_cancelled(engine: Engine, folder: Path) -> None:
    bulk = house(engine, folder)
    cohort = planned(bulk)
    bulk.cohorts.stop(cohort.cohort_id, CohortState.CANCELLED)

    account = run(bulk, Inline(bulk), cohort.cohort_id, Shift())

    assert (account.sealed, account.left) == (0, 7)
    assert bulk.cohorts.state(cohort.cohort_id) is CohortState.CANCELLED
    assert bulk.cohorts.stop(cohort.cohort_id, CohortState.PAUSED) is CohortState.CANCELLED


def test_a_cohort_of_nobody_is_done_at_once(engine: Engine, folder: Path) -> None:
    account, state = issue_all(house(engine, folder, people=0))

    assert account == Account(planned=0, sealed=0, already_there=0, refused={}, left=0)
    assert state is CohortState.DONE


def test_a_plan_is_kept_once_and_listed(engine: Engine, folder: Path) -> None:
    bulk = house(engine, folder)
    one, same = planned(bulk), planned(bulk)

    assert one == same
    assert bulk.cohorts.cohorts() == (one,)
    assert one.wanted == WANTED
    assert one.state is CohortState.PLANNED


def test_a_number_of_no_cohort_is_told_so(engine: Engine, folder: Path) -> None:
    bulk = house(engine, folder)

    for ask in (bulk.cohorts.cohort, bulk.cohorts.account, bulk.cohorts.task, bulk.cohorts.close):
        with pytest.raises(UnknownCohort):
            ask("no such id")


def test_an_abandoned_attempt_is_counted_and_never_shown_as_sealed(
    engine: Engine, folder: Path
) -> None:
    bulk = house(engine, folder, people=1, sealer=Moody(CheapSealer(), "seal", 1, PAUSED))

    account, _ = issue_all(bulk)

    (entry,) = bulk.ledger.documents_of("p000000")
    assert (entry.intent.attempt, entry.outcome) == (1, Outcome.SEALED)
    assert account.sealed == 1
