"""Kill a real process at every step of the issuing cycle: nothing is lost, nothing is double."""

from __future__ import annotations

import hashlib
import signal
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from credentials.downloading import Downloads
from credentials.errors import AlreadyIssuing
from credentials.extract import Language, Purpose
from credentials.ledger import Entry, Outcome
from register.importing import import_lines
from register.synthetic.generate import write
from register.synthetic.personas import PERSONAS
from settings import Settings
from tests.commands import script
from tests.faults.killable import STEPS
from wiring import Instance

SCRIPT = Path(__file__).with_name("killable.py")
EVERYTHING = timedelta(0)
DURABLE = ("after put", "before conclude", "after conclude")
"""Steps after which the sealed document is on disk and must survive."""


@pytest.fixture(name="instance")
def _instance(tmp_path: Path) -> Iterator[Instance]:
    instance = Instance(Settings(home=tmp_path))
    write(tmp_path / "people.jsonl", people=5, seed=1)
    import_lines(tmp_path / "people.jsonl", instance.writer)
    instance.keyring.make()
    yield instance
    instance.close()


def award_of(instance: Instance) -> str:
    records = instance.register.awards_of(PERSONAS[0].person_id)
    return records[0].award.award_id


def kill_at(step: str, instance: Instance) -> None:
    ended = script(SCRIPT, str(instance.settings.home), award_of(instance), step)
    assert ended.returncode == -signal.SIGKILL, ended.stderr


def entries(instance: Instance) -> tuple[Entry, ...]:
    record = instance.register.award(award_of(instance))
    road = instance.downloads
    extract = road.draft(record, Language.EN, Purpose.GENERAL)
    return instance.ledger.attempts(road.issuer.statement(extract))


def stored(instance: Instance) -> dict[str, str]:
    files = (instance.settings.home / "archive").rglob("*.pdf")
    return {file.stem: hashlib.sha256(file.read_bytes()).hexdigest() for file in files}


def download(road: Downloads, instance: Instance) -> bytes:
    record = instance.register.award(award_of(instance))
    return road.extract(record, Language.EN, Purpose.GENERAL).document


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
def test_after_a_kill_the_state_is_complete_or_the_reconciler_finishes_it(
    instance: Instance, step: str
) -> None:
    """platform.md 4.1.6: no seal without an intent, no open intent, no lost document."""
    kill_at(step, instance)

    # No seal without a ledger intent: every file on disk has its row, whatever happened.
    assert set(stored(instance)) <= {entry.intent.number for entry in entries(instance)}

    instance.reconciler.settle(older_than=EVERYTHING)
    after = entries(instance)
    sealed = {e.intent.number: e.file_sha256 for e in after if e.outcome is Outcome.SEALED}
    assert all(entry.outcome is not None for entry in after)
    assert sealed == stored(instance)
    assert bool(sealed) == (step in DURABLE)

    # The holder comes back: one document, and the same one where it already existed.
    document = download(instance.downloads, instance)
    number = next(n for n, digest in stored(instance).items() if digest == _sha(document))
    assert not sealed or number in sealed
    assert [e.outcome for e in entries(instance)].count(Outcome.SEALED) == 1
    assert instance.sealer.covers(document, entries(instance)[-1].intent.covered_digest)


@pytest.mark.slow
def test_until_the_reconciler_ran_an_open_intent_blocks_a_second_seal(instance: Instance) -> None:
    kill_at("after intend", instance)

    with pytest.raises(AlreadyIssuing):
        download(instance.downloads, instance)

    assert stored(instance) == {}


def _sha(document: bytes) -> str:
    return hashlib.sha256(document).hexdigest()
