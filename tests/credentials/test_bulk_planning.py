"""Every machine cuts the same cohort into the same chunks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.bulk.cohorts import Wanted
from credentials.bulk.planning import SMALLEST, plan
from credentials.extract import Language, Purpose

WANTED = Wanted("vwo", 2024, (Language.NL, Language.EN))
AWARDS = st.lists(st.text("abc123", min_size=1), unique=True, max_size=40).map(sorted)


@given(AWARDS, st.integers(1, 7))
def test_every_award_is_planned_once_in_each_language_and_no_chunk_is_too_small_or_too_large(
    awards: list[str], smallest: int
) -> None:
    made = plan(WANTED, "profile", awards, smallest)

    for language in WANTED.languages:
        chunks = [chunk for chunk in made.chunks if chunk.language is language]
        assert [award for chunk in chunks for award in chunk.awards] == awards
    assert made.documents == 2 * len(awards)
    sizes = [len(chunk.awards) for chunk in made.chunks]
    assert all(size < 2 * smallest for size in sizes)
    assert len(awards) < smallest or all(size >= smallest for size in sizes)
    assert [chunk.position for chunk in made.chunks] == list(range(len(made.chunks)))


@given(AWARDS)
def test_the_same_register_gives_the_same_plan_and_another_one_another(awards: list[str]) -> None:
    """platform.md 3.4: deterministic ids."""
    made = plan(WANTED, "profile", iter(awards), 3)

    assert made == plan(WANTED, "profile", tuple(awards), 3)
    assert len({chunk.chunk_id for chunk in made.chunks}) == len(made.chunks)
    assert made.cohort_id != plan(WANTED, "profile", [*awards, "zzz"], 3).cohort_id


@pytest.mark.parametrize(
    "other",
    [
        (Wanted("havo", 2024, WANTED.languages), "profile"),
        (Wanted("vwo", 2023, WANTED.languages), "profile"),
        (Wanted("vwo", 2024, (Language.EN, Language.NL)), "profile"),
        (Wanted("vwo", 2024, WANTED.languages, Purpose.WORK), "profile"),
        (WANTED, "another profile"),
    ],
)
def test_whatever_makes_other_documents_makes_another_cohort(other: tuple[Wanted, str]) -> None:
    awards = [f"a{n}" for n in range(10)]
    one, two = plan(WANTED, "profile", awards, 3), plan(*other, awards, 3)

    assert one.cohort_id != two.cohort_id
    assert {chunk.chunk_id for chunk in one.chunks}.isdisjoint(
        chunk.chunk_id for chunk in two.chunks
    )


def test_a_large_cohort_is_cut_while_it_is_read() -> None:
    """platform.md 3.4: chunks of 500 to 1,000."""

    def awards() -> Iterator[str]:
        yield from (f"award-{n:06d}" for n in range(10_499))

    made = plan(Wanted("vwo", 2024), "profile", awards())

    assert [len(chunk.awards) for chunk in made.chunks] == [SMALLEST] * 19 + [999]


def test_a_cohort_without_a_language_or_with_one_twice_has_no_meaning() -> None:
    with pytest.raises(ValueError, match="languages"):
        Wanted("vwo", 2024, ())
    with pytest.raises(ValueError, match="languages"):
        Wanted("vwo", 2024, (Language.NL, Language.NL))
