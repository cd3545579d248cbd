"""One contract for every ledger: in memory, SQLite, PostgreSQL (platform.md 4.1.1)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from credentials.errors import AlreadyIssuing, LedgerUnavailable
from credentials.ledger import Conclusion, Entry, Intent, Ledger, Outcome, StatedAward, close
from credentials.overview import OVERVIEW_TEMPLATE
from credentials.store import SqlLedger
from keys.custody import KeyRef
from tests.contracts.memory_ledger import MemoryLedger

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
INTENT = Intent(
    number="K7QD-3MXF-9TRA",
    statement="a" * 64,
    attempt=0,
    award_id="award-1",
    award_version=1,
    person_id="person-1",
    person_version=2,
    language="nl",
    purpose="general",
    template="extract-1",
    covered_digest=bytes(range(32)),
    key=KeyRef("seal-2026", "ES256"),
    profile="b" * 64,
    intended_at=NOON,
)


@pytest.fixture(name="ledger", params=["memory", "sqlite", "postgresql"])
def _ledger(request: pytest.FixtureRequest) -> Ledger:
    if request.param == "memory":
        return MemoryLedger()
    return SqlLedger(request.getfixturevalue(f"{request.param}_engine"))


def test_an_intent_is_kept_to_the_letter(ledger: Ledger) -> None:
    ledger.intend(INTENT)

    assert ledger.by_number(INTENT.number) == Entry(INTENT)
    assert ledger.attempts(INTENT.statement) == (Entry(INTENT),)
    assert list(ledger.open_intents(before=NOON)) == [INTENT]


def test_a_sealed_document_is_found_by_every_road(ledger: Ledger) -> None:
    ledger.intend(INTENT)
    ledger.conclude(INTENT.number, Outcome.SEALED, "c" * 64)

    sealed = Entry(INTENT, Outcome.SEALED, "c" * 64)
    assert ledger.by_file("c" * 64) == sealed
    assert ledger.by_covered_digest(INTENT.covered_digest) == sealed
    assert ledger.documents_of("person-1") == (sealed,)
    assert list(ledger.open_intents(before=NOON)) == []


def test_an_overview_is_kept_with_every_award_and_by_every_road(ledger: Ledger) -> None:
    """emrex.md 3.6: a withdrawal of any of them has to find the document."""
    further = (StatedAward("award-3", 2), StatedAward("award-2", 1))
    whole = replace(INTENT, template=OVERVIEW_TEMPLATE, further=further)
    extract = replace(INTENT, number="22AA-22AA-22AA", statement="d" * 64, covered_digest=b"other")
    ledger.intend_all([extract, whole])
    ledger.conclude(whole.number, Outcome.SEALED, "c" * 64)

    sealed = Entry(whole, Outcome.SEALED, "c" * 64)
    assert whole.awards == (StatedAward("award-1", 1), *further)
    assert ledger.by_number(whole.number) == sealed
    assert ledger.by_file("c" * 64) == sealed
    assert ledger.by_covered_digest(whole.covered_digest) == sealed
    assert ledger.attempts(whole.statement) == (sealed,)
    assert ledger.documents_of("person-1") == (sealed,)
    assert list(ledger.open_intents(before=NOON)) == [extract]
    assert extract.awards == (StatedAward("award-1", 1),)


def test_an_overview_that_somebody_else_is_at_leaves_nothing_behind(ledger: Ledger) -> None:
    """platform.md 4.1.7: the intent and its awards are one step."""
    whole = replace(INTENT, template=OVERVIEW_TEMPLATE, further=(StatedAward("award-2", 1),))
    ledger.intend(whole)
    again = replace(whole, number="22AA-22AA-22AA")

    with pytest.raises(AlreadyIssuing):
        ledger.intend(again)

    assert ledger.by_number(again.number) is None
    assert ledger.attempts(whole.statement) == (Entry(whole),)


def test_an_abandoned_intent_makes_room_for_the_next_attempt(ledger: Ledger) -> None:
    ledger.intend(INTENT)
    ledger.conclude(INTENT.number, Outcome.ABANDONED)
    again = replace(INTENT, number="22AA-22AA-22AA", attempt=1, covered_digest=b"other" * 6)
    ledger.intend(again)

    assert ledger.attempts(INTENT.statement) == (Entry(INTENT, Outcome.ABANDONED), Entry(again))
    assert ledger.documents_of("person-1") == ()


def test_the_same_attempt_cannot_be_stated_twice(ledger: Ledger) -> None:
    """platform.md 4.1.7: one seal a document, however many try at once."""
    ledger.intend(INTENT)

    with pytest.raises(AlreadyIssuing):
        ledger.intend(replace(INTENT, number="22AA-22AA-22AA"))
    with pytest.raises(AlreadyIssuing):
        ledger.intend(replace(INTENT, attempt=1))

    assert ledger.by_number("22AA-22AA-22AA") is None
    assert ledger.attempts(INTENT.statement) == (Entry(INTENT),)


def test_an_outcome_is_final_and_needs_an_intent(ledger: Ledger) -> None:
    with pytest.raises(LedgerUnavailable):
        ledger.conclude("99ZZ-99ZZ-99ZZ", Outcome.SEALED, "d" * 64)
    ledger.intend(INTENT)
    ledger.conclude(INTENT.number, Outcome.SEALED, "c" * 64)

    with pytest.raises(LedgerUnavailable):
        ledger.conclude(INTENT.number, Outcome.ABANDONED)

    assert ledger.by_number(INTENT.number) == Entry(INTENT, Outcome.SEALED, "c" * 64)


def test_only_old_intents_are_open_to_the_reconciler(ledger: Ledger) -> None:
    ledger.intend(INTENT)

    assert list(ledger.open_intents(before=NOON - timedelta(seconds=1))) == []
    assert list(ledger.open_intents(before=NOON + timedelta(seconds=1))) == [INTENT]


def test_nothing_is_found_where_nothing_was_written(ledger: Ledger) -> None:
    assert ledger.by_number("K7QD-3MXF-9TRA") is None
    assert ledger.by_file("c" * 64) is None
    assert ledger.by_covered_digest(b"never") is None
    assert ledger.documents_of("person-1") == ()


MORE = [
    replace(
        INTENT, number=f"22AA-22AA-22A{n}", statement=f"{n}" * 64, covered_digest=bytes([n] * 32)
    )
    for n in range(2, 5)
]


def test_a_batch_is_stated_and_closed_together(ledger: Ledger) -> None:
    numbers = {intent.number for intent in MORE}

    assert ledger.intend_all(MORE) == numbers
    assert list(ledger.open_intents(before=NOON)) == MORE

    ledger.conclude_all([Conclusion(n, Outcome.SEALED, n[-1] * 64) for n in sorted(numbers)])
    assert list(ledger.open_intents(before=NOON)) == []
    assert {entry.intent.number for entry in ledger.documents_of("person-1")} == numbers


def test_of_a_batch_only_what_nobody_else_is_at_may_be_sealed(ledger: Ledger) -> None:
    """platform.md 4.1.7: a batch takes nothing from whoever was faster."""
    ledger.intend(replace(MORE[1], number="99ZZ-99ZZ-99ZZ"))

    taken = ledger.intend_all(MORE)

    assert taken == {MORE[0].number, MORE[2].number}
    assert ledger.by_number(MORE[1].number) is None


def test_a_batch_is_closed_whole_or_not_at_all(ledger: Ledger) -> None:
    ledger.intend_all(MORE)
    ledger.conclude(MORE[2].number, Outcome.ABANDONED)

    with pytest.raises(LedgerUnavailable):
        ledger.conclude_all([Conclusion(one.number, Outcome.SEALED, one.number) for one in MORE])

    assert list(ledger.open_intents(before=NOON)) == MORE[:2]


def test_who_closes_an_intent_first_is_right(ledger: Ledger) -> None:
    ledger.intend_all(MORE[:2])

    assert close(ledger, Conclusion(MORE[0].number, Outcome.ABANDONED)) is Outcome.ABANDONED
    assert close(ledger, Conclusion(MORE[0].number, Outcome.SEALED, "ab")) is Outcome.ABANDONED
    assert close(ledger, Conclusion(MORE[1].number, Outcome.SEALED, "cd")) is Outcome.SEALED
    with pytest.raises(LedgerUnavailable):
        close(ledger, Conclusion(MORE[2].number, Outcome.ABANDONED))


def test_the_tries_at_many_statements_are_told_apart(ledger: Ledger) -> None:
    ledger.intend_all(MORE[:2])
    ledger.conclude(MORE[0].number, Outcome.ABANDONED)
    again = replace(MORE[0], number="22AA-22AA-22AB", attempt=1)
    ledger.intend(again)

    found = ledger.attempts_at([one.statement for one in MORE])

    assert found == {
        MORE[0].statement: (Entry(MORE[0], Outcome.ABANDONED), Entry(again)),
        MORE[1].statement: (Entry(MORE[1]),),
    }


def test_an_empty_batch_is_nothing(ledger: Ledger) -> None:
    assert ledger.intend_all([]) == frozenset()
    ledger.conclude_all([])
    assert ledger.attempts_at([]) == {}


def test_abandoned_numbers_are_those_given_up_since_a_moment(ledger: Ledger) -> None:
    ledger.intend_all(MORE)
    ledger.conclude(MORE[0].number, Outcome.ABANDONED)
    ledger.conclude(MORE[1].number, Outcome.SEALED, "ab" * 32)

    assert ledger.abandoned(since=MORE[0].intended_at) == (MORE[0].number,)
    assert ledger.abandoned(since=MORE[0].intended_at + timedelta(seconds=1)) == ()


def _take_step(ledger: Ledger, intent: Intent, *, concludes: bool) -> None:
    """One step of a history; a refusal is a step as well."""
    with suppress(AlreadyIssuing, LedgerUnavailable):
        if concludes:
            ledger.conclude(intent.number, Outcome.ABANDONED)
        else:
            ledger.intend(intent)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(data=st.data())
def test_the_database_agrees_with_the_model_on_any_history(
    sqlite_engine_factory: Callable[[], Ledger], data: st.DataObject
) -> None:
    real, model = sqlite_engine_factory(), MemoryLedger()
    numbers = ["AAAA-AAAA-AAAA", "BBBB-BBBB-BBBB"]
    steps = data.draw(
        st.lists(st.tuples(st.sampled_from(numbers), st.integers(0, 1), st.booleans()), max_size=8)
    )
    for number, attempt, concludes in steps:
        for ledger in (real, model):
            _take_step(ledger, replace(INTENT, number=number, attempt=attempt), concludes=concludes)
        assert real.attempts(INTENT.statement) == model.attempts(INTENT.statement)
