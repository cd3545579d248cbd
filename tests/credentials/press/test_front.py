"""What the documents of the press begin with, and a sealer that does not read it again."""

from __future__ import annotations

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.errors import UnknownShape
from credentials.extract import Language
from credentials.pades.shape import Begun, OwnFile, read_draft
from credentials.press.front import front, fronts
from credentials.press.shaping import FACES, SERIF
from tests.credentials.paper import SAME_KEY, payload, renderer
from tests.credentials.people import extract

BEGUN = Begun(front().data, front().rows, front().objects)
EUROPE = SERIF + FACES


@cache
def draft(person: str = "mbo") -> bytes:
    """A document of the press."""
    asked = extract(person, Language.NL)
    return renderer().render(asked, payload(asked, SAME_KEY))


@pytest.mark.parametrize("person", ["mbo", "vwo", "hbo"])
def test_every_document_of_the_press_begins_the_same(person: str) -> None:
    made = draft(person)
    assert made.startswith(BEGUN.data)
    assert made.count(BEGUN.rows) == 1
    assert len(BEGUN.data) > len(made) / 3, "too little to be worth it"


def test_a_document_with_rare_letters_begins_with_those_too() -> None:
    """And only with those: everybody else's has nothing of them."""
    wider = front(frozenset({SERIF, EUROPE}))
    assert draft("hbo").startswith(wider.data)
    assert draft("hbo").count(b"/Type/Font/") == draft("mbo").count(b"/Type/Font/") + 2
    assert not draft("mbo").startswith(wider.data)
    assert wider.data.startswith(BEGUN.data)


def test_every_beginning_is_told_and_the_longest_first() -> None:
    sizes = [len(one.data) for one in fronts()]
    assert sizes == sorted(set(sizes), reverse=True)
    assert all(one in fronts() for one in (front(), front(frozenset({EUROPE}))))


@pytest.mark.parametrize("person", ["mbo", "vwo", "hbo", "sixty"])
def test_it_makes_no_difference_to_what_is_read(person: str) -> None:
    """Also of a document that typst drew, which begins otherwise."""
    made = draft(person)
    assert read(made, BEGUN) == read(made) is not None


@given(data=st.data())
def test_a_changed_beginning_is_read_as_if_nothing_were_known(data: st.DataObject) -> None:
    """pdf.md 3.3: in its bytes, in its rows of the table, and at the seam."""
    made, seam = draft(), len(BEGUN.data)
    table = made.index(BEGUN.rows)
    place = data.draw(
        st.one_of(
            st.integers(0, seam - 1),
            st.integers(seam - 20, seam + 20),
            st.integers(table - 30, table + len(BEGUN.rows) + 30),
        )
    )
    kept = data.draw(st.sampled_from([0, 1, 5]))
    changed = made[:place] + data.draw(st.binary(max_size=5)) + made[place + kept :]
    assert read(changed, BEGUN) == read(changed)


def test_a_row_of_the_beginning_that_points_elsewhere_is_foreign() -> None:
    """The bytes are known, but the table leads a reader to other ones."""
    made = draft()
    first, second = BEGUN.rows[:20], BEGUN.rows[20:40]
    changed = made.replace(first + second, second + first, 1)
    assert changed != made
    with pytest.raises(UnknownShape):
        read_draft(changed, BEGUN)


def read(pdf: bytes, *begun: Begun) -> OwnFile | None:
    """What is read of it, or nothing of a foreign file."""
    try:
        return read_draft(pdf, *begun)._replace(begun=BEGUN)
    except UnknownShape:
        return None
