"""Importing a file: nothing good is lost, nothing bad is kept, nothing happens twice."""

from __future__ import annotations

import gc
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from register.errors import RegisterUnavailable
from register.importing import BATCH_BYTES, BATCH_LINES, Account, batches, import_lines
from register.lines import WithdrawalLine
from register.national_numbers import NumberKind
from register.reading import Item
from register.records import AwardStatus
from register.rules import ADVICE
from tests.contracts.memory_register import MemoryRegister
from tests.register.databases import OpenDatabase, database

Line = dict[str, Any]
HEADER: Line = {"format": "echt-register", "version": 1}
INSTITUTION: Line = {
    "type": "institution",
    "code": "05KO",
    "names": [{"name": "Lyceum", "since": "1990-08-01"}],
}
PROGRAMME: Line = {
    "type": "programme",
    "code": "vwo",
    "scheme": "vo",
    "sector": "vo",
    "title": {"nl": "vwo"},
    "nlqf": "4+",
}
BASE = (HEADER, INSTITUTION, PROGRAMME)


def award(key: str, **members: Any) -> Line:
    return {"award": key, "institution": "05KO", "programme": "vwo", "awarded": "2009"} | members


def person(key: str, *awards: Line, **members: Any) -> Line:
    return {
        "type": "person",
        "person": key,
        "name": {"surname": "Berg"},
        "awards": [*awards],
    } | members


def written(path: Path, *lines: Line | bytes) -> Path:
    encoded = (each if isinstance(each, bytes) else json.dumps(each).encode() for each in lines)
    path.write_bytes(b"".join(each + b"\n" for each in encoded))
    return path


@pytest.fixture(name="path")
def _path(tmp_path: Path) -> Path:
    return tmp_path / "delivery.jsonl"


@pytest.fixture(name="held")
def _held(tmp_path: Path) -> Iterator[OpenDatabase]:
    opened = database(tmp_path / "echt.db")
    yield opened
    opened.engine.dispose()


Report = Callable[..., list[dict[str, Any]]]


@pytest.fixture(name="refused")
def _refused(held: OpenDatabase, path: Path, tmp_path: Path) -> Report:
    """Import lines after the base and give back the report."""

    def refused(*lines: Line | bytes) -> list[dict[str, Any]]:
        report = tmp_path / "report.jsonl"
        account = import_lines(written(path, *BASE, *lines), held.writer, report)
        found = [json.loads(line) for line in report.read_text("utf-8").splitlines()]
        assert account.refused == len(found)
        return found

    return refused


@pytest.mark.parametrize(
    ("line", "rule", "where"),
    [
        (b"{", "not-json", ""),
        (b"\xff", "not-utf8", ""),
        (b"x" * 1_000_001, "line-too-long", ""),
        (person("p9", nickname="x"), "unknown-field", "?"),
        ({"type": "person", "person": "p9"}, "missing-field", "name"),
        (person("p9", award("a9", partial=1)), "wrong-type", "awards/0/partial"),
        (person("p9", award("a9", awarded="2009-02-29")), "impossible-date", "awards/0/awarded"),
        (person("p9", award("a9", awarded="2090-07-05")), "impossible-date", "awards/0/awarded"),
        (person("p9", birth="2090-01"), "impossible-date", "birth"),
        (
            person("p9", award("a9", institution="99ZZ")),
            "unknown-institution",
            "awards/0/institution",
        ),
        (person("p9", award("a9", programme="x")), "unknown-programme", "awards/0/programme"),
        (person("p9", bsn="111222334"), "wrong-number", "bsn"),
        (person("p9", award("a1")), "duplicate-award", "awards/0/award"),
        (person("p9", award("a9"), award("a9")), "duplicate-award", ""),
        (person("p9", bsn="111222333"), "number-of-another", "bsn"),
        (person("p1", bsn="123456782"), "number-differs", "bsn"),
        ({"type": "withdrawal", "award": "a9"}, "unknown-award", "award"),
    ],
)
def test_a_bad_line_is_reported_and_its_neighbours_are_kept(
    refused: Report, held: OpenDatabase, line: Line | bytes, rule: str, where: str
) -> None:
    report = refused(person("p1", award("a1"), bsn="111222333"), line, person("p2", award("a2")))

    assert report == [{"line": 5, "rule": rule, "where": where, "what": ADVICE[rule]}]
    assert [record.award.award_id for record in held.register.awards()] == ["a1", "a2"]
    assert held.register.person_by_number(NumberKind.BSN, "111222333") == "p1"


@pytest.mark.parametrize(
    "marks",
    [
        {"schoolExam": "7"},
        {"schoolExam": "0.9"},
        {"centralExam": "10.1"},
        {"centralExam": "7,1"},
        {"final": "7.0"},
        {"final": "11"},
    ],
)
def test_marks_of_secondary_education_have_their_form(refused: Report, marks: Line) -> None:
    """register.md 4.7."""
    [report] = refused(person("p1", award("a1", results=[{"subject": {"nl": "x"}} | marks])))

    assert (report["rule"], report["where"]) == ("wrong-mark", "awards/0/results/0")


@pytest.mark.parametrize(
    "marks",
    [
        {"schoolExam": "1.0", "centralExam": "10.0", "final": "10"},
        {"schoolExam": "", "final": "voldoende"},
    ],
)
def test_marks_in_their_form_are_kept(refused: Report, marks: Line) -> None:
    assert refused(person("p1", award("a1", results=[{"subject": {"nl": "x"}} | marks]))) == []


def test_a_withdrawn_award_is_not_brought_back_by_a_later_line(
    refused: Report, held: OpenDatabase
) -> None:
    report = refused(
        person("p1", award("a1")),
        {"type": "withdrawal", "award": "a1"},
        person("p1", award("a1", degree="MSc")),
    )

    assert [each["rule"] for each in report] == ["withdrawn-award"]
    assert held.register.award("a1").award.status is AwardStatus.WITHDRAWN


def test_a_line_refused_halfway_leaves_no_trace(refused: Report, held: OpenDatabase) -> None:
    bad = person("p1", award("a1"), award("a2", institution="99ZZ"), bsn="111222333")
    report = refused(bad, person("p2", award("a1"), bsn="111222333"))

    assert [each["line"] for each in report] == [4]
    assert held.register.person_by_number(NumberKind.BSN, "111222333") == "p2"
    assert held.register.award("a1").person.person_id == "p2"


def test_the_report_holds_no_value_of_a_refused_line(refused: Report, tmp_path: Path) -> None:
    refused(
        person("p1", bsn="111222334", name={"surname": "Geheim"}),
        person("p1", Geheim="111222334"),
        b'{"type":"Geheim"}',
    )

    report = (tmp_path / "report.jsonl").read_text("utf-8")
    assert report.count("\n") == 3
    assert "Geheim" not in report
    assert "111222334" not in report


def test_the_same_file_again_does_nothing(held: OpenDatabase, path: Path) -> None:
    file = written(path, *BASE, person("p1", award("a1")), person("p1", award("a1", degree="BSc")))
    first = import_lines(file, held.writer)
    before = held.held()
    second = import_lines(file, held.writer)

    assert first == Account(kept=4, unchanged=0, refused=0, awards=2)
    assert second == Account(kept=0, unchanged=4, refused=0, awards=0)
    assert held.held() == before


def test_refused_lines_are_tried_again_when_the_file_comes_again(
    held: OpenDatabase, path: Path, tmp_path: Path
) -> None:
    late = person("p1", award("a1", programme="havo"))
    file = written(path, *BASE, late, b"{")
    report = tmp_path / "report.jsonl"
    assert import_lines(file, held.writer, report).refused == 2

    havo = {**PROGRAMME, "code": "havo"}
    import_lines(written(tmp_path / "codes.jsonl", HEADER, havo), held.writer)
    account = import_lines(file, held.writer, report)

    assert account == Account(kept=1, unchanged=2, refused=1, awards=1)
    assert [json.loads(line)["line"] for line in report.read_text("utf-8").splitlines()] == [5]
    assert held.register.award("a1").programme.code == "havo"
    assert import_lines(file, held.writer) == Account(0, 3, 1, 0)


def test_a_line_tried_again_does_not_overrule_a_later_one(
    held: OpenDatabase, path: Path, tmp_path: Path
) -> None:
    old = person("p1", award("a1", programme="havo"), birth="1990")
    new = person("p1", award("a1"), birth="1991")
    file = written(path, *BASE, old, new)
    import_lines(file, held.writer)
    import_lines(
        written(tmp_path / "codes.jsonl", HEADER, {**PROGRAMME, "code": "havo"}), held.writer
    )

    report = tmp_path / "report.jsonl"
    account = import_lines(file, held.writer, report)

    assert account.refused == 1
    assert json.loads(report.read_text("utf-8"))["rule"] == "overtaken"
    assert str(held.register.person("p1").birth) == "1991"


def test_another_delivery_label_brings_old_content_back(held: OpenDatabase, path: Path) -> None:
    first = (*BASE, person("p1", birth="1990"))
    import_lines(written(path, *first), held.writer)
    import_lines(written(path, *BASE, person("p1", birth="1991")), held.writer)
    import_lines(written(path, {**HEADER, "delivery": "2"}, *first[1:]), held.writer)

    assert str(held.register.person("p1").birth) == "1990"
    assert held.register.person("p1").version == 3


def test_progress_is_told_after_each_batch(held: OpenDatabase, path: Path) -> None:
    people = [person(f"p{number}") for number in range(2 * BATCH_LINES)]
    file = written(path, *BASE, *people)
    told: list[tuple[int, int]] = []

    account = import_lines(file, held.writer, progress=lambda *step: told.append(step))

    assert account.kept == 2 * BATCH_LINES + 2
    assert len(told) == 3
    assert told[-1] == (file.stat().st_size, file.stat().st_size)
    assert told == sorted(told)
    assert gc.isenabled()


def test_batches_are_small_in_number_and_in_bytes() -> None:
    content = WithdrawalLine(type="withdrawal", award="a1")
    many = [Item(n, n, 1, content) for n in range(2 * BATCH_LINES + 1)]
    large = [Item(n, n, BATCH_BYTES // 2, content) for n in range(5)]

    assert [len(batch) for batch in batches(many)] == [BATCH_LINES, BATCH_LINES, 1]
    assert [len(batch) for batch in batches(large)] == [2, 2, 1]
    assert list(batches([])) == []


class Breaking(MemoryRegister):
    """Fails when the third unit is opened, like a database that goes away."""

    units = 0

    def unit(self) -> Any:
        self.units += 1
        if self.units == 3:
            raise RegisterUnavailable("gone")
        return super().unit()


def test_what_was_committed_before_a_failure_stays_and_the_rest_follows(path: Path) -> None:
    people = [person(f"p{number}", award(f"a{number}")) for number in range(2_500)]
    file = written(path, *BASE, *people, b"{")
    store = Breaking()

    with pytest.raises(RegisterUnavailable, match="gone"):
        import_lines(file, store)
    kept = len(list(store.awards()))
    account = import_lines(file, store)

    assert kept == 1_998
    assert account == Account(2_502, 0, 1, 2_500, resumed_after=2_001)
    assert len(list(store.awards())) == 2_500


def test_a_report_that_cannot_be_written_is_said_after_the_import(
    held: OpenDatabase, path: Path, tmp_path: Path
) -> None:
    with pytest.raises(RegisterUnavailable, match="report cannot be written"):
        import_lines(written(path, *BASE, person("p1")), held.writer, tmp_path / "no" / "report")

    assert held.register.person("p1").version == 1
