"""The commands: what a script may rely on, and what a person is told."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from register.commands import OpenedRegister, commands
from register.errors import RegisterUnavailable
from tests import judges
from tests.register.databases import OpenDatabase, database

Run = Callable[..., Result]
LINES = """\
{"format":"echt-register","version":1}
{"type":"institution","code":"05KO","names":[{"name":"Lyceum","since":"1990-08-01"}]}
{"type":"programme","code":"25001","scheme":"crebo","sector":"mbo","title":{"nl":"Kok","en":"Cook"}}
{"type":"person","person":"p1","name":{"surname":"Canary"},"bsn":"111222333",\
"awards":[{"award":"a1","institution":"05KO","programme":"25001","awarded":"2010-07"},\
{"award":"a2","institution":"05KO","programme":"25001","awarded":"2011"}]}
"""


@pytest.fixture(name="held")
def _held(tmp_path: Path) -> Iterator[OpenDatabase]:
    opened = database(tmp_path / "echt.db")
    yield opened
    opened.engine.dispose()


@pytest.fixture(name="run")
def _run(held: OpenDatabase) -> Run:
    def open_register(*, must_exist: bool) -> OpenedRegister:
        del must_exist  # the database is there
        return OpenedRegister(held.register, held.writer)

    app = commands(open_register)

    def run(*words: str | Path) -> Result:
        return CliRunner().invoke(app, [str(word) for word in words])

    return run


@pytest.fixture(name="file")
def _file(tmp_path: Path) -> Path:
    path = tmp_path / "delivery.jsonl"
    path.write_text(LINES, "utf-8")
    return path


def test_import_tells_what_became_of_the_lines(run: Run, file: Path) -> None:
    first, second = run("import", file), run("import", file)

    assert (first.exit_code, first.stderr) == (0, "")
    assert first.stdout == "3 kept (2 awards), 0 unchanged, 0 refused\n"
    assert (second.exit_code, second.stdout) == (0, "0 kept (0 awards), 3 unchanged, 0 refused\n")


def test_refused_lines_give_exit_code_one_and_a_report(
    run: Run, file: Path, tmp_path: Path
) -> None:
    file.write_text(LINES + '{"type":"withdrawal","award":"nothing"}\n{\n', "utf-8")
    report = tmp_path / "report.jsonl"

    silent, told = run("import", file), run("import", file, "--report", report)

    assert (silent.exit_code, told.exit_code) == (1, 1)
    assert silent.stderr == "2 lines were refused: add --report FILE to see why\n"
    assert told.stderr == f"2 lines were refused: see {report}\n"
    rules = [json.loads(line)["rule"] for line in report.read_text("utf-8").splitlines()]
    assert rules == ["unknown-award", "not-json"]


def test_show_gives_one_object_a_line_and_no_personal_data(run: Run, file: Path) -> None:
    """register.md 4.14: neither name nor number in what scripts read."""
    run("import", file)

    shown = run("show", "--json")

    assert shown.exit_code == 0
    assert [json.loads(line) for line in shown.stdout.splitlines()] == [
        {
            "award": key,
            "person": "p1",
            "sector": "mbo",
            "programme": "25001",
            "programmeTitle": "Kok",
            "institution": "05KO",
            "awarded": day,
            "status": "current",
        }
        for key, day in (("a1", "2010-07"), ("a2", "2011"))
    ]
    assert "111222333" not in shown.output
    assert "Canary" not in shown.output


def test_show_stops_at_the_limit(run: Run, file: Path) -> None:
    run("import", file)

    assert run("show", "--limit", "1").stdout == "a1\tp1\tmbo\t25001\tKok\t05KO\t2010-07\tcurrent\n"
    assert run("show", "--limit", "0", "--json").stdout == ""
    assert run("show", "--limit", "-1").exit_code == 2


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "This file is empty."),
        (b"%PDF-1.7", "The first line of this file is not"),
        (b"<html></html>", "This XML file is not ELMO"),
        (b"\x00" * 5_000, "The first line of this file is not"),
    ],
)
def test_the_wrong_kind_of_file_is_wrong_use(
    run: Run, tmp_path: Path, content: bytes, words: str
) -> None:
    file = tmp_path / "file"
    file.write_bytes(content)

    result = run("import", file)

    assert result.exit_code == 2
    assert result.stderr.startswith(words)
    assert result.stderr.count("\n") == 1
    assert result.stdout == ""


def test_a_missing_file_is_wrong_use(run: Run, tmp_path: Path) -> None:
    result = run("import", tmp_path / "none")

    assert (result.exit_code, result.stderr) == (2, "This file cannot be opened.\n")


@pytest.mark.parametrize("words", [("import", "{file}"), ("show",)])
def test_a_database_that_fails_gives_exit_code_three(file: Path, words: tuple[str, ...]) -> None:
    def cannot(*, must_exist: bool) -> OpenedRegister:
        del must_exist
        raise RegisterUnavailable("The register cannot be reached right now.")

    result = CliRunner().invoke(commands(cannot), [word.format(file=file) for word in words])

    assert result.exit_code == 3
    assert result.stderr == "The register cannot be reached right now.\n"
    assert result.stdout == ""


def test_an_official_elmo_file_is_imported_by_its_content(run: Run, tmp_path: Path) -> None:
    sample = judges.standards() / "elmo/samples/official/example-v1.4.0-to-v2.0.0.xml"
    file = tmp_path / "results.txt"
    file.write_bytes(sample.read_bytes())

    first, again = run("import", file), run("import", file)

    assert (first.exit_code, again.exit_code) == (0, 0)
    assert first.stdout.endswith(" awards), 0 unchanged, 0 refused\n")
    assert again.stdout.startswith("0 kept (0 awards)")
    awards = [json.loads(line) for line in run("show", "--json").stdout.splitlines()]
    assert awards
    assert {award["sector"] for award in awards} == {"other"}


def test_what_synthesise_writes_imports_without_a_refusal(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "people.jsonl"

    made = run("synthesise", "--people", "300", "--seed", "1", "--out", file)
    imported = run("import", file)

    assert made.exit_code == 0
    assert made.stdout == f"300 people written to {file}\n"
    assert (imported.exit_code, imported.stderr) == (0, "")
    assert imported.stdout.endswith("0 refused\n")


def test_synthesise_into_a_missing_folder_could_not(run: Run, tmp_path: Path) -> None:
    result = run("synthesise", "--people", "1", "--seed", "1", "--out", tmp_path / "no" / "file")

    assert result.exit_code == 3
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize(
    "words",
    [("import",), ("synthesise", "--people", "0", "--seed", "1", "--out", "x"), ("unknown",)],
)
def test_wrong_words_are_wrong_use(run: Run, words: tuple[str, ...]) -> None:
    assert run(*words).exit_code == 2
