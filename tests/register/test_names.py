"""Names as the population register's own interface writes them (BRP-API features)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from register.names import full_name, initials
from register.records import Name


@pytest.mark.parametrize(
    ("given", "prefix", "surname", "expected"),
    [
        ("Christina Maria", "", "Maassen", "Christina Maria Maassen"),
        ("Gerrit", "den", "Braber", "Gerrit den Braber"),
        ("", "", "Obbadah", "Obbadah"),
        ("Mohamed", "El", "Rafi", "Mohamed El Rafi"),
        ("Dian Marini Maya", "", ".", "Dian Marini Maya"),
        ("Lisanty", "De las", "do Livramento Jansz.", "Lisanty De las do Livramento Jansz."),
        ("Robin", "van  den", "Aedel", "Robin van den Aedel"),
        ("", "", ".", ""),
        ("", "", "", ""),
    ],
)
def test_full_name_follows_the_registered_parts(
    given: str, prefix: str, surname: str, expected: str
) -> None:
    """register.md 4.2: single name, placeholder, real final dot, prefix as registered."""
    assert full_name(Name(surname, given, prefix)) == expected


@pytest.mark.parametrize(
    ("code", "man", "woman", "unknown"),
    [
        ("B", "baron", "barones", "baron"),
        ("BS", "baron", "barones", "barones"),
        ("G", "graaf", "gravin", "graaf"),
        ("GI", "graaf", "gravin", "gravin"),
        ("H", "hertog", "hertogin", "hertog"),
        ("HI", "hertog", "hertogin", "hertogin"),
        ("M", "markies", "markiezin", "markies"),
        ("MI", "markies", "markiezin", "markiezin"),
        ("P", "prins", "prinses", "prins"),
        ("PS", "prins", "prinses", "prinses"),
        ("R", "ridder", "ridder", "ridder"),
    ],
)
def test_a_title_stands_before_the_prefix_in_its_gendered_form(
    code: str, man: str, woman: str, unknown: str
) -> None:
    for gender, title in (("M", man), ("V", woman), ("O", unknown)):
        name = Name("Aedel", "Robin Sam", "van  den", code, gender)
        assert full_name(name) == f"Robin Sam {title} van den Aedel"


@pytest.mark.parametrize(
    ("code", "gender", "predicate"),
    [
        ("JH", "M", "jonkheer"),
        ("JH", "V", "jonkvrouw"),
        ("JH", "O", "jonkheer"),
        ("JV", "M", "jonkheer"),
        ("JV", "V", "jonkvrouw"),
        ("JV", "O", "jonkvrouw"),
    ],
)
def test_a_predicate_stands_before_the_given_names(code: str, gender: str, predicate: str) -> None:
    name = Name("Streeveld", "Żáïŀëñøŕ Åłéèç Đëļŧå", "'S", code, gender)
    assert full_name(name) == f"{predicate} Żáïŀëñøŕ Åłéèç Đëļŧå 'S Streeveld"


def test_an_unknown_title_code_is_left_out() -> None:
    assert full_name(Name("Braber", "Gerrit", "den", "X")) == "Gerrit den Braber"


@given(st.text(), st.text(), st.text())
def test_no_character_of_a_name_is_changed(given: str, prefix: str, surname: str) -> None:
    """register.md 5: no case folding and no normalisation on the way out."""
    written = full_name(Name(surname, given, prefix))
    registered = given + prefix + ("" if surname == "." else surname)
    assert written.replace(" ", "") == registered.replace(" ", "")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Henk", "H."),
        ("Anna Cornelia", "A.C."),
        ("Johan Frank Robert", "J.F.R."),
        ("Theo Philip IJsbrand", "T.P.I."),
        ("Anne-Fleur Belle", "A.B."),
        ("Suzie Q", "S.Q"),
        ("A", "A"),
        ("J P", "J P"),
        ("J Suzie", "J S."),
        ("", ""),
        (unicodedata.normalize("NFD", "Şule"), unicodedata.normalize("NFD", "Ş") + "."),
        ("Q̣ A", "Q̣ A"),
    ],
)
def test_initials_give_one_letter_for_each_given_name(given: str, expected: str) -> None:
    assert initials(given) == expected
