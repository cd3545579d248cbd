"""Work that rises with the load, cannot be made up, kept or spent twice (verifier.md 3.8)."""

from __future__ import annotations

import hashlib
import itertools
import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web import static
from web.guarding.work import LIFETIME, STEPS, ProofOfWork, zero_bits

FULL, EMPTY = 1.0, 0.0


class House:
    """A load and a clock that a test can set."""

    def __init__(self, load: float = FULL) -> None:
        self.load = load
        self.now = 1_000_000.0
        self.work = ProofOfWork(lambda: self.load, lambda: self.now)


def solved(challenge: str, bits: int) -> str:
    """The long way round, by counting zeros in the digits of the digest."""
    for n in itertools.count():
        answer = f"{challenge}:{n}"
        digits = f"{int(hashlib.sha256(answer.encode()).hexdigest(), 16):0256b}"
        if digits.startswith("0" * bits):
            return answer
    raise AssertionError


def test_nothing_is_asked_while_there_is_room_and_more_as_it_gets_fuller() -> None:
    house = House()
    asked = []
    for load in (0.0, 0.49, 0.5, 0.75, 0.9, 1.0):
        house.load = load
        asked.append(house.work.bits)
    assert asked[:2] == [0, 0]
    assert asked == sorted(asked)
    assert asked[-1] == max(bits for _, bits in STEPS)


def test_work_is_taken_once() -> None:
    house = House(load=0.5)
    answer = solved(house.work.challenge(), house.work.bits)
    assert house.work.spend(answer)
    assert not house.work.spend(answer)


def test_a_second_answer_to_the_same_challenge_is_no_more_work() -> None:
    house = House(load=0.5)
    challenge = house.work.challenge()
    answers = (f"{challenge}:{n}" for n in itertools.count())
    first, second = itertools.islice((a for a in answers if zero_bits(a) >= 12), 2)
    assert house.work.spend(first)
    assert not house.work.spend(second)


def test_work_ends_after_two_minutes() -> None:
    house = House(load=0.5)
    answer = solved(house.work.challenge(), house.work.bits)
    house.now += LIFETIME + 1
    assert not house.work.spend(answer)


def test_cheap_work_is_not_enough_when_it_got_busier() -> None:
    house = House(load=0.5)
    answer = solved(house.work.challenge(), house.work.bits)
    house.load = FULL
    assert not house.work.spend(answer)


def test_work_for_another_process_is_worth_nothing_here() -> None:
    house, other = House(load=0.5), House(load=0.5)
    assert not house.work.spend(solved(other.work.challenge(), other.work.bits))


@given(text=st.text(max_size=200))
def test_anything_else_is_refused_and_breaks_nothing(text: str) -> None:
    assert not House().work.spend(text)


@given(at=st.integers(min_value=0), letter=st.characters(codec="ascii"))
def test_a_changed_challenge_is_not_ours(at: int, letter: str) -> None:
    house = House(load=0.5)
    challenge = house.work.challenge()
    place = at % len(challenge)
    forged = challenge[:place] + letter + challenge[place + 1 :]
    if forged != challenge:
        assert not any(house.work.spend(f"{forged}:{n}") for n in range(50))


@pytest.mark.judge
def test_the_page_finds_what_we_accept() -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("node is not installed")
    house = House(load=0.5)
    module = (Path(static.OWN) / "work.js").as_uri()
    program = (
        f"const {{ solved }} = await import({module!r});"
        f"console.log(await solved({house.work.challenge()!r}, {house.work.bits}));"
    )
    said = subprocess.run(
        [
            node,
            "--no-warnings",
            "--experimental-default-type=module",
            "--input-type=module",
            "-e",
            program,
        ],
        capture_output=True,
        check=True,
        text=True,
        timeout=300,
    )
    assert house.work.spend(said.stdout.strip())
