"""`echt issue-cohort` and `echt cohort`: what a person types, reads, and gets as exit code."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
import typer
from sqlalchemy.engine import Engine
from typer.testing import CliRunner, Result

from credentials.bulk.chunks import Bulk
from credentials.bulk.cohorts import CohortState
from credentials.bulk.commands import cohort_commands, issue_cohort_command
from credentials.bulk.processes import Opening
from credentials.errors import SealingPaused
from storage.engine import open_engine
from storage.migrating import upgrade
from tests.credentials.cohort_house import (
    BREAKS_A_RULE,
    FIRST,
    deliver,
    open_cheap,
    person,
    planned,
    sealed_files,
)

ASKED = ("--programme", "vwo", "--year", "2024")


@pytest.fixture(name="engine")
def _engine(tmp_path: Path) -> Engine:
    engine = open_engine(f"sqlite:///{tmp_path / 'echt.db'}")
    upgrade(engine)
    deliver(engine, *FIRST, *(person(place) for place in range(4)))
    return engine


@pytest.fixture(name="opening")
def _opening(engine: Engine, tmp_path: Path) -> Opening:
    return partial(open_cheap, engine.url.render_as_string(), tmp_path / "archive")


def app_of(opening: Opening) -> typer.Typer:
    app = typer.Typer()
    app.command("issue-cohort")(issue_cohort_command(opening))
    app.add_typer(cohort_commands(opening, lambda: opening().cohorts), name="cohort")
    return app


def echt(opening: Opening, *words: str) -> Result:
    return CliRunner().invoke(app_of(opening), list(words))


def test_a_cohort_is_issued_and_its_account_told(opening: Opening, tmp_path: Path) -> None:
    done = echt(opening, "issue-cohort", *ASKED, "--engine", "inline")

    assert done.exit_code == 0, done.output
    assert "planned 4 = sealed 4 + already there 0 + refused 0 + left 0" in done.output
    assert len(sealed_files(tmp_path / "archive")) == 4


def test_the_same_command_again_seals_nothing_more(opening: Opening, tmp_path: Path) -> None:
    echt(opening, "issue-cohort", *ASKED, "--engine", "inline")
    files = sealed_files(tmp_path / "archive")

    done = echt(opening, "issue-cohort", *ASKED, "--engine", "inline", "--again")

    assert done.exit_code == 0
    assert sealed_files(tmp_path / "archive") == files


def test_languages_are_asked_for_one_by_one(opening: Opening, tmp_path: Path) -> None:
    words = ("--language", "en", "--language", "de", "--language", "en", "--engine", "inline")

    done = echt(opening, "issue-cohort", *ASKED, *words)

    assert "vwo 2024 en,de general" in done.output
    assert len(sealed_files(tmp_path / "archive")) == 8


def test_refusals_are_counted_by_reason_listed_and_exit_with_one(
    opening: Opening, engine: Engine
) -> None:
    deliver(engine, person(9, BREAKS_A_RULE))

    done = echt(opening, "issue-cohort", *ASKED, "--engine", "inline")

    cohort_id = planned_id(done)
    assert done.exit_code == 1
    assert "refused  draft-not-conformant  1" in done.output
    shown = echt(opening, "cohort", "show", cohort_id, "--refused")
    assert "a000009\tnl\tdraft-not-conformant" in shown.output
    assert BREAKS_A_RULE not in done.output + shown.output


def planned_id(done: Result) -> str:
    return done.output.split()[0]


def test_a_cohort_can_be_paused_resumed_listed_and_cancelled(opening: Opening) -> None:
    cohort_id = planned(opening()).cohort_id

    assert echt(opening, "cohort", "pause", cohort_id).output.strip() == "paused"
    assert f"{cohort_id}  vwo 2024 nl general  paused" in echt(opening, "cohort", "list").output
    resumed = echt(opening, "cohort", "resume", cohort_id, "--engine", "inline")
    assert (resumed.exit_code, "sealed 4" in resumed.output) == (0, True)
    assert echt(opening, "cohort", "cancel", cohort_id).output.strip() == "done"


def test_a_cohort_is_looked_at_and_stopped_while_its_key_is_out_of_reach(opening: Opening) -> None:
    """What a cohort waits for is asked just then, and by machines that have no token."""
    cohorts = opening().cohorts
    cohort_id = planned(opening()).cohort_id
    chunk, *_ = cohorts.open_chunks(cohort_id)
    cohorts.close(chunk, SealingPaused.kind)

    def no_key() -> Bulk:
        raise SealingPaused("The token is out of reach.")

    app = cohort_commands(no_key, lambda: cohorts)

    def told(*words: str) -> Result:
        return CliRunner().invoke(app, [*words], catch_exceptions=False)

    assert cohort_id in told("list").output
    assert f"waits for  {SealingPaused.kind}" in told("show", cohort_id).output
    assert told("pause", cohort_id).output.strip() == "paused"
    assert told("cancel", cohort_id).output.strip() == "cancelled"


def test_a_cancelled_cohort_is_not_finished_and_says_so(opening: Opening) -> None:
    cohort_id = planned(opening()).cohort_id
    echt(opening, "cohort", "cancel", cohort_id)

    done = echt(opening, "cohort", "resume", cohort_id, "--engine", "inline")

    assert done.exit_code == 3
    assert "left 4" in done.output
    assert "cancelled for good" in done.output
    assert "resume" not in done.output


def test_a_cancelled_cohort_is_never_said_to_be_queued(
    postgresql_engine: Engine, tmp_path: Path
) -> None:
    deliver(postgresql_engine, *FIRST, person(1))
    bulk = open_cheap(postgresql_engine.url.render_as_string(hide_password=False), tmp_path)
    cohort_id = planned(bulk).cohort_id
    bulk.cohorts.stop(cohort_id, CohortState.CANCELLED)

    words = ("cohort", "resume", cohort_id, "--engine", "procrastinate", "--workers", "0")
    done = echt(lambda: bulk, *words)

    assert done.exit_code == 3
    assert "queued" not in done.output
    bulk.cohorts.engine.dispose()


@pytest.mark.parametrize(
    "words",
    [
        ("--engine", "procrastinate"),
        ("--engine", "processes", "--workers", "0"),
        ("--engine", "spark"),
    ],
)
def test_wrong_use_is_told_before_anything_is_issued(
    opening: Opening, tmp_path: Path, words: tuple[str, ...]
) -> None:
    done = echt(opening, "issue-cohort", *ASKED, *words)

    assert done.exit_code == 2
    assert sealed_files(tmp_path / "archive") == set()


def test_the_queue_may_be_left_to_other_machines(postgresql_engine: Engine, tmp_path: Path) -> None:
    deliver(postgresql_engine, *FIRST, person(1))
    url = postgresql_engine.url.render_as_string(hide_password=False)
    bulk = open_cheap(url, tmp_path)

    def opening() -> Bulk:
        return bulk

    done = echt(opening, "issue-cohort", *ASKED, "--engine", "procrastinate", "--workers", "0")

    assert done.exit_code == 0, done.output
    assert f"queued; see: echt cohort show {planned_id(done)}" in done.output
    assert "running" in echt(opening, "cohort", "list").output
    bulk.cohorts.engine.dispose()


INTERRUPTED = """
import sys
sys.path.insert(0, ".")
from functools import partial
from pathlib import Path
from tests.credentials.cohort_house import open_cheap
from tests.credentials.test_bulk_commands import app_of
if __name__ == "__main__":
    app_of(partial(open_cheap, sys.argv[1], Path(sys.argv[2])))(sys.argv[3:])
"""


@pytest.mark.slow
def test_ctrl_c_pauses_in_order_and_the_same_command_goes_on(
    opening: Opening, engine: Engine, tmp_path: Path
) -> None:
    deliver(engine, *(person(place) for place in range(100, 3_100)))
    script = tmp_path / "run.py"
    script.write_text(INTERRUPTED)
    root, archive = Path(__file__).resolve().parents[2], tmp_path / "archive"
    words = ("issue-cohort", *ASKED, "--workers", "2")
    process = subprocess.Popen(
        [sys.executable, str(script), engine.url.render_as_string(), str(archive), *words],
        cwd=root,
        env={**os.environ, "PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # a terminal sends Ctrl-C to the whole group
    )
    while process.poll() is None and not sealed_files(archive):
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGINT)
    said, complained = process.communicate(timeout=600)

    assert process.returncode == 3, said + complained
    assert "Traceback" not in complained
    (cohort,) = opening().cohorts.cohorts()
    assert cohort.state == "paused"
    assert list(opening().ledger.open_intents(before=opening().clock())) == []
    done = echt(opening, "cohort", "resume", cohort.cohort_id, "--engine", "inline")
    assert (done.exit_code, "planned 3004 = sealed 3004 " in done.output) == (0, True)
