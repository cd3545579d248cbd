"""Codes and levels: their forms, their order, and the tables that are data."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.nl import brin as oracle

from register import codes
from register.errors import InvalidCode


@pytest.mark.parametrize(
    ("text", "code"), [("05KO", "05KO"), ("07NU00", "07NU00"), ("05 k.o", "05KO")]
)
def test_a_brin_is_read_in_any_common_writing(text: str, code: str) -> None:
    """register.md 4.4."""
    assert codes.brin(text) == code


@pytest.mark.parametrize("text", ["12KB1", "30AJ0A", "", "05KO1", "\u0660\u0665KO", "05KO00\n"])
def test_what_is_no_brin_is_refused(text: str) -> None:
    """register.md 4.4."""
    with pytest.raises(InvalidCode, match="two digits, two letters"):
        codes.brin(text)


@given(st.from_regex(r"[0-9]{1,2}[A-Za-z]{1,3}[0-9 ]{0,3}", fullmatch=True))
def test_we_read_a_brin_as_an_independent_judge_does(text: str) -> None:
    if oracle.is_valid(text):
        assert codes.brin(text) == oracle.validate(text)
    else:
        with pytest.raises(InvalidCode):
            codes.brin(text)


def test_a_stored_brin_has_its_plain_form() -> None:
    codes.check_institution("brin", "05KO")
    codes.check_institution("schac", "uio.no")
    with pytest.raises(InvalidCode, match="capitals"):
        codes.check_institution("brin", "05ko")


@pytest.mark.parametrize("scheme", ["crebo", "isat"])
def test_crebo_and_isat_have_five_digits(scheme: str) -> None:
    codes.check_programme(scheme, "25001")
    for wrong in ("2500", "250011", "2500A"):
        with pytest.raises(InvalidCode, match="five digits"):
            codes.check_programme(scheme, wrong)


def test_other_schemes_bring_their_own_codes() -> None:
    codes.check_programme("elmo", "urn:x:programme/1")


def test_four_plus_stands_between_four_and_five() -> None:
    """register.md 4.5."""
    shuffled = ["5", "4+", "10"[0], "8", "4"]
    assert sorted(shuffled, key=codes.nlqf_rank) == ["1", "4", "4+", "5", "8"]
    with pytest.raises(InvalidCode, match="no such NLQF"):
        codes.nlqf_rank("9")


def test_levels_are_text_for_nlqf_and_whole_numbers_for_eqf() -> None:
    by_name = {level.qualification: level for level in codes.levels()}
    assert (by_name["vwo"].nlqf, by_name["vwo"].eqf) == ("4+", 4)
    assert (by_name["havo"].nlqf, by_name["bachelor"].eqf) == ("4", 6)
    assert all(level.nlqf in codes.NLQF_ORDER for level in codes.levels())
    ranks = [codes.nlqf_rank(by_name[f"mbo {number}"].nlqf) for number in range(1, 5)]
    assert all(low < high for low, high in pairwise(ranks))


def test_coverage_knows_since_when_and_for_whom() -> None:
    """register.md 2.1: what lies before is outside the register, not false."""
    begins = {(row.sector, row.funding): row.valid_from for row in codes.coverage()}
    assert begins["wo", "funded"] == date(1996, 1, 1)
    assert begins["mbo", "private"] == date(2012, 1, 1)
    assert begins["inburgering", "private"] is None
    assert len(begins) == len(codes.coverage()) == 20
    assert all(row.source for row in codes.coverage())
    assert "2012" in next(row.note for row in codes.coverage() if row.sector == "vso")
