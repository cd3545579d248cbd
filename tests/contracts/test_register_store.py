"""The register's promise, whatever keeps it: memory, SQLite or PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Protocol

import pytest
from sqlalchemy import event, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError

from register.changes import Known, Progress, Refusal, Wanted
from register.errors import NotRegistered, RegisterUnavailable
from register.importing import Account, import_lines, import_source
from register.lines import LINE
from register.national_numbers import NumberKind
from register.ports import Register, RegisterWriter
from register.reading import Records
from register.records import AwardStatus, Sector, Text
from register.store import PAGE, SqlRegister
from register.synthetic.generate import write
from register.vault import Vault
from register.writing import SqlWriter
from storage.migrating import upgrade
from tests.contracts.memory_register import MemoryRegister

VAULT = Vault(bytes(range(32)))
NOW = datetime(2026, 3, 1, 12, 0, 0, tzinfo=UTC)
Line = dict[str, Any]

INSTITUTION: Line = {
    "type": "institution",
    "code": "05KO",
    "names": [
        {"name": "Het Oude Lyceum", "since": "1990-08-01", "until": "2011-08-01"},
        {"name": "Het Nieuwe Lyceum", "since": "2011-08-01"},
    ],
}
PROGRAMME: Line = {
    "type": "programme",
    "code": "vwo",
    "scheme": "vo",
    "sector": "vo",
    "title": {"nl": "Voorbereidend wetenschappelijk onderwijs", "en": "Pre-university education"},
    "nlqf": "4+",
    "eqf": 4,
}
AWARD: Line = {
    "award": "a1",
    "institution": "05KO",
    "programme": "vwo",
    "awarded": "2009-06-18",
    "profile": {"nl": "Natuur en Techniek"},
    "thesis": "Muziek en getallen",
    "results": [
        {
            "subject": {"nl": "Wiskunde B", "en": "Mathematics B"},
            "schoolExam": "7.1",
            "centralExam": "6.8",
            "final": "7",
            "day": "2009-05-12",
        },
        {"subject": {"nl": "Muziek"}, "final": "8", "counted": False},
    ],
}
PERSON: Line = {
    "type": "person",
    "person": "p1",
    "name": {"given": "Żofia", "prefix": "'S", "surname": "Ŀaan", "title": "JV", "gender": "V"},
    "birth": "1991-05",
    "birthPlace": "Ødemark",
    "birthCountry": "NL",
    "bsn": "111222333",
    "awards": [AWARD],
}


class Both(Register, RegisterWriter, Protocol):
    """Reads and writes."""


@dataclass
class SqlBoth:
    """The reader and the writer over one database, seen as one."""

    register: SqlRegister
    writer: SqlWriter

    def __getattr__(self, name: str) -> Any:
        return getattr(self.writer if hasattr(SqlWriter, name) else self.register, name)


@pytest.fixture(name="store", params=["memory", "sqlite_engine", "postgres_engine"])
def _store(request: pytest.FixtureRequest) -> Any:
    if request.param == "memory":
        return MemoryRegister()
    return sql_both(request.getfixturevalue(request.param))


@pytest.fixture(name="engine", params=["sqlite_engine", "postgres_engine"])
def _engine(request: pytest.FixtureRequest) -> Engine:
    engine: Engine = request.getfixturevalue(request.param)
    upgrade(engine)
    return engine


def sql_both(engine: Engine) -> Any:
    upgrade(engine)
    return SqlBoth(SqlRegister(engine, VAULT), SqlWriter(engine, VAULT, lambda: NOW))


Deliver = Callable[..., Account]


@pytest.fixture(name="deliver")
def _deliver(store: Both) -> Deliver:
    deliveries = iter(range(1_000))

    def deliver(*lines: Line) -> Account:
        parsed = [LINE.validate_json(json.dumps(line)) for line in lines]
        return import_source(Records(f"delivery {next(deliveries)}", parsed), store)

    return deliver


def test_a_record_comes_back_as_it_was_delivered(store: Both, deliver: Deliver) -> None:
    account = deliver(INSTITUTION, PROGRAMME, PERSON)

    record = store.award("a1")

    assert account == Account(kept=3, unchanged=0, refused=0, awards=1)
    assert record.person.name.surname == "Ŀaan"
    assert record.person.name.title == "JV"
    assert str(record.person.birth) == "1991-05"
    assert record.person.birth_place == "Ødemark"
    assert record.award.sector is Sector.VO
    assert record.award.status is AwardStatus.CURRENT
    assert record.award.profile == Text((("nl", "Natuur en Techniek"),))
    assert record.award.thesis == "Muziek en getallen"
    assert record.award.results[0].subject.in_language("en") == "Mathematics B"
    assert record.award.results[0].day == date(2009, 5, 12)
    assert [result.counted for result in record.award.results] == [True, False]
    assert record.programme.nlqf == "4+"
    assert record.programme.eqf == 4


def test_languages_keep_the_order_of_the_source(store: Both, deliver: Deliver) -> None:
    title = {"fr": "Diplôme", "nl": "Diploma", "en": "Diploma"}
    deliver(INSTITUTION, {**PROGRAMME, "title": title}, PERSON)

    assert store.award("a1").programme.title.by_language == tuple(title.items())


def test_a_merged_institution_has_both_names_and_its_own_code(
    store: Both, deliver: Deliver
) -> None:
    """register.md 4.13: a chain of three mergers still resolves."""
    codes = ["05KO", "07NU", "09AA", "21QW"]
    chain = [
        {**INSTITUTION, "code": code, "successor": successor}
        for code, successor in zip(codes, [*codes[1:], None], strict=True)
    ]
    deliver(*chain, PROGRAMME, PERSON)

    record = store.award("a1")

    assert record.award.institution == record.institution.code == "05KO"
    assert record.institution.name_on(date(2009, 6, 18)) == "Het Oude Lyceum"
    assert record.institution_today.code == "21QW"
    assert record.institution_today.name_on(NOW.date()) == "Het Nieuwe Lyceum"


def test_institutions_that_merge_in_a_circle_do_not_hang(store: Both, deliver: Deliver) -> None:
    circle = [
        {**INSTITUTION, "successor": "07NU"},
        {**INSTITUTION, "code": "07NU", "successor": "05KO"},
    ]
    deliver(*circle, PROGRAMME, PERSON)

    assert store.award("a1").institution_today.code == "07NU"


def test_an_unknown_successor_ends_the_chain(store: Both, deliver: Deliver) -> None:
    deliver({**INSTITUTION, "successor": "99ZZ"}, PROGRAMME, PERSON)

    assert store.award("a1").institution_today.code == "05KO"


def test_a_name_change_is_a_new_version_and_leaves_the_award_alone(
    store: Both, deliver: Deliver
) -> None:
    deliver(INSTITUTION, PROGRAMME, PERSON)
    account = deliver({**PERSON, "name": {"given": "Zef", "surname": "Ŀaan", "gender": "M"}})

    record = store.award("a1")

    assert account == Account(kept=1, unchanged=0, refused=0, awards=0)
    assert (record.person.name.given, record.person.version) == ("Zef", 2)
    assert (record.award.status, record.award.version) == (AwardStatus.CURRENT, 1)


def test_a_correction_is_a_new_version_of_the_award(store: Both, deliver: Deliver) -> None:
    deliver(INSTITUTION, PROGRAMME, PERSON)
    deliver({**PERSON, "awards": [{**AWARD, "thesis": "Muziek zonder getallen"}]})

    award = store.award("a1").award

    assert award.thesis == "Muziek zonder getallen"
    assert (award.status, award.version) == (AwardStatus.CORRECTED, 2)
    assert store.person("p1").version == 1


def test_a_withdrawal_keeps_the_content_and_hides_the_reason(store: Both, deliver: Deliver) -> None:
    deliver(INSTITUTION, PROGRAMME, PERSON)
    deliver({"type": "withdrawal", "award": "a1", "reason": "leaked exam"})

    record = store.award("a1")

    assert (record.award.status, record.award.version) == (AwardStatus.WITHDRAWN, 2)
    assert record.award.thesis == "Muziek en getallen"
    assert "leaked exam" not in repr(record)
    assert [r.award.status for r in store.awards_of("p1")] == [AwardStatus.WITHDRAWN]


def test_an_award_may_come_be_corrected_and_go_in_one_batch(store: Both, deliver: Deliver) -> None:
    account = deliver(
        INSTITUTION,
        PROGRAMME,
        PERSON,
        {**PERSON, "awards": [{**AWARD, "thesis": "Anders"}]},
        {"type": "withdrawal", "award": "a1", "reason": "double"},
    )

    award = store.award("a1").award
    assert account.refused == 0
    assert (award.version, award.status, award.thesis) == (3, AwardStatus.WITHDRAWN, "Anders")


def test_awards_of_a_person_come_newest_first(store: Both, deliver: Deliver) -> None:
    days = {"a1": "2009-06-18", "a2": "2013", "a3": "2011-09"}
    awards = [{**AWARD, "award": key, "awarded": day} for key, day in days.items()]
    deliver(INSTITUTION, PROGRAMME, {**PERSON, "awards": awards})

    assert [record.award.award_id for record in store.awards_of("p1")] == ["a2", "a3", "a1"]
    assert store.awards_of("somebody else") == ()


def test_awards_stream_in_the_order_of_their_ids(store: Both, deliver: Deliver) -> None:
    ids = [f"{letter}{n}" for n in range(PAGE // 3) for letter in "bAaZ"]
    people = [
        {
            **PERSON,
            "person": f"p-{key}",
            "bsn": None,
            "awards": [{**AWARD, "award": key, "results": []}],
        }
        for key in ids
    ]
    deliver(INSTITUTION, PROGRAMME, *people)

    listed = [record.award.award_id for record in store.awards()]

    assert listed == sorted(ids)
    assert [r.award.award_id for r in store.awards(limit=PAGE + 1)] == sorted(ids)[: PAGE + 1]
    assert list(store.awards(limit=0)) == []


def test_a_number_leads_to_its_person_and_to_nobody_else(store: Both, deliver: Deliver) -> None:
    deliver(INSTITUTION, PROGRAMME, PERSON)

    assert store.person_by_number(NumberKind.BSN, "1112.22.333") == "p1"
    assert store.person_by_number(NumberKind.BSN, "123456782") is None
    assert store.person_by_number(NumberKind.BSN, "nonsense") is None
    assert store.person_by_number(NumberKind.ONDERWIJSNUMMER, "101222331") is None


def test_people_who_look_the_same_stay_apart(store: Both, deliver: Deliver) -> None:
    """register.md 4.11: equal name and birth date, different people."""
    other = {**PERSON, "person": "p2", "bsn": "123456782", "awards": [{**AWARD, "award": "a2"}]}
    deliver(INSTITUTION, PROGRAMME, PERSON, other)

    assert store.person_by_number(NumberKind.BSN, "123456782") == "p2"
    assert [record.award.award_id for record in store.awards_of("p1")] == ["a1"]
    assert [record.award.award_id for record in store.awards_of("p2")] == ["a2"]


def test_an_education_number_may_be_followed_by_a_citizen_number(
    store: Both, deliver: Deliver
) -> None:
    without = {key: value for key, value in PERSON.items() if key != "bsn"}
    deliver(INSTITUTION, PROGRAMME, {**without, "onderwijsnummer": "101222331"})
    account = deliver(PERSON)

    assert account.kept == 1
    assert store.person_by_number(NumberKind.ONDERWIJSNUMMER, "101222331") == "p1"
    assert store.person_by_number(NumberKind.BSN, "111222333") == "p1"
    assert store.person("p1").version == 1


def test_what_is_not_registered_says_so(store: Both) -> None:
    with pytest.raises(NotRegistered, match="no award"):
        store.award("a1")
    with pytest.raises(NotRegistered, match="nobody"):
        store.person("p1")
    assert list(store.awards()) == []


def test_the_same_lines_again_change_nothing(store: Both, deliver: Deliver) -> None:
    deliver(INSTITUTION, PROGRAMME, PERSON, {"type": "withdrawal", "award": "a1"})
    account = deliver(INSTITUTION, PROGRAMME, PERSON, {"type": "withdrawal", "award": "a1"})

    assert account == Account(kept=0, unchanged=4, refused=0, awards=0)
    assert store.award("a1").award.version == 2
    assert store.person("p1").version == 1


def test_a_unit_that_fails_keeps_nothing(store: Both) -> None:
    before = store.begin("file")
    after = replace(before, line=7, kept=7)

    def fail_at_the_end() -> None:
        with store.unit() as unit:
            unit.refuse(before.source, [Refusal(3, "not-json")], set())
            unit.advance(before, after)
            raise LookupError

    with pytest.raises(LookupError):
        fail_at_the_end()

    assert store.begin("file") == before
    assert list(store.refusals(before.source)) == []


def test_progress_and_refusals_are_remembered(store: Both) -> None:
    before = store.begin("file")
    after = Progress(before.source, 12, 3_000_000_000, 8, 1, 2, 9, done=True)
    refusals = [Refusal(9, "not-json"), Refusal(3, "missing-field", "awards/0/award")]
    with store.unit() as unit:
        unit.refuse(before.source, refusals, set())
        unit.advance(before, after)

    assert store.begin("file") == after
    assert store.begin("another file").source != before.source
    assert list(store.refusals(before.source)) == sorted(refusals, key=lambda each: each.line)

    with store.unit() as unit:
        unit.refuse(before.source, [Refusal(3, "not-utf8")], {9})
    assert list(store.refusals(before.source)) == [Refusal(3, "not-utf8")]


def test_two_imports_of_one_file_do_not_both_move_it(store: Both) -> None:
    before = store.begin("file")
    with store.unit() as unit:
        unit.advance(before, replace(before, line=5, kept=5))

    with pytest.raises(RegisterUnavailable, match="another process"), store.unit() as unit:
        unit.advance(before, replace(before, line=4, kept=4))

    assert store.begin("file").line == 5


def test_more_keys_than_a_statement_takes_are_asked_in_parts(store: Both) -> None:
    keys = {f"k{number}" for number in range(12_000)}
    numbers = {(NumberKind.BSN, f"{number:09d}") for number in range(6_000)}
    with store.unit() as unit:
        known = unit.known(Wanted(keys, keys, keys, keys, numbers))

    assert known == Known()


def test_no_number_stands_readable_in_the_database(engine: Engine) -> None:
    """register.md 4.14: the number is in one table, and there only sealed."""
    store = sql_both(engine)
    lines = [LINE.validate_json(json.dumps(line)) for line in (INSTITUTION, PROGRAMME, PERSON)]
    import_source(Records("file", lines), store)

    with engine.connect() as connection:
        tables = [
            "institution_version", "programme_version", "person_version", "award_version",
            "identity_number", "import_source", "import_refusal",
        ]  # fmt: skip
        rows = {
            table: connection.execute(text(f"SELECT * FROM {table}")).all()  # noqa: S608 - constant
            for table in tables
        }

    assert all(b"111222333" not in _bytes(row) for table in tables for row in rows[table])
    [identity] = rows["identity_number"]
    assert VAULT.open("p1", NumberKind.BSN, bytes(identity.sealed)) == "111222333"
    assert bytes(identity.lookup) == VAULT.lookup(NumberKind.BSN, "111222333")


def _bytes(row: Any) -> bytes:
    return b"|".join(
        bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode()
        for value in row
    )


@pytest.mark.parametrize("change", ["UPDATE {} SET version = 9", "DELETE FROM {}"])
@pytest.mark.parametrize(
    "table", ["institution_version", "programme_version", "person_version", "award_version"]
)
def test_the_database_refuses_to_forget_a_version(engine: Engine, change: str, table: str) -> None:
    store = sql_both(engine)
    lines = [LINE.validate_json(json.dumps(line)) for line in (INSTITUTION, PROGRAMME, PERSON)]
    import_source(Records("file", lines), store)

    with pytest.raises(IntegrityError, match="append-only"), engine.begin() as connection:
        connection.execute(text(change.format(table)))

    assert store.award("a1").award.version == 1


def test_history_keeps_every_version_with_its_origin(engine: Engine) -> None:
    store = sql_both(engine)
    renamed = {**PERSON, "name": {"given": "Zef", "surname": "Ŀaan"}}
    lines = [
        LINE.validate_json(json.dumps(line)) for line in (INSTITUTION, PROGRAMME, PERSON, renamed)
    ]
    import_source(Records("file", lines), store)

    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT version, given, line, recorded_at FROM person_version ORDER BY version")
        ).all()

    assert [(row.version, row.given, row.line) for row in rows] == [(1, "Żofia", 3), (2, "Zef", 4)]
    assert str(rows[0].recorded_at).startswith("2026-03-01 12:00:00")


def test_every_store_holds_the_same_synthetic_register(store: Both, tmp_path: Path) -> None:
    """Four hundred invented people with every difficulty of register.md 3.5 in them."""
    path = tmp_path / "people.jsonl"
    write(path, people=400, seed=11)
    memory = MemoryRegister()

    accounts = [import_lines(path, each) for each in (memory, store)]

    assert accounts[0] == accounts[1]
    assert accounts[0].refused == 0
    assert list(store.awards()) == list(memory.awards())
    people = {record.person.person_id for record in memory.awards()}
    assert all(store.awards_of(each) == memory.awards_of(each) for each in people)


def test_an_import_that_holds_the_lock_is_not_run_over(postgres_engine: Engine) -> None:
    """SQLite has one writer anyway; on PostgreSQL a lock of our own sees to it."""
    store = sql_both(postgres_engine)
    postgres_engine.dispose()

    @event.listens_for(postgres_engine, "connect")
    def _impatient(connection: Any, _record: object) -> None:
        connection.execute("SET lock_timeout = 100")
        connection.commit()

    with store.unit(), pytest.raises(RegisterUnavailable, match="cannot be written"):
        store.begin("another file")

    assert store.begin("another file").line == 0


def test_a_cohort_is_a_programme_and_a_year_by_the_newest_versions(
    store: Both, deliver: Deliver
) -> None:
    awards = [
        {**AWARD, "award": award, "awarded": awarded}
        for award, awarded in (
            ("b", "2009-06-18"),
            ("a", "2009"),
            ("c", "2010-01-01"),
            ("B", "2009-12"),
            ("d", "2009-01-31"),
        )
    ]
    other = {**PROGRAMME, "code": "havo"}
    moved = {**AWARD, "award": "e", "programme": "havo", "awarded": "2009"}
    deliver(INSTITUTION, PROGRAMME, other, {**PERSON, "awards": [*awards, moved]})
    deliver({**PERSON, "awards": [{**awards[4], "awarded": "2008-12-31"}]})
    deliver({"type": "withdrawal", "award": "b"})

    assert list(store.award_ids("vwo", 2009)) == ["B", "a", "b"]
    assert list(store.award_ids("vwo", 2008)) == ["d"]
    assert list(store.award_ids("havo", 2009)) == ["e"]
    assert list(store.award_ids("vwo", 1999)) == []
    assert list(store.award_ids("v%", 2009)) == []


def test_records_come_together_in_the_order_of_their_ids(store: Both, deliver: Deliver) -> None:
    awards = [{**AWARD, "award": award} for award in ("c", "a", "b")]
    deliver(INSTITUTION, PROGRAMME, {**PERSON, "awards": awards})

    found = store.records(["c", "never heard of", "a"])

    assert found == (store.award("a"), store.award("c"))
    assert store.records([]) == ()


def test_a_cohort_of_more_than_a_page_is_read_to_its_end(engine: Engine) -> None:
    both = sql_both(engine)
    people = [
        {**PERSON, "person": f"p{n}", "awards": [{**AWARD, "award": f"a{n:02d}"}]} for n in range(7)
    ]
    for one in people:
        del one["bsn"]
    lines = [LINE.validate_json(json.dumps(line)) for line in (INSTITUTION, PROGRAMME, *people)]
    import_source(Records("a page and more", lines), both)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("register.store.IDS_PAGE", 3)
        assert list(both.award_ids("vwo", 2009)) == [f"a{n:02d}" for n in range(7)]
