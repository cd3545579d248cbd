"""`echt verify`: one line per file, and an exit code that a script can trust."""

from __future__ import annotations

import json
import zipfile
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from tests.verifier import coded
from tests.verifier.conftest import a_verifier
from tests.verifier.memory import MemoryStatuses
from tests.verifier.sealed import NOW, NUMBER, World
from verifier.commands import verify_command
from verifier.errors import IndexUnavailable
from verifier.ports import Status
from verifier.receipts.desk import Receipts
from verifier.verifying import Verifier
from web.i18n import Language, translations


def _run(world: World, *arguments: str | Path) -> Result:
    statuses = MemoryStatuses({NUMBER: Status.GOOD})

    def open_verifier(*, trust: Path | None, offline: bool, at: datetime | None) -> Verifier:
        if trust is not None and trust.name == "gone":
            raise IndexUnavailable("The index of issued files cannot be opened.")
        return a_verifier(world, statuses=None if offline else statuses, clock=at or NOW)

    app = typer.Typer()
    catalogues = translations()
    receipts = Receipts(trust=lambda: world.trust, clock=lambda: NOW)
    command = verify_command(
        open_verifier, lambda lang: catalogues[Language(lang)].gettext, lambda **_: receipts
    )
    app.command("verify")(command)
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(name="folder")
def _folder(tmp_path: Path, sealed: bytes, page: bytes) -> Path:
    (tmp_path / "good.pdf").write_bytes(sealed)
    (tmp_path / "bad.pdf").write_bytes(sealed.replace(b"/Title", b"/Xitle", 1))
    (tmp_path / "page.pdf").write_bytes(page)
    (tmp_path / "gone").write_bytes(b"")
    return tmp_path


def test_json_is_one_object_a_line(world: World, folder: Path) -> None:
    result = _run(world, "--json", folder / "good.pdf", folder / "bad.pdf", folder / "page.pdf")

    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert [one["code"] for one in told] == ["GENUINE_CURRENT", "ALTERED", "NOT_ORIGINAL"]
    assert told[0]["file"] == str(folder / "good.pdf")
    assert told[0]["checks"]["status"] == "pass"
    assert told[0]["facts"]["number"] == NUMBER
    assert told[0]["checkedAt"] == "2026-11-21T14:05:00Z"
    assert 0 <= told[0]["seconds"] < 60
    assert told[1]["facts"] is None
    assert result.exit_code == 1


def test_only_good_files_exit_with_zero(world: World, folder: Path) -> None:
    assert _run(world, "--json", folder / "good.pdf").exit_code == 0


def test_offline_is_positive_but_not_green(world: World, folder: Path) -> None:
    result = _run(world, "--json", "--offline", folder / "good.pdf")

    assert json.loads(result.stdout)["code"] == "GENUINE_STATUS_UNKNOWN"
    assert result.exit_code == 0


def test_the_table_speaks_the_language_asked_for(world: World, folder: Path) -> None:
    result = _run(world, "--language", "nl", folder / "good.pdf")

    assert "Echt en" in result.stdout
    assert result.exit_code == 0


@pytest.mark.parametrize("wrong", [["absent.pdf"], [], ["--text"]])
def test_wrong_use_exits_with_two(wrong: list[str], world: World) -> None:
    assert _run(world, *wrong).exit_code == 2


def test_a_folder_stands_for_its_files_and_a_zip_for_its_documents(
    world: World, folder: Path
) -> None:
    below = folder / "below"
    below.mkdir()
    (folder / "gone").unlink()
    (below / "link.pdf").symlink_to(folder / "good.pdf")
    with zipfile.ZipFile(below / "two.zip", "w") as made:
        made.write(folder / "good.pdf", "good.pdf")
        made.writestr("../../\x1b[2J.pdf", b"%PDF-")

    told = [json.loads(line) for line in _run(world, "--json", folder).stdout.splitlines()]

    assert {one["file"].removeprefix(f"{folder}/"): one["code"] for one in told} == {
        "bad.pdf": "ALTERED",
        "good.pdf": "GENUINE_CURRENT",
        "page.pdf": "NOT_ORIGINAL",
        "below/two.zip/good.pdf": "GENUINE_CURRENT",
        "below/two.zip/../../?[2J.pdf": "CANNOT_CHECK",
    }


def test_text_is_checked_from_the_line_or_from_standard_input(world: World) -> None:
    code = coded.OURS + coded.letters(coded.statement(world))

    [told] = [json.loads(one) for one in _run(world, "--json", "--text", code).stdout.splitlines()]
    offline = _run(world, "--json", "--offline", "--text", code)

    assert told["code"] == "QR_GENUINE_COMPARE"
    assert told["facts"]["number"] == NUMBER
    assert json.loads(offline.stdout)["code"] == "GENUINE_STATUS_UNKNOWN"


def test_a_zip_that_cannot_be_opened_is_told_and_the_rest_is_answered(
    world: World, folder: Path
) -> None:
    (folder / "broken.zip").write_bytes(b"PK\x03\x04 and no more")

    result = _run(world, "--json", folder / "broken.zip", folder / "good.pdf")

    told = [json.loads(line) for line in result.stdout.splitlines()]
    assert [one["code"] for one in told] == ["CANNOT_CHECK", "GENUINE_CURRENT"]
    assert told[0]["reasons"][0] == "zip_damaged"


def test_what_cannot_be_opened_exits_with_three(world: World, folder: Path) -> None:
    result = _run(world, "--trust", folder / "gone", folder / "good.pdf")

    assert result.exit_code == 3
    assert "cannot be opened" in result.output


def test_a_file_is_judged_as_of_another_moment(world: World, folder: Path) -> None:
    """An archive asks what was true of a file then; what the register says is of today only."""

    def at(moment: datetime, *more: str) -> Result:
        written = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        return _run(world, folder / "good.pdf", "--json", "--at", written, *more)

    then, later = at(NOW, "--offline"), at(NOW + timedelta(days=365), "--offline")

    told = json.loads(then.stdout)
    assert (told["code"], told["checkedAt"]) == ("GENUINE_STATUS_UNKNOWN", "2026-11-21T14:05:00Z")
    assert (json.loads(later.stdout)["code"], later.exit_code) == ("CANNOT_CHECK", 3)
    assert at(NOW).exit_code == 2
