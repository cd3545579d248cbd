"""Cohorts under fire: whatever dies or goes away, exactly the planned documents are sealed.

`ECHT_COHORT=10000` makes it the cohort that the specification names (about ten minutes);
without it the same kills fall on a small one. Nothing but the size is different: real
register, renderer, lint, B-LTA seal, archive and ledger on PostgreSQL.
"""

from __future__ import annotations

import hashlib
import os
import resource
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import func
from sqlalchemy.engine import Engine
from sqlmodel import col, select

from credentials.archive import FolderArchive
from credentials.archive_s3 import S3Archive, connect
from credentials.bulk.chunks import Bulk
from credentials.bulk.cohorts import Account, Cohort, CohortState, Wanted
from credentials.bulk.engines import Inline, Shift, run
from credentials.bulk.planning import plan
from credentials.bulk.processes import Processes
from credentials.extract import Language
from credentials.ledger import Outcome
from credentials.pades import SpliceSealer
from credentials.store import IntentRow, OutcomeRow
from keys.errors import TimestampUnavailable
from keys.timestamps import Timestamper
from register.importing import import_lines
from register.records import AwardStatus
from register.synthetic.generate import write
from settings import Settings
from storage.engine import unit_of_work
from tests.commands import free_port, script
from tests.contracts.postgres import PostgresServer, running_postgres
from tests.contracts.s3_server import REGION, s3_server
from tests.credentials import cohort_house
from tests.credentials.real_bulk import bulk_of, open_real
from tests.faults.killable_cohort import STEPS
from wiring import Instance

SCRIPT = Path(__file__).with_name("killable_cohort.py")
SIZE = int(os.environ.get("ECHT_COHORT", "78"))
SMALL = SIZE < 1_000
SMALLEST = 6 if SMALL else 500
PATIENCE_SECONDS = 3_600


@pytest.fixture(name="settings")
def _settings(postgresql_engine: Engine, tmp_path: Path) -> Settings:
    url = postgresql_engine.url.render_as_string(hide_password=False)
    return Settings(home=tmp_path / "home", database_url=url)


@pytest.fixture(name="instance")
def _instance(settings: Settings) -> Iterator[Instance]:
    made = Instance(settings)
    yield made
    made.close()


def furnish(instance: Instance, size: int) -> list[str]:
    """A register of invented people; ids of so many awards, in the register's own mix."""
    instance.settings.home.mkdir(parents=True, exist_ok=True)
    file = instance.settings.home / "people.jsonl"
    write(file, people=size + 100, seed=7)
    import_lines(file, instance.writer)
    stated = (
        record.award.award_id
        for record in instance.register.awards()
        if record.award.status is not AwardStatus.WITHDRAWN
    )
    return [award_id for award_id, _ in zip(stated, range(size), strict=False)]


def keep(bulk: Bulk, awards: list[str], smallest: int = SMALLEST) -> Cohort:
    made = plan(Wanted("mix", 2024, (Language.EN,)), bulk.issuer.profile, awards, smallest)
    return bulk.cohorts.keep(made, now=bulk.clock())


def assert_whole(instance: Instance, account: Account) -> None:
    """Exactly the planned documents, each once, each on disk as the ledger says."""
    assert account.adds_up
    assert (account.left, account.already_there) == (0, 0)
    with unit_of_work(instance.engine) as session:
        rows = session.exec(
            select(IntentRow.statement, IntentRow.number, OutcomeRow.file_sha256)
            .join(OutcomeRow, col(OutcomeRow.number) == col(IntentRow.number))
            .where(col(OutcomeRow.outcome) == Outcome.SEALED.value)
        ).all()
        intents = session.scalar(select(func.count()).select_from(IntentRow))
        outcomes = session.scalar(select(func.count()).select_from(OutcomeRow))
    assert intents == outcomes, "an intent is open"
    assert len({statement for statement, _, _ in rows}) == len(rows) == account.sealed
    files = (instance.settings.home / "archive").rglob("*.pdf")
    stored = {file.stem: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}
    assert {number: digest for _, number, digest in rows} == stored
    assert not list((instance.settings.home / "archive").rglob("*.part"))


@pytest.mark.slow
@pytest.mark.timeout(PATIENCE_SECONDS)
def test_a_worker_killed_at_every_step_of_a_cohort_costs_nothing(
    instance: Instance, settings: Settings
) -> None:
    """platform.md 4.1.6: kill -9 at every step; exactly N seals, no open intent."""
    awards = furnish(instance, SIZE)
    bulk = bulk_of(instance, grace=timedelta(0))
    cohort = keep(bulk, awards)
    # Each worker gets about as far as the others before it dies.
    batches_each = max(0, SIZE // 64 // len(STEPS) - 1)
    for step in STEPS:
        calls = {"seal": 64 * batches_each + 2, "close": 0}.get(step.split()[1], batches_each)
        asked = (settings.database_url, cohort.cohort_id, step, str(calls))
        died = script(SCRIPT, str(settings.home), *asked)
        assert died.returncode == -signal.SIGKILL, (step, died.stderr[-2_000:])

    opening = partial(open_real, settings, timedelta(0))
    account = run(bulk, Processes(bulk.cohorts, opening, 2), cohort.cohort_id, Shift())
    settled = instance.reconciler.settle(older_than=timedelta(0))

    assert (settled.finished, settled.abandoned) == (0, 0)
    assert bulk.cohorts.state(cohort.cohort_id) is CohortState.DONE
    assert account.planned == SIZE
    assert account.sealed + account.refusals == SIZE
    assert_whole(instance, account)


@pytest.mark.slow
def test_a_database_that_is_restarted_mid_run_costs_nothing(tmp_path: Path) -> None:
    with running_postgres() as server:
        server.execute("CREATE DATABASE cohort")
        url, folder = server.url("cohort"), tmp_path / "archive"
        bulk = cohort_house.open_cheap(url, folder)
        people = [cohort_house.person(place) for place in range(300)]
        cohort_house.deliver(bulk.cohorts.engine, *cohort_house.FIRST, *people)
        cohort = cohort_house.planned(bulk, smallest=20)
        restart = Restart(server, folder)
        opening = partial(cohort_house.open_cheap, url, folder)

        run(bulk, Processes(bulk.cohorts, opening, 2), cohort.cohort_id, Shift(tick=restart))

        account = bulk.cohorts.account(cohort.cohort_id)
        assert restart.done
        assert account == Account(planned=300, sealed=300, already_there=0, refused={}, left=0)
        assert len(cohort_house.sealed_files(folder)) == 300
        bulk.cohorts.engine.dispose()


class Restart:
    """Takes the database away when something is sealed, and gives it back a moment later."""

    def __init__(self, server: PostgresServer, folder: Path) -> None:
        self._server, self._folder = server, folder
        self.done = False

    def __call__(self) -> None:
        if not self.done and cohort_house.sealed_files(self._folder):
            self._server.stop()
            time.sleep(1)
            self._server.start()
            self.done = True


class Away:
    """An authority that nobody reaches until a given moment."""

    def __init__(
        self, authority: Timestamper, clock: Callable[[], datetime], until: datetime
    ) -> None:
        self._authority, self._clock, self._until = authority, clock, until
        self.refused = 0
        self.certificates, self.room = authority.certificates, authority.room

    def stamp(self, digest: bytes) -> bytes:
        if self._clock() < self._until:
            self.refused += 1
            raise TimestampUnavailable("nobody answers")
        return self._authority.stamp(digest)


def test_a_time_stamp_authority_that_is_down_for_a_minute_is_waited_for(
    settings: Settings,
) -> None:
    moment = [datetime.now(UTC)]
    instance = Instance(settings, clock=lambda: moment[0])
    awards = furnish(instance, 5)
    sealer = instance.archival_sealer
    away = Away(instance.keyring.timestamper, instance.clock, moment[0] + timedelta(minutes=1))
    waiting = SpliceSealer(
        instance.keyring.signer("seal"),
        sealer.profile,
        clock=instance.clock,
        timestamper=away,
        revocation=instance.keyring.revocation,
    )
    bulk = bulk_of(instance, sealer=waiting)
    cohort = keep(bulk, awards)

    def sleep(seconds: float) -> None:
        moment[0] += timedelta(seconds=seconds)

    account = run(bulk, Inline(bulk), cohort.cohort_id, Shift(sleep=sleep))

    assert away.refused > 1
    assert account.sealed + account.refusals == 5
    assert_whole(instance, account)
    instance.close()


@pytest.mark.judge
@pytest.mark.slow
def test_a_token_that_is_pulled_out_mid_run_is_waited_for(settings: Settings) -> None:
    pulled = SCRIPT.with_name("pulled_token.py")

    done = script(pulled, str(settings.home), settings.database_url)

    assert done.returncode == 0, done.stderr[-3_000:]
    assert done.stdout.splitlines() == ["waits for ('sealing-paused',)", "whole"]


class TinyDisk(FolderArchive):
    """A folder on a disk that takes no file larger than a page while it is full."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.full = True

    def put_all(self, documents: Mapping[str, bytes]) -> None:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        try:
            if self.full:
                resource.setrlimit(resource.RLIMIT_FSIZE, (4_096, hard))
            super().put_all(documents)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_disk_that_is_full_pauses_and_loses_nothing(instance: Instance) -> None:
    awards = furnish(instance, 5)
    disk = TinyDisk(instance.settings.home / "archive")
    bulk = bulk_of(instance, archive=disk)
    cohort = keep(bulk, awards)

    paused = run(bulk, Inline(bulk), cohort.cohort_id, Shift(sleep=lambda _: None))
    assert paused.adds_up
    assert paused.sealed == 0
    assert bulk.cohorts.state(cohort.cohort_id) is CohortState.PAUSED
    assert not list(instance.settings.home.glob("archive/**/*.part"))

    disk.full = False
    account = run(bulk, Inline(bulk), cohort.cohort_id, Shift())
    assert account.sealed + account.refusals == 5
    assert_whole(instance, account)


@pytest.mark.slow
def test_an_object_store_that_is_out_of_reach_pauses_and_loses_nothing(
    postgresql_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "echt-test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "echt-test")
    port = free_port()
    client = connect(f"http://127.0.0.1:{port}", REGION)
    archive = S3Archive(client, "documents")
    people = [cohort_house.person(place) for place in range(5)]
    cohort_house.deliver(postgresql_engine, *cohort_house.FIRST, *people)
    bulk = cohort_house.build(postgresql_engine, tmp_path, archive=archive, grace=timedelta(0))
    cohort = cohort_house.planned(bulk)
    naps = count()
    with ExitStack() as repaired:

        def sleep(_seconds: float) -> None:
            if next(naps) == 0:
                repaired.enter_context(s3_server(port, tmp_path))
                client.create_bucket(
                    Bucket="documents", CreateBucketConfiguration={"LocationConstraint": REGION}
                )

        account = run(bulk, Inline(bulk), cohort.cohort_id, Shift(sleep=sleep))

        assert account == Account(planned=5, sealed=5, already_there=0, refused={}, left=0)
        stored = {
            one["Key"][3:-4] for one in client.list_objects_v2(Bucket="documents")["Contents"]
        }
        numbers = {bulk.ledger.documents_of(f"p{n:06d}")[0].intent.number for n in range(5)}
        assert stored == numbers
    client.close()
