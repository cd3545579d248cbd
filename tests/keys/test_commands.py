"""The promise under test: an operator sees what was done, and scripts see the exit code."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from keys import hierarchy, moments, publishing, states, trust
from keys.certificates import PROFILES
from keys.commands import commands
from keys.custody import Custody
from keys.trust import KeyState
from tests.keys.conftest import NOW

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(name="run")
def _run(folder: Path, tmp_path: Path) -> Run:
    def run(*words: str, production: bool = False, place: Path = folder) -> tuple[int, str, str]:
        app = commands(
            lambda: place,
            open_public=lambda: tmp_path / "public",
            clock=lambda: NOW,
            production=production,
        )
        result = CliRunner().invoke(app, list(words), env={"COLUMNS": "200"})
        return result.exit_code, result.stdout, result.stderr

    return run


def public(tmp_path: Path) -> trust.TrustList:
    return trust.read((tmp_path / "public" / publishing.LIST).read_bytes(), now=NOW)


def test_init_makes_and_publishes_and_a_second_one_changes_nothing(
    run: Run, tmp_path: Path
) -> None:
    new = tmp_path / "new"

    code, output, _ = run("init", place=new)
    first = (tmp_path / "public" / publishing.LIST).read_bytes()
    again, second_output, _ = run("init", place=new)

    kid = hierarchy.open_signer(new, "seal").key.kid
    assert (code, again) == (0, 0)
    assert kid in output
    assert "TEST" in output
    assert "already" in second_output
    assert public(tmp_path).serial == 1
    assert (tmp_path / "public" / publishing.LIST).read_bytes() == first


def test_init_makes_no_files_where_keys_are_to_be_in_a_token(tmp_path: Path) -> None:
    """A hierarchy of files could not sign there, and would stand in the way of the ceremony."""

    def never() -> Custody:
        raise AssertionError("nothing is asked of the token")

    app = commands(lambda: tmp_path / "keys", open_token=never)

    done = CliRunner().invoke(app, ["init"])

    assert done.exit_code == 3
    assert "ceremony" in done.stderr
    assert not (tmp_path / "keys").exists()


def test_list_gives_one_object_a_line(run: Run) -> None:
    code, output, _ = run("list", "--json")

    rows = [json.loads(line) for line in output.splitlines()]
    assert code == 0
    assert [row["purpose"] for row in rows] == [one.purpose for one in PROFILES.values()]
    assert set(rows[0]) == {"kid", "purpose", "algorithm", "state", "since"}
    assert rows[0]["since"] == "2026-11-21T12:00:00Z"


def test_list_is_a_table_for_people(run: Run, folder: Path) -> None:
    code, output, _ = run("list")

    assert code == 0
    assert hierarchy.open_signer(folder, "tsa").key.kid in output


def test_a_name_never_breaks_in_a_narrow_window(folder: Path) -> None:
    """It is copied from there into a plan."""
    app = commands(lambda: folder)
    shown = CliRunner().invoke(app, ["list"], env={"COLUMNS": "30"}).stdout

    assert all(entry.kid in shown for entry in states.load(folder).keys)


def test_a_state_is_changed_and_published(run: Run, folder: Path, tmp_path: Path) -> None:
    kid = hierarchy.open_signer(folder, "seal").key.kid

    code, output, _ = run("state", kid, "compromised", "--since", "2026-11-21T10:00:00Z")

    entry = public(tmp_path).by_kid(kid)
    assert code == 0
    assert f"{kid} is compromised since 2026-11-21T10:00:00Z" in " ".join(output.split())
    assert entry is not None
    assert moments.written(entry.compromised_since or NOW) == "2026-11-21T10:00:00Z"


def test_an_announced_key_is_published_at_once(run: Run, tmp_path: Path) -> None:
    code, output, _ = run("announce", "facts")

    announced = [key for key in public(tmp_path).keys if key.state is KeyState.ANNOUNCED]
    assert code == 0
    assert [key.purpose for key in announced] == ["facts"]
    assert announced[0].kid in output


def test_a_lost_trust_key_is_replaced_in_three_commands(
    run: Run, folder: Path, tmp_path: Path
) -> None:
    """docs/keys.md, After a loss: nothing can be published until the new key is active."""
    lost = hierarchy.open_signer(folder, "trust").key.kid
    codes = [
        run("state", lost, "compromised", "--since", "2026-11-21T10:00:00Z")[0],
        run("announce", "trust")[0],
    ]
    new = states.load(folder).keys[-1].kid
    codes.append(run("state", new, "active")[0])

    entry = public(tmp_path).by_kid(lost)
    assert codes == [3, 3, 0]
    assert entry is not None
    assert entry.state is KeyState.COMPROMISED
    assert hierarchy.open_signer(folder, "trust").key.kid == new


def test_publish_writes_the_next_serial(run: Run, tmp_path: Path) -> None:
    assert run("publish")[0] == 0
    assert run("publish")[0] == 0
    assert public(tmp_path).serial == 3


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("state", "nobody", "retired"), 2),
        (("state", "nobody", "tired"), 2),
        (("state", "nobody", "compromised"), 2),
        (("state", "nobody", "compromised", "--since", "yesterday"), 2),
        (("state", "nobody", "retired", "--since", "2026-11-21T12:00:01Z"), 2),
        (("state", "nobody", "active", "--since", "2026-11-21T11:00:00Z"), 2),
        (("announce", "nothing"), 2),
        (("unheard",), 2),
    ],
    ids=str,
)
def test_wrong_use_is_exit_2(run: Run, words: tuple[str, ...], code: int) -> None:
    found, _, complaint = run(*words)

    assert found == code
    assert complaint
    assert "Traceback" not in complaint


def test_a_refused_state_is_exit_1_and_says_why(run: Run, folder: Path) -> None:
    kid = hierarchy.open_signer(folder, "seal").key.kid

    code, _, complaint = run("state", kid, "announced")

    assert code == 1
    assert complaint == "A key that is active cannot become announced as of then.\n"


@pytest.mark.parametrize("words", [("list",), ("publish",), ("announce", "seal")], ids=str)
def test_no_hierarchy_is_exit_3_and_says_what_to_run(
    run: Run, tmp_path: Path, words: tuple[str, ...]
) -> None:
    code, _, complaint = run(*words, place=tmp_path / "nothing")

    assert code == 3
    assert "No such file" in complaint


@pytest.mark.parametrize("words", [("init",), ("publish",), ("announce", "seal")], ids=str)
def test_production_is_exit_3(run: Run, words: tuple[str, ...]) -> None:
    """platform.md 4.1.19."""
    code, _, complaint = run(*words, production=True)

    assert code == 3
    assert "hardware token" in complaint
