"""A number by itself tells nobody whether it exists (verifier.md 3.7 rule 1, 4.14, goal 44).

Time is not measured here: a busy machine would decide. What makes time is counted instead: the
statements that a database is asked, and the functions that are called. `bench/same_answers.py`
measures 10,000 samples of each kind and prints what a rank test makes of them.
"""

from __future__ import annotations

import cProfile
import json
import pstats
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event
from starlette.testclient import TestClient

from checking import online_verifier
from tests.house import SealedExtract
from verifier.sandbox import Sandbox
from wiring import Instance

pytestmark = pytest.mark.slow

API = "/api/v1/verifications"
UNKNOWN = ("Q4KD-M2PX-7RTA", "M2PX-7RTA-4QKD", "X9TA-4QKD-M2PX")
Calls = Counter[tuple[str, int, str]]


@pytest.fixture(name="numbers", scope="module")
def _numbers(hard_extracts: list[SealedExtract]) -> tuple[str, ...]:
    """Known ones first, and as many that nobody was given."""
    known = tuple(one.number for one in hard_extracts[: len(UNKNOWN)])
    assert not set(known) & set(UNKNOWN)
    return (*known, *UNKNOWN)


@contextmanager
def statements(instance: Instance) -> Iterator[list[str]]:
    """Every statement that goes to the database, in its order."""
    said: list[str] = []

    def keep(_line: Any, _cursor: Any, statement: str, *_: Any) -> None:
        said.append(statement)

    event.listen(instance.engine, "before_cursor_execute", keep)
    try:
        yield said
    finally:
        event.remove(instance.engine, "before_cursor_execute", keep)


@pytest.mark.parametrize("key", ["text", "qr"])
def test_a_known_number_asks_the_database_what_an_unknown_one_asks(
    key: str, house: Instance, visitor: TestClient, numbers: tuple[str, ...]
) -> None:
    """The same statements, none of them with the number, and the same answer to the letter."""
    seen = []
    visitor.post(API, json={key: UNKNOWN[0]})  # what is read once is read now
    for number in numbers:
        with statements(house) as asked:
            answer = visitor.post(API, json={key: number})
        told = json.loads(answer.content) | {"checkedAt": "now"}
        seen.append((asked, answer.status_code, len(answer.content), told))

    assert all(one == seen[0] for one in seen)
    assert seen[0][0] == []  # nothing is looked up at all


def test_the_page_asks_the_database_the_same_too(
    house: Instance, visitor: TestClient, numbers: tuple[str, ...]
) -> None:
    seen = []
    for number in (UNKNOWN[0], *numbers):
        with statements(house) as asked:
            answer = visitor.post("/en/verify", files={"file": ("x.txt", number.encode())})
        seen.append((asked, answer.status_code, len(answer.content)))

    assert all(one == seen[1] for one in seen[1:])


def test_a_known_number_costs_the_calls_of_an_unknown_one(
    house: Instance, sandbox: Sandbox, numbers: tuple[str, ...]
) -> None:
    """Each function as often, whatever the number: no branch hangs on it."""
    verifier = online_verifier(house, sandbox)
    verifier.verify_text(UNKNOWN[0])

    def calls(number: str) -> Calls:
        profile = cProfile.Profile()
        profile.runcall(verifier.verify_text, number)
        counted: dict[tuple[str, int, str], tuple[int, ...]]
        counted = pstats.Stats(profile).stats  # type: ignore[attr-defined]
        return Counter({place: figures[1] for place, figures in counted.items()})

    seen = [calls(number) for number in numbers]

    assert all(one == seen[0] for one in seen)
    assert seen[0].total() > len(seen[0]) > 10


def test_a_difference_would_be_seen(house: Instance, hard_extracts: list[SealedExtract]) -> None:
    """The counter counts: a look-up by number is a statement."""
    with statements(house) as asked:
        house.standings.of_number(hard_extracts[0].number)

    assert asked
