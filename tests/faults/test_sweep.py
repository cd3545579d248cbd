"""Kill a real process between giving a number up and removing its file: the file goes later."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from credentials.extract import Language, Purpose
from credentials.ledger import Outcome
from register.synthetic.personas import PERSONAS
from tests.commands import script
from tests.faults.killable_sweep import JOBS, NOTHING
from tests.house import furnish
from wiring import Instance

SCRIPTS = Path(__file__).parent


@pytest.fixture(name="instance")
def _instance(tmp_path: Path) -> Iterator[Instance]:
    instance = furnish(tmp_path, people=1)
    yield instance
    instance.close()


def run_to_its_death(name: str, instance: Instance, *words: str) -> None:
    ended = script(SCRIPTS / name, str(instance.settings.home), *words)
    assert ended.returncode == -signal.SIGKILL, ended.stderr


def stored(instance: Instance) -> list[Path]:
    return list((instance.settings.home / "archive").rglob("*.pdf"))


@pytest.mark.slow
@pytest.mark.parametrize("job", JOBS)
def test_a_file_under_an_abandoned_number_is_removed_by_the_next_sweep(
    instance: Instance, job: str
) -> None:
    """register.md 3.2: what no ledger calls sealed is not kept, and what is sealed stays."""
    record = instance.register.awards_of(PERSONAS[0].person_id)[0]
    award = record.award.award_id
    kept = instance.downloads.extract(record, Language.NL, Purpose.GENERAL)
    if job == "settling":  # what is stored was damaged, so that it is given up
        run_to_its_death("killable.py", instance, award, "after put")
        (left,) = [path for path in stored(instance) if path.stem != kept.number]
        left.write_bytes(left.read_bytes()[:-100])
    run_to_its_death("killable_sweep.py", instance, job, award)
    (left,) = [path for path in stored(instance) if path.stem != kept.number]
    entry = instance.ledger.by_number(left.stem)
    assert entry is not None
    assert entry.outcome is Outcome.ABANDONED
    instance.reconciler.settle(older_than=NOTHING)
    assert left.exists()  # nothing is open any more, so settling alone never sees it

    assert instance.reconciler.sweep() == 1

    assert [path.stem for path in stored(instance)] == [kept.number]
    assert instance.reconciler.sweep() == 0
    assert instance.archive.get(kept.number) == kept.document
