"""An import whose process or database fails: what was committed stays, the rest follows."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from register.errors import RegisterUnavailable
from register.importing import import_lines
from register.reading import JsonLines
from register.store import SqlRegister
from register.writing import SqlWriter
from storage.engine import open_engine
from tests import judges
from tests.register.databases import VAULT, OpenDatabase, database

pytestmark = pytest.mark.slow

PEOPLE = 12_000
CHILD = """
import sys
from pathlib import Path
from register.importing import import_lines
from tests.register.databases import database

held = database(Path(sys.argv[1]))
import_lines(Path(sys.argv[2]), held.writer, progress=lambda done, size: print(done, flush=True))
"""


@pytest.fixture(scope="module", name="delivery")
def _delivery(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """People with numbers, corrections, a withdrawal and two bad lines."""
    path = tmp_path_factory.mktemp("delivery") / "people.jsonl"
    lines: list[object] = [
        {"format": "echt-register", "version": 1},
        {
            "type": "institution",
            "code": "05KO",
            "names": [{"name": "Lyceum", "since": "1990-08-01"}],
        },
        {
            "type": "programme",
            "code": "25001",
            "scheme": "crebo",
            "sector": "mbo",
            "title": {"nl": "Kok"},
        },
    ]
    lines += [_person(number, degree="") for number in range(PEOPLE)]
    lines += [_person(number, degree="corrected") for number in range(0, PEOPLE, 100)]
    lines += [{"type": "withdrawal", "award": "a7"}, {"type": "withdrawal", "award": "nobody's"}]
    lines += [_person(1, degree="") | {"person": "thief"}]
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    return path


def _person(number: int, *, degree: str) -> dict[str, object]:
    award = {"award": f"a{number}", "institution": "05KO", "programme": "25001"}
    return {
        "type": "person",
        "person": f"p{number}",
        "name": {"given": "Żofia", "surname": f"Ŀaan {number}"},
        "awards": [{**award, "awarded": "2019", "degree": degree}],
    }


def test_a_killed_import_continues_and_loses_nothing(delivery: Path, tmp_path: Path) -> None:
    """Killed with SIGKILL after different batches, it ends as if nothing had happened."""
    clean = database(tmp_path / "clean.db")
    expected = import_lines(delivery, clean.writer, tmp_path / "expected.jsonl")

    for batches in (1, 4):
        _kill_after(batches, tmp_path / "killed.db", delivery)
    killed = database(tmp_path / "killed.db")
    account = import_lines(delivery, killed.writer, tmp_path / "report.jsonl")

    assert account.resumed_after >= 5_000
    assert (account.kept, account.refused) == (expected.kept, expected.refused) == (12_123, 2)
    assert killed.held() == clean.held()
    assert (tmp_path / "report.jsonl").read_text() == (tmp_path / "expected.jsonl").read_text()
    for held in (clean, killed):
        held.engine.dispose()


def _kill_after(batches: int, held: Path, delivery: Path) -> None:
    command = [sys.executable, "-c", CHILD, str(held), str(delivery)]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        cwd=judges.ROOT,
        env={**os.environ, "PYTHONPATH": str(judges.ROOT)},
    ) as child:
        assert child.stdout is not None
        for _ in range(batches):
            assert child.stdout.readline(), "the import ended before it could be killed"
        child.send_signal(signal.SIGKILL)
    assert child.returncode == -signal.SIGKILL


def test_a_full_disk_keeps_what_was_committed(delivery: Path, tmp_path: Path) -> None:
    full = database(tmp_path / "echt.db", max_page_count=500)
    with pytest.raises(RegisterUnavailable, match="What was kept before stays") as caught:
        import_lines(delivery, full.writer)
    full.engine.dispose()
    assert "Ŀaan" not in str(caught.value)

    roomy = database(tmp_path / "echt.db")
    kept = len(list(roomy.register.awards()))
    account = import_lines(delivery, roomy.writer)

    assert 0 < kept < PEOPLE
    assert kept % 1_000 in {998, 0}
    assert (account.kept, account.refused) == (12_123, 2)
    assert account.resumed_after == kept + 3
    assert len(list(roomy.register.awards())) == PEOPLE
    roomy.engine.dispose()


def test_a_locked_database_is_told_and_not_waited_for_forever(
    delivery: Path, tmp_path: Path
) -> None:
    held = database(tmp_path / "echt.db", busy_timeout=50)
    other = sqlite3.connect(tmp_path / "echt.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(RegisterUnavailable, match="cannot be written"):
        import_lines(delivery, held.writer)
    other.execute("ROLLBACK")
    other.close()

    assert import_lines(delivery, held.writer).refused == 2
    held.engine.dispose()


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:////nonexistent/folder/echt.db",
        "postgresql+psycopg://nobody@/echt?host=/nonexistent",
    ],
)
def test_a_database_that_is_gone_is_told(delivery: Path, url: str) -> None:
    engine = open_engine(url)
    register = SqlRegister(engine, VAULT)
    writer = SqlWriter(engine, VAULT, lambda: pytest.fail("nothing is recorded"))
    gone = OpenDatabase(engine, register, writer)

    with pytest.raises(RegisterUnavailable, match="cannot be written"):
        gone.writer.begin(JsonLines(delivery).fingerprint)
    with pytest.raises(RegisterUnavailable, match="cannot be reached"):
        gone.register.award("a1")
    with pytest.raises(RegisterUnavailable, match="cannot be reached"):
        next(gone.register.awards())
    engine.dispose()
