"""One contract for every queue of wishes: in memory, SQLite, PostgreSQL."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.engine import Engine

from credentials.extract import Language, Purpose
from credentials.waiting import Wish, Wishes, WishState
from credentials.waiting_store import SqlWishes
from tests.contracts.memory_wishes import MemoryWishes

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WISH = Wish("person-1", "award-1", Language.NL, Purpose.WORK, NOON)
OTHER = replace(WISH, language=Language.DE, asked_at=NOON + MINUTE)


@pytest.fixture(name="wishes", params=["memory", "sqlite", "postgresql"])
def _wishes(request: pytest.FixtureRequest) -> Wishes:
    if request.param == "memory":
        return MemoryWishes()
    return SqlWishes(request.getfixturevalue(f"{request.param}_engine"))


def in_a_minute(_tries: int) -> datetime:
    return NOON + 2 * MINUTE


def claim(wishes: Wishes, now: datetime = NOON + MINUTE) -> Wish | None:
    return wishes.claim(now, in_a_minute)


def test_a_wish_is_kept_to_the_letter(wishes: Wishes) -> None:
    wishes.ask(WISH)

    assert wishes.of_person("person-1") == (WISH,)
    assert wishes.of_person("person-2") == ()


def test_nobody_waits_for_the_same_extract_twice(wishes: Wishes) -> None:
    wishes.ask(WISH)
    wishes.ask(OTHER)
    wishes.ask(replace(WISH, asked_at=NOON + 9 * MINUTE))

    assert wishes.of_person("person-1") == (WISH, OTHER)


def test_wishes_are_claimed_in_the_order_of_asking_and_by_one_worker(wishes: Wishes) -> None:
    wishes.ask(WISH)
    wishes.ask(OTHER)

    assert claim(wishes) == replace(WISH, tries=1)
    assert claim(wishes) == replace(OTHER, tries=1)
    assert claim(wishes) is None


def test_a_claim_that_ended_goes_to_the_next_worker(wishes: Wishes) -> None:
    wishes.ask(WISH)
    claim(wishes)

    assert claim(wishes, NOON + 2 * MINUTE - timedelta(seconds=1)) is None
    assert claim(wishes, NOON + 2 * MINUTE) == replace(WISH, tries=2)


def test_a_wish_of_later_is_not_due(wishes: Wishes) -> None:
    wishes.ask(OTHER)

    assert claim(wishes, NOON) is None


def test_the_length_of_a_claim_follows_the_tries(wishes: Wishes) -> None:
    wishes.ask(WISH)
    wishes.claim(NOON, lambda tries: NOON + tries * MINUTE)
    wishes.claim(NOON + MINUTE, lambda tries: NOON + MINUTE + tries * MINUTE)

    assert claim(wishes, NOON + 2 * MINUTE) is None
    assert claim(wishes, NOON + 3 * MINUTE) == replace(WISH, tries=3)


def test_a_wish_that_is_freed_is_the_first_again(wishes: Wishes) -> None:
    wishes.ask(WISH)
    wishes.ask(OTHER)
    claimed = claim(wishes)
    assert claimed is not None
    wishes.free(claimed)

    assert wishes.of_person("person-1") == (WISH, OTHER)
    assert claim(wishes) == replace(WISH, tries=1)


@pytest.mark.parametrize("state", [WishState.READY, WishState.REFUSED])
def test_an_end_is_final_until_the_holder_asks_again(wishes: Wishes, state: WishState) -> None:
    wishes.ask(WISH)
    wishes.ask(OTHER)
    wishes.end(WISH, state, "K7QD-3MXF-9TRA", NOON)
    wishes.end(WISH, WishState.REFUSED, "other", NOON)
    wishes.free(WISH)

    ended = replace(WISH, state=state, outcome="K7QD-3MXF-9TRA")
    assert wishes.of_person("person-1") == (ended, OTHER)
    assert claim(wishes) == replace(OTHER, tries=1)

    again = replace(WISH, asked_at=NOON + MINUTE)
    wishes.ask(again)
    assert wishes.of_person("person-1") == (replace(OTHER, tries=1), again)


def test_a_forgotten_wish_is_gone_and_its_worker_cannot_bring_it_back(wishes: Wishes) -> None:
    wishes.ask(WISH)
    wishes.forget(WISH)
    wishes.forget(OTHER)
    wishes.end(WISH, WishState.READY, "K7QD-3MXF-9TRA", NOON)

    assert wishes.of_person("person-1") == ()


def test_only_old_ends_are_forgotten(wishes: Wishes) -> None:
    late = replace(WISH, purpose=Purpose.STUDY)
    for wish in (WISH, OTHER, late):
        wishes.ask(wish)
    wishes.end(OTHER, WishState.READY, "K7QD-3MXF-9TRA", NOON)
    wishes.end(late, WishState.REFUSED, "nothing-to-state", NOON + MINUTE)

    assert wishes.forget_ended(NOON + MINUTE) == 1
    assert [wish.key for wish in wishes.of_person("person-1")] == [WISH.key, late.key]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_many_workers_never_share_a_wish(kind: str, request: pytest.FixtureRequest) -> None:
    engine: Engine = request.getfixturevalue(f"{kind}_engine")
    wishes = SqlWishes(engine)
    for place in range(12):
        wishes.ask(replace(WISH, award_id=f"award-{place}"))

    with ThreadPoolExecutor(4) as workers:
        claimed = list(workers.map(lambda _: claim(wishes), range(16)))

    taken = [wish.award_id for wish in claimed if wish is not None]
    assert sorted(taken) == sorted(f"award-{place}" for place in range(12))


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_two_clicks_at_once_are_one_wish(kind: str, request: pytest.FixtureRequest) -> None:
    engine: Engine = request.getfixturevalue(f"{kind}_engine")
    wishes = SqlWishes(engine)

    with ThreadPoolExecutor(4) as clicks:
        list(clicks.map(lambda _: wishes.ask(WISH), range(8)))

    assert wishes.of_person("person-1") == (WISH,)
