"""Documents that nobody was issued, among those that somebody was (verifier.md 3.8)."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.aliases import Aliases
from credentials.canaries import EVERY, Canaries
from credentials.numbering import document_number
from credentials.planting import PlantedStandings
from credentials.standing import PREFIX_DIGITS, Mark, Marks, Standing, number_mark
from credentials.status import DocumentStatus
from tests.verifier.index.published import ListedStandings

KEY = bytes(range(32))
OURS, OTHERS = Canaries(KEY), Canaries(bytes(32))
LOWEST, HIGHEST = "0" * 64, "f" * 64
PLACES = range(2_000)


class Issued(ListedStandings):
    """Documents that a test writes down, asked in every way."""

    def sizes(self, mark: Mark) -> dict[str, int]:
        return Counter(one.sha256[:PREFIX_DIGITS] for one in self.between(mark, LOWEST, HIGHEST))

    def between(self, mark: Mark, first: str, last: str) -> tuple[Standing, ...]:
        found = sorted((getattr(one, mark.value), one.status) for one in self.marks.values())
        return tuple(Standing(*one) for one in found if first <= one[0] <= last)


def planted_among(documents: int) -> PlantedStandings:
    issued = Issued()
    for place in range(documents):
        issued.add(f"N{place}")
    return PlantedStandings(issued, OURS, lambda: documents)


def test_a_canary_tells_by_itself_what_it_is_to_the_same_key_and_to_no_other() -> None:
    for canary in map(OURS.at, PLACES):
        assert OURS.is_file(canary.file)
        assert OURS.is_number(canary.number)
        assert not OTHERS.is_file(canary.file)
        assert not OTHERS.is_number(canary.number)
        assert not OURS.is_file(canary.covered)


@given(st.binary(min_size=32, max_size=32), st.randoms(use_true_random=False))
def test_nothing_real_is_taken_for_a_canary(digest: bytes, random: object) -> None:
    number = document_number(random.randbytes)  # type: ignore[attr-defined]  # hypothesis' own

    assert not OURS.is_file(digest.hex())
    assert not OURS.is_number(number)


def test_one_changed_place_makes_it_no_canary() -> None:
    canary = OURS.at(7)
    for at, digit in enumerate(canary.file[:32]):
        other = "0" if digit != "0" else "1"
        assert not OURS.is_file(canary.file[:at] + other + canary.file[at + 1 :])
    for at, letter in enumerate(canary.number):
        other = "2" if letter != "2" else "3"
        assert not OURS.is_number(canary.number[:at] + other + canary.number[at + 1 :])


def test_the_half_that_is_published_tells_a_canary() -> None:
    """Who walks through the lists has no other half, and has to make one up."""
    assert OURS.is_file(OURS.at(7).file[:32] + "0" * 32)


@pytest.mark.parametrize("spaced", ["{}", " {}\n", "{}".lower(), "{0[0]} {0[1]} {0[2]}"])
def test_a_number_is_known_however_it_is_typed(spaced: str) -> None:
    number = OURS.at(3).number
    text = spaced.format(number.split("-") if "[" in spaced else number)

    assert OURS.is_number(text)
    assert OURS.is_number(text.lower())


@pytest.mark.parametrize("text", ["", "K7QD", "0000-0000-0000", "ß" * 12, "٣" * 12, "A" * 10_000])
def test_any_text_at_all_may_be_asked(text: str) -> None:
    assert not OURS.is_number(text)


def test_a_canary_has_the_form_of_a_document_and_lies_as_evenly() -> None:
    canaries = [OURS.at(place) for place in PLACES]
    number = re.compile("[2-9A-HJ-KM-NP-Z]{4}-[2-9A-HJ-KM-NP-Z]{4}-[2-9A-HJ-KM-NP-Z]{4}")

    for hashes in ([one.file for one in canaries], [one.covered for one in canaries]):
        assert len(set(hashes)) == len(PLACES)
        assert all(re.fullmatch("[0-9a-f]{64}", one) for one in hashes)
        for half in (slice(0, 1), slice(16, 17), slice(32, 33)):
            spread = Counter(one[half] for one in hashes)
            assert all(80 < spread[digit] < 180 for digit in "0123456789abcdef")  # 125 each
    assert len({one.number for one in canaries}) == len(PLACES)
    assert all(number.fullmatch(one.number) for one in canaries)


def test_canaries_come_one_by_one_with_the_documents_and_stay() -> None:
    """All at once, or gone again, would give them away to who compares two lists."""
    seen: set[str] = set()
    assert all(
        OURS.at(place).due in range(EVERY * place + 1, EVERY * place + 51) for place in PLACES
    )
    for documents in range(0, 1_000, 10):
        now = {one.file for one in planted_among(documents).all() if OURS.is_file(one.file)}
        assert seen <= now
        assert len(now) - len(seen) <= 1
        assert len(now) == sum(canary.due <= documents for canary in map(OURS.at, range(30)))
        seen = now


def test_a_canary_begins_as_good_and_what_ended_stays_so() -> None:
    canaries = [OURS.at(place) for place in PLACES]

    assert {one.status(one.due) for one in canaries} == {DocumentStatus.ACTIVE}
    fates = Counter(one.status(10_000_000) for one in canaries)
    assert all(one.status(2 * one.due) is one.fate for one in canaries)
    assert 1_600 < fates[DocumentStatus.ACTIVE] < 1_900
    assert fates[DocumentStatus.SUPERSEDED] > fates[DocumentStatus.WITHDRAWN] > 10


@pytest.mark.parametrize("documents", [0, 1, 49, 500])
def test_every_way_to_ask_gives_all_documents_and_the_same_canaries(documents: int) -> None:
    standings = planted_among(documents)
    everything: list[Marks] = list(standings.all())

    assert everything == sorted(everything, key=lambda one: one.file)
    real = [one for one in everything if not OURS.is_file(one.file)]
    assert len(real) == documents
    for mark in Mark:
        whole = standings.between(mark, LOWEST, HIGHEST)
        wanted = sorted((getattr(one, mark.value), one.status) for one in everything)
        assert [(one.sha256, one.status) for one in whole] == wanted
        assert standings.sizes(mark) == Counter(one[0][:PREFIX_DIGITS] for one in wanted)
        middle = standings.between(mark, "4" + "0" * 63, "b" + "f" * 63)
        assert list(middle) == [one for one in whole if "4" <= one.sha256[0] <= "b"]


def test_the_mark_of_a_number_is_that_of_the_number() -> None:
    canary = OURS.at(0)

    assert canary.marks(1_000).number == number_mark(canary.number)


def test_a_count_that_is_away_for_a_moment_takes_no_canary_away() -> None:
    counts = iter([500, None, 0])
    standings = PlantedStandings(Issued(), OURS, lambda: next(counts))
    before = standings.between(Mark.FILE, LOWEST, HIGHEST)

    assert len(before) >= 10
    assert standings.between(Mark.FILE, LOWEST, HIGHEST) == before
    assert standings.between(Mark.FILE, LOWEST, HIGHEST) == before


def test_an_alias_is_the_same_for_one_document_and_says_nothing_of_it() -> None:
    one, other = OURS.at(1).file, OURS.at(2).file
    aliases = Aliases(KEY)

    assert aliases.of(one) == aliases.of(one)
    assert re.fullmatch("[A-Z2-7]{4}(-[A-Z2-7]{4}){3}", aliases.of(one))
    assert len({aliases.of(one), aliases.of(other), Aliases(bytes(32)).of(one)}) == 3
