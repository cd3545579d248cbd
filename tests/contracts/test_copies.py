"""One contract for every account of preserved copies: in memory, SQLite, PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from credentials.copies import Copies, Copy
from credentials.ledger import Ledger, Outcome
from credentials.preserving_store import SqlCopies
from credentials.store import SqlLedger
from tests.contracts.memory_copies import MemoryCopies
from tests.contracts.memory_ledger import MemoryLedger
from tests.contracts.test_ledger import INTENT

LATE = datetime(2096, 2, 29, 12, tzinfo=UTC)
"""An archive outlives 32 bits of seconds (2038)."""
NUMBERS = ("22AA-22AA-22AA", "33BB-33BB-33BB", "44CC-44CC-44CC", "55DD-55DD-55DD")
COPY = Copy(NUMBERS[1], "c" * 64, LATE - timedelta(days=900), LATE, "d" * 64)

Pair = tuple[Ledger, Copies]


@pytest.fixture(name="pair", params=["memory", "sqlite", "postgresql"])
def _pair(request: pytest.FixtureRequest) -> Pair:
    if request.param == "memory":
        ledger = MemoryLedger()
        return ledger, MemoryCopies(ledger)
    engine = request.getfixturevalue(f"{request.param}_engine")
    return SqlLedger(engine), SqlCopies(engine)


@pytest.fixture(name="copies")
def _copies(pair: Pair) -> Copies:
    """Three sealed documents, one abandoned, one open; none has a copy."""
    ledger, copies = pair
    for place, number in enumerate((*NUMBERS, "66EE-66EE-66EE")):
        digest = bytes([place]) * 32
        ledger.intend(replace(INTENT, number=number, statement=number, covered_digest=digest))
    for place, number in enumerate(NUMBERS[:3]):
        ledger.conclude(number, Outcome.SEALED, str(place) * 64)
    ledger.conclude(NUMBERS[3], Outcome.ABANDONED)
    return copies


def test_every_sealed_document_without_a_copy_is_missing_one(copies: Copies) -> None:
    assert copies.missing(after="", limit=9) == NUMBERS[:3]
    assert copies.count(before=LATE, authorities=()) == (3, 0)


def test_missing_ones_come_page_by_page(copies: Copies) -> None:
    assert copies.missing(after="", limit=2) == NUMBERS[:2]
    assert copies.missing(after=NUMBERS[1], limit=2) == NUMBERS[2:3]
    assert copies.missing(after=NUMBERS[2], limit=2) == ()


def test_a_recorded_copy_is_kept_to_the_letter_and_no_longer_missing(copies: Copies) -> None:
    copies.record(COPY)

    assert copies.of(COPY.number) == COPY
    assert copies.of(NUMBERS[0]) is None
    assert copies.missing(after="", limit=9) == (NUMBERS[0], NUMBERS[2])


def test_a_later_account_replaces_the_earlier(copies: Copies) -> None:
    copies.record(COPY)
    later = replace(COPY, file_sha256="e" * 64, lasts_until=LATE + timedelta(days=900))
    copies.record(later)

    assert copies.of(COPY.number) == later
    assert copies.count(before=LATE, authorities=()) == (2, 0)


def test_a_copy_is_due_from_the_moment_that_it_ends(copies: Copies) -> None:
    for place, number in enumerate(NUMBERS[:3]):
        copies.record(replace(COPY, number=number, lasts_until=LATE + timedelta(seconds=place)))

    due = copies.due(before=LATE + timedelta(seconds=1), authorities=(), after="", limit=9)
    page = copies.due(before=LATE + timedelta(days=1), authorities=(), after=NUMBERS[0], limit=1)

    assert due == NUMBERS[:2]
    assert page == NUMBERS[1:2]
    assert copies.count(before=LATE - timedelta(seconds=1), authorities=()) == (0, 0)


def test_a_copy_under_a_named_authority_is_due_whenever_it_ends(copies: Copies) -> None:
    copies.record(COPY)
    copies.record(replace(COPY, number=NUMBERS[0], authority="e" * 64))
    early = LATE - timedelta(days=9)

    assert copies.due(before=early, authorities={"e" * 64}, after="", limit=9) == NUMBERS[:1]
    assert copies.count(before=early, authorities={"d" * 64, "e" * 64}) == (1, 2)
