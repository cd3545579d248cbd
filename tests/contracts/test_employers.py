"""What the desk of employers relies on, over both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from joserfc.jwk import ECKey
from sqlalchemy.engine import Engine

from employers.access import Counted, day_of
from employers.delivery_store import SqlDeliveries
from employers.errors import KeyReused, NoSuchClient, QuotaExceeded
from employers.jobs import LEASE, Item, Job, JobState, new_job_id
from tests.employers.desk import NOW, Programs

HASHES = ["0" * 64, "1" * 64, "2" * 64]


@pytest.fixture(name="engine", params=["sqlite", "postgresql"])
def _engine(request: pytest.FixtureRequest) -> Engine:
    made: Engine = request.getfixturevalue(f"{request.param}_engine")
    return made


@pytest.fixture(name="programs")
def _programs(engine: Engine, tmp_path: Path) -> Programs:
    return Programs(engine, tmp_path)


@pytest.fixture(scope="module", name="key")
def _key() -> ECKey:
    return ECKey.generate_key("P-256")


def a_job(client_id: str, total: int = 3) -> Job:
    return Job(new_job_id(), client_id, NOW, total)


def test_a_client_comes_back_as_it_was(programs: Programs, key: ECKey) -> None:
    created = NOW.replace(microsecond=0)
    client = programs.register(key, webhook="https://example.org/hook", created_at=created)

    assert programs.clients.client(client.client_id) == client
    assert programs.clients.all() == (client,)
    programs.clients.change(client.client_id, {"quota": 7, "keys": client.keys})
    changed = programs.clients.client(client.client_id)
    assert changed is not None
    assert (changed.quota, changed.keys) == (7, client.keys)
    with pytest.raises(NoSuchClient):
        programs.clients.change("nobody", {"quota": 1})


def test_an_assertion_is_used_once_whoever_comes_first(programs: Programs) -> None:
    with ThreadPoolExecutor(4) as pool:
        used = list(pool.map(lambda _: programs.clients.use_once("c", "j", NOW), range(4)))

    assert sorted(used) == [False, False, False, True]
    assert programs.clients.use_once("other", "j", NOW)


def test_a_count_never_passes_its_most(programs: Programs) -> None:
    def add(_: int) -> bool:
        return programs.clients.count("c", Counted.DOCUMENTS, NOW, 3, 10)

    with ThreadPoolExecutor(4) as pool:
        added = sum(pool.map(add, range(6)))

    assert added == 3
    assert programs.clients.used("c", Counted.DOCUMENTS, NOW) == 9
    assert programs.clients.count("c", Counted.DOCUMENTS, NOW + timedelta(days=1), 10, 10)


def test_what_ended_is_forgotten(programs: Programs) -> None:
    programs.clients.use_once("c", "j", NOW)
    programs.clients.add_token("t", "c", NOW)
    programs.clients.count("c", Counted.REQUESTS, NOW, 1, 1)

    assert programs.clients.forget(NOW) == 0
    assert programs.clients.forget(NOW + timedelta(seconds=1)) == 3


def test_a_job_begins_once_for_each_key(programs: Programs, key: ECKey) -> None:
    """verifier.md 4.23, also when both come at the same moment."""
    client = programs.register(key).client_id

    def begin(_: int) -> tuple[Job, bool]:
        return programs.jobs.begin(a_job(client), "k", HASHES, 100)

    with ThreadPoolExecutor(4) as pool:
        begun = list(pool.map(begin, range(4)))

    assert sum(is_new for _, is_new in begun) == 1
    assert len({job.job_id for job, _ in begun}) == 1
    assert programs.clients.used(client, Counted.DOCUMENTS, day_of(NOW)) == 3
    with pytest.raises(KeyReused):
        programs.jobs.begin(a_job(client), "k", HASHES[:2], 100)
    assert programs.jobs.begin(a_job("other"), "k", HASHES, 100)[1]


def test_a_job_over_the_quota_leaves_nothing(programs: Programs) -> None:
    job = a_job("c")
    with pytest.raises(QuotaExceeded):
        programs.jobs.begin(job, "k", HASHES, 2)

    assert programs.jobs.find(job.job_id, "c", NOW) is None
    assert programs.clients.used("c", Counted.DOCUMENTS, day_of(NOW)) == 0


def test_a_verdict_is_written_once(programs: Programs) -> None:
    job, _ = programs.jobs.begin(a_job("c"), "k", HASHES, 100)
    item = Item(2, HASHES[1], "ALTERED", ("a",), ("b",), NOW)

    programs.jobs.record(job.job_id, item)
    programs.jobs.record(job.job_id, Item(2, HASHES[1], "GENUINE_CURRENT", (), (), NOW))

    assert programs.jobs.items(job.job_id, 2, 1) == (item,)
    assert [one.position for one in programs.jobs.items(job.job_id, 1, 10)] == [1, 2, 3]
    found = programs.jobs.find(job.job_id, "c", NOW)
    assert found is not None
    assert (found.counts, found.done) == ({"ALTERED": 1}, 1)


def test_a_job_lives_as_long_as_its_process_says(programs: Programs) -> None:
    job, _ = programs.jobs.begin(a_job("c"), "k", HASHES, 100)
    later = NOW + LEASE
    programs.jobs.keep_alive([job.job_id], later)
    programs.jobs.keep_alive([], later)

    assert programs.jobs.settle(later + LEASE) == 0
    found = programs.jobs.find(job.job_id, "c", later + LEASE + timedelta(seconds=1))
    assert found is not None
    assert found.state is JobState.INTERRUPTED
    assert programs.jobs.settle(later + LEASE + timedelta(seconds=1)) == 1
    assert programs.jobs.forget(NOW + timedelta(seconds=1)) == 1
    assert programs.jobs.find(job.job_id, "c", NOW) is None


def test_word_about_a_job_waits_for_signature_and_is_claimed_by_one(
    programs: Programs, key: ECKey
) -> None:
    client = programs.register(key, webhook="https://example.org/hook")
    job, _ = programs.jobs.begin(a_job(client.client_id), "k", HASHES, 100)
    deliveries = SqlDeliveries(programs.engine)
    assert programs.jobs.end(job.job_id, JobState.FINISHED, NOW)
    assert deliveries.claim(NOW, NOW + LEASE) is None

    (one,) = deliveries.unsigned()
    deliveries.sign(one.delivery_id, "{}", "a..b")

    with ThreadPoolExecutor(3) as pool:
        claimed = list(pool.map(lambda _: deliveries.claim(NOW, NOW + LEASE), range(3)))
    (taken,) = [found for found in claimed if found is not None]
    assert (taken.body, taken.signature, taken.tries) == ("{}", "a..b", 1)
    deliveries.delivered(one.delivery_id)
    assert deliveries.states(client.client_id) == (("delivered", 1),)
