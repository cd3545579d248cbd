"""What the generator writes and what ELMO says, through the ordinary import into SQLite."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy.engine import Engine
from sqlmodel import SQLModel

from register.elmo import read_elmo
from register.importing import import_lines, import_source
from register.national_numbers import NumberKind
from register.reading import Records, fingerprint_of
from register.records import AwardStatus
from register.store import SqlRegister
from register.synthetic import HARD_PEOPLE, PERSONAS, write
from register.synthetic.vocabulary import data
from register.vault import Vault
from register.writing import SqlWriter
from storage.engine import open_engine
from tests import judges

CAST = {member["key"]: member["line"] for member in data("fixtures.json")["cast"]}
VAULT = Vault(b"k" * 32)


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    made = open_engine(f"sqlite:///{tmp_path / 'register.db'}")
    SQLModel.metadata.create_all(made)
    yield made
    made.dispose()


@pytest.fixture
def writer(engine: Engine) -> SqlWriter:
    return SqlWriter(engine, VAULT, lambda: datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
def register(engine: Engine) -> SqlRegister:
    return SqlRegister(engine, VAULT)


def first_award(key: str) -> str:
    award: str = CAST[key]["awards"][0]["award"]
    return award


def test_the_whole_synthetic_register_is_accepted(tmp_path: Path, writer: SqlWriter) -> None:
    path = tmp_path / "register.jsonl"
    write(path, people=2_000, seed=11)

    account = import_lines(path, writer)

    assert account.refused == 0
    assert account.kept == len(path.read_bytes().splitlines()) - 1


def test_the_cast_can_log_in_and_has_its_awards(
    tmp_path: Path, writer: SqlWriter, register: SqlRegister
) -> None:
    path = tmp_path / "register.jsonl"
    write(path, people=1, seed=1)
    import_lines(path, writer)

    for persona in PERSONAS:
        assert register.person_by_number(NumberKind.BSN, persona.bsn) == persona.person_id
        assert register.awards_of(persona.person_id)
    for award_id in HARD_PEOPLE:
        assert register.award(award_id).award.award_id == award_id
    assert register.award(first_award("corrected")).award.status is AwardStatus.CORRECTED
    assert register.award(first_award("withdrawn")).award.status is AwardStatus.WITHDRAWN
    assert register.award(first_award("name-changed")).person.name.given == "Sanne Petra"


def test_a_merged_school_is_known_by_both_names(
    tmp_path: Path, writer: SqlWriter, register: SqlRegister
) -> None:
    """register.md 4.13."""
    path = tmp_path / "register.jsonl"
    write(path, people=1, seed=1)
    import_lines(path, writer)

    record = register.award(first_award("merger-chain"))

    assert record.award.institution == record.institution.code == "95QA"
    assert record.institution.names[-1].name == "Scholengemeenschap Goretti"
    assert record.institution_today.code == "95QD"


@pytest.mark.parametrize(
    "name",
    [
        "official/example-v1.0.0.xml",
        "official/example-v1.1.0.xml",
        "official/example-v1.2.xml",
        "official/example-v1.3.0.xml",
        "official/example-v1.4.0-to-v2.0.0.xml",
        "national/fi-kaisa-reformatted.xml",
    ],
)
def test_official_exchange_files_are_accepted_once(
    name: str, writer: SqlWriter, register: SqlRegister
) -> None:
    path = judges.standards() / "elmo" / "samples" / name
    elmo = read_elmo(path)

    account = import_source(Records(fingerprint_of(path), elmo), writer)
    again = import_source(Records("another delivery of it", read_elmo(path)), writer)

    assert (account.refused, again.kept, again.refused) == (0, 0, 0)
    kept = {record.award.award_id for record in register.awards()}
    assert len(kept) == account.awards > 0


def test_two_exchange_files_of_people_alike_stay_two_people(
    writer: SqlWriter, register: SqlRegister
) -> None:
    """register.md 4.11: the first four official samples share a learner's name and birth date."""
    folder = judges.standards() / "elmo" / "samples" / "official"
    for name in ("example-v1.0.0.xml", "example-v1.4.0-to-v2.0.0.xml"):
        import_source(Records(fingerprint_of(folder / name), read_elmo(folder / name)), writer)

    people = {record.person.person_id: record.person.name for record in register.awards()}

    assert len(people) == 2
    assert len(set(people.values())) == 1
