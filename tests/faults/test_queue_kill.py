"""Kill a real process that serves the queue or preserves the archive: every document once."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from credentials.archive_stamps import newest_stamp
from credentials.extract import Language, Purpose
from credentials.ledger import Outcome
from credentials.waiting import Wish, WishState, claim_of
from register.records import AwardRecord
from register.synthetic.personas import PERSONAS
from tests.commands import script
from tests.faults.killable_queue import PRESERVING, SERVING
from tests.house import furnish
from wiring import Instance

SCRIPT = Path(__file__).with_name("killable_queue.py")
NOTHING = timedelta(0)


@pytest.fixture(name="instance")
def _instance(tmp_path: Path) -> Iterator[Instance]:
    instance = furnish(tmp_path, people=1)
    yield instance
    instance.close()


def record_of(instance: Instance) -> AwardRecord:
    return instance.register.awards_of(PERSONAS[0].person_id)[0]


def ask(instance: Instance, *languages: Language) -> None:
    record = record_of(instance)
    for language in languages:
        wish = Wish(
            record.person.person_id,
            record.award.award_id,
            language,
            Purpose.WORK,
            instance.clock(),
        )
        instance.waiting.wishes.ask(wish)


def kill_at(instance: Instance, job: str, step: str) -> None:
    ended = script(SCRIPT, str(instance.settings.home), job, step)
    assert ended.returncode == -signal.SIGKILL, ended.stderr


@pytest.mark.slow
@pytest.mark.parametrize("step", SERVING)
def test_a_worker_that_is_killed_leaves_every_wish_to_the_next_and_none_is_served_twice(
    instance: Instance, step: str
) -> None:
    ask(instance, Language.DE, Language.NL)
    kill_at(instance, "serve", step)

    instance.reconciler.settle(older_than=NOTHING)
    later = instance.clock() + claim_of(1)
    instance.waiting.work(later)

    wishes = instance.waiting.of_person(PERSONAS[0].person_id)
    assert [(wish.language, wish.state) for wish in wishes] == [
        (Language.DE, WishState.READY),
        (Language.NL, WishState.READY),
    ]
    documents = instance.ledger.documents_of(PERSONAS[0].person_id)
    assert sorted(entry.intent.number for entry in documents) == sorted(
        wish.outcome for wish in wishes
    )
    assert list(instance.ledger.open_intents(before=later)) == []
    stored = (instance.settings.home / "archive").rglob("*.pdf")
    assert sorted(path.stem for path in stored) == sorted(wish.outcome for wish in wishes)


@pytest.mark.slow
@pytest.mark.parametrize("step", PRESERVING)
def test_a_run_over_the_archive_that_is_killed_is_finished_by_the_next(
    instance: Instance, step: str
) -> None:
    record = record_of(instance)
    issued = [instance.downloads.extract(record, one, Purpose.WORK) for one in Language]
    kill_at(instance, "preserve", step)

    account = instance.preserving.preserve()

    assert (account.failed, account.stopped, account.left) == ({}, "", 0)
    for one in issued:
        copy = instance.preserving.preserved.get(one.number)
        assert copy.startswith(one.document)
        assert copy.count(b"/DocTimeStamp") == 1
        assert newest_stamp(copy).at <= instance.clock()
        assert instance.archive.get(one.number) == one.document
        entry = instance.ledger.by_number(one.number)
        assert entry is not None
        assert entry.outcome is Outcome.SEALED
        assert instance.sealer.covers(copy, entry.intent.covered_digest)
