"""One contract for standings in memory, on SQLite and on PostgreSQL (verifier.md 3.4).

The one in memory asks document by document, so it is the oracle of the one statement.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.engine import Engine

from credentials.errors import LedgerUnavailable
from credentials.ledger import Intent, Ledger, Outcome, StatedAward
from credentials.overview import OVERVIEW_TEMPLATE
from credentials.standing import Mark, Standing, number_mark
from credentials.standing_store import SqlStandings
from credentials.status import DocumentStatus
from credentials.store import SqlLedger
from keys.custody import KeyRef
from register.importing import import_source
from register.lines import LINE
from register.reading import Records
from register.records import AwardStatus
from storage.engine import open_engine
from tests.contracts.memory_ledger import MemoryLedger
from tests.contracts.memory_register import MemoryRegister
from tests.contracts.memory_standings import MemoryStandings
from tests.contracts.test_register_store import (
    AWARD,
    INSTITUTION,
    PERSON,
    PROGRAMME,
    Line,
    sql_both,
)

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
LOWEST, HIGHEST = "0" * 64, "f" * 64


@dataclass
class Kept:
    """One ledger, one register, and the standings over both."""

    ledger: Ledger
    register: Any
    standings: SqlStandings | MemoryStandings

    def issue(
        self, award_id: str, outcome: Outcome | None = Outcome.SEALED, further: Sequence[str] = ()
    ) -> str:
        """Record a document of the awards as they are registered now; gives its number."""
        record = self.register.award(award_id)
        attempt = len(self.ledger.attempts(award_id))
        number = hashlib.sha256(f"{award_id}{attempt}".encode()).hexdigest()[:14].upper()
        intent = Intent(
            number=number,
            statement=award_id,
            attempt=attempt,
            award_id=award_id,
            award_version=record.award.version,
            person_id=record.person.person_id,
            person_version=record.person.version,
            language="nl",
            purpose="general",
            template=OVERVIEW_TEMPLATE if further else "t",
            covered_digest=hashlib.sha256(b"covered" + number.encode()).digest(),
            key=KeyRef("seal-1", "ES256"),
            profile="p",
            intended_at=NOON,
            further=tuple(
                StatedAward(one, self.register.award(one).award.version) for one in further
            ),
        )
        self.ledger.intend(intent)
        if outcome is not None:
            file = file_of(number) if outcome is Outcome.SEALED else ""
            self.ledger.conclude(number, outcome, file)
        return number

    def status(self, number: str) -> DocumentStatus | None:
        """What the standings say of one document, by its file and by its number."""
        found = self.standings.between(Mark.FILE, file_of(number), file_of(number))
        status = found[0].status if found else None
        assert self.standings.of_number(number) is status
        return status


def file_of(number: str) -> str:
    return hashlib.sha256(b"file" + number.encode()).hexdigest()


@pytest.fixture(name="kept", params=["memory", "sqlite", "postgresql"])
def _kept(request: pytest.FixtureRequest) -> Kept:
    if request.param == "memory":
        ledger, register = MemoryLedger(), MemoryRegister()
        kept = Kept(ledger, register, MemoryStandings(ledger, register))
    else:
        engine: Engine = request.getfixturevalue(f"{request.param}_engine")
        kept = Kept(SqlLedger(engine), sql_both(engine), SqlStandings(engine))
    import_source(a_dozen_people(), kept.register)
    return kept


def a_dozen_people() -> Records:
    """Twelve people who have one award each."""
    bare = {name: value for name, value in PERSON.items() if name != "bsn"}
    people = [
        bare | {"person": f"p{n:02}", "awards": [AWARD | {"award": f"a{n:02}"}]} for n in range(12)
    ]
    return delivery("a dozen", INSTITUTION, PROGRAMME, *people)


def delivery(name: str, *lines: Line) -> Records:
    """Lines as a school delivers them."""
    return Records(name, [LINE.validate_json(json.dumps(line)) for line in lines])


@pytest.fixture(name="deliver")
def _deliver(kept: Kept) -> Callable[[Line], None]:
    """Hand a line to the register as a school does."""
    names = (f"delivery {number}" for number in count())

    def deliver(line: Line) -> None:
        import_source(delivery(next(names), line), kept.register)

    return deliver


def active(kept: Kept, count: int) -> list[str]:
    """Ids of awards that stand, in their order."""
    records = (
        one for one in kept.register.awards() if one.award.status is not AwardStatus.WITHDRAWN
    )
    return [one.award.award_id for one in records][:count]


def withdrawal(award_id: str) -> Line:
    return {"type": "withdrawal", "award": award_id, "reason": "double"}


def test_a_sealed_document_is_found_by_its_file_and_by_its_number(kept: Kept) -> None:
    number = kept.issue(active(kept, 1)[0])

    good = DocumentStatus.ACTIVE
    by_file = kept.standings.between(Mark.FILE, LOWEST, HIGHEST)
    by_number = kept.standings.between(Mark.NUMBER, LOWEST, HIGHEST)
    assert by_file == (Standing(file_of(number), good),)
    assert by_number == (Standing(number_mark(number), good),)


def test_what_was_not_sealed_is_no_document(kept: Kept) -> None:
    first, second = active(kept, 2)
    numbers = kept.issue(first, Outcome.ABANDONED), kept.issue(second, None)

    for mark in Mark:
        assert kept.standings.between(mark, LOWEST, HIGHEST) == ()
        assert sum(kept.standings.sizes(mark).values()) == 0
    assert list(kept.standings.all()) == []
    assert [kept.status(one) for one in (*numbers, "2222-2222-2222")] == [None, None, None]


def test_documents_come_in_order_and_within_both_ends(kept: Kept) -> None:
    numbers = [kept.issue(one) for one in active(kept, 12)]

    for mark, hashes in (
        (Mark.FILE, sorted(map(file_of, numbers))),
        (Mark.NUMBER, sorted(map(number_mark, numbers))),
    ):
        found = kept.standings.between(mark, hashes[2], hashes[8])
        assert [one.sha256 for one in found] == hashes[2:9]
        sizes = kept.standings.sizes(mark)
        assert sum(sizes.values()) == len(numbers)
        assert {one[:4] for one in hashes} == set(sizes)


def test_a_withdrawn_award_withdraws_its_documents(
    kept: Kept, deliver: Callable[[Line], None]
) -> None:
    first, second = active(kept, 2)
    numbers = kept.issue(first), kept.issue(second)

    deliver(withdrawal(first))

    assert kept.status(numbers[0]) is DocumentStatus.WITHDRAWN
    assert kept.status(numbers[1]) is DocumentStatus.ACTIVE


@pytest.mark.parametrize("place", [0, 1, 2])
def test_an_overview_stands_no_better_than_any_of_its_awards(
    kept: Kept, deliver: Callable[[Line], None], place: int
) -> None:
    """0029: a correction of one makes it old, a withdrawal of one ends it; extracts stay apart."""
    awards = active(kept, 4)
    overview, extract = kept.issue(awards[0], further=awards[1:3]), kept.issue(awards[3])
    alone = [kept.issue(one) for one in awards[1:3]]
    assert kept.status(overview) is DocumentStatus.ACTIVE

    person = f"p{awards[place][1:]}"
    bare = {name: value for name, value in PERSON.items() if name != "bsn"}
    corrected = AWARD | {"award": awards[place], "thesis": "Another title"}
    deliver(bare | {"person": person, "awards": [corrected]})
    assert kept.status(overview) is DocumentStatus.SUPERSEDED

    deliver(withdrawal(awards[place]))
    assert kept.status(overview) is DocumentStatus.WITHDRAWN
    assert kept.status(extract) is DocumentStatus.ACTIVE
    others = [kept.status(one) for at, one in enumerate(alone, 1) if at != place]
    assert set(others) == {DocumentStatus.ACTIVE}


def test_an_overview_with_an_old_award_and_a_withdrawn_one_is_withdrawn(
    kept: Kept, deliver: Callable[[Line], None]
) -> None:
    """The worst of all counts, wherever it stands."""
    first, second, third = active(kept, 3)
    number = kept.issue(first, further=[second, third])
    deliver(withdrawal(second))
    bare = {name: value for name, value in PERSON.items() if name != "bsn"}
    changed = AWARD | {"award": third, "thesis": "Another title"}
    deliver(bare | {"person": f"p{third[1:]}", "awards": [changed]})

    assert kept.status(number) is DocumentStatus.WITHDRAWN


def test_a_document_of_an_older_version_is_superseded(kept: Kept) -> None:
    """0004: a document names versions; another one in the register makes it old."""
    award = active(kept, 1)[0]
    number = kept.issue(award)
    for field in ("award_version", "person_version"):
        entry = kept.ledger.by_number(number)
        assert entry is not None
        older = replace(
            entry.intent,
            number=f"OLD-{field}"[:14],
            statement=field,
            **{field: getattr(entry.intent, field) + 1},
        )
        kept.ledger.intend(older)
        kept.ledger.conclude(older.number, Outcome.SEALED, file_of(older.number))
        assert kept.status(older.number) is DocumentStatus.SUPERSEDED
    assert kept.status(number) is DocumentStatus.ACTIVE


def test_everything_is_the_same_as_asking_one_by_one(
    kept: Kept, deliver: Callable[[Line], None]
) -> None:
    awards = active(kept, 10)
    numbers = [kept.issue(one) for one in awards] + [kept.issue(awards[0])]
    deliver(withdrawal(awards[3]))

    everything = list(kept.standings.all())

    assert [one.file for one in everything] == sorted(map(file_of, numbers))
    assert {one.number for one in everything} == set(map(number_mark, numbers))
    for one in everything:
        assert kept.standings.between(Mark.FILE, one.file, one.file)[0].status is one.status
        assert kept.standings.between(Mark.NUMBER, one.number, one.number)[0].status is one.status
    withdrawn = [one for one in everything if one.status is DocumentStatus.WITHDRAWN]
    assert [one.file for one in withdrawn] == [file_of(numbers[3])]


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_numbers_that_an_older_release_sealed_are_added(
    database: str, request: pytest.FixtureRequest
) -> None:
    """Old code runs on the new schema, and writes no hash of a number."""
    engine: Engine = request.getfixturevalue(f"{database}_engine")
    kept = Kept(SqlLedger(engine), sql_both(engine), standings := SqlStandings(engine))
    import_source(a_dozen_people(), kept.register)
    number = kept.issue(active(kept, 1)[0])
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM issued_number"))
    assert standings.between(Mark.NUMBER, LOWEST, HIGHEST) == ()

    assert standings.complete() == 1
    assert standings.complete() == 0
    found = standings.between(Mark.NUMBER, LOWEST, HIGHEST)
    assert [one.sha256 for one in found] == [number_mark(number)]


def test_a_database_that_is_away_is_said_in_the_words_of_the_ledger(tmp_path: Path) -> None:
    away = SqlStandings(open_engine(f"sqlite:///{tmp_path / 'nowhere' / 'echt.db'}"))

    with pytest.raises(LedgerUnavailable):
        away.sizes(Mark.FILE)
    with pytest.raises(LedgerUnavailable):
        away.between(Mark.FILE, LOWEST, HIGHEST)
