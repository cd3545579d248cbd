"""The two national numbers against python-stdnum, which shares no code with ours."""

from __future__ import annotations

from types import ModuleType

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from stdnum.exceptions import ValidationError
from stdnum.nl import bsn, onderwijsnummer

from register.errors import InvalidNumber
from register.national_numbers import NumberKind, validated

ORACLES: dict[NumberKind, ModuleType] = {
    NumberKind.BSN: bsn,
    NumberKind.ONDERWIJSNUMMER: onderwijsnummer,
}


@pytest.mark.parametrize(
    ("kind", "number", "expected"),
    [
        (NumberKind.BSN, "111222333", "111222333"),
        (NumberKind.BSN, "1112.22.333", "111222333"),
        (NumberKind.BSN, "10000008", "010000008"),
        (NumberKind.ONDERWIJSNUMMER, "101222331", "101222331"),
    ],
)
def test_a_valid_number_is_given_back_as_nine_digits(
    kind: NumberKind, number: str, expected: str
) -> None:
    """register.md 4.3."""
    assert validated(kind, number) == expected


@pytest.mark.parametrize(
    ("kind", "number"),
    [
        (NumberKind.BSN, "111222334"),
        (NumberKind.BSN, "000000000"),
        (NumberKind.BSN, ""),
        (NumberKind.BSN, "11122233"),
        (NumberKind.BSN, "1112223331"),
        (NumberKind.BSN, "١١١٢٢٢٣٣٣"),
        (NumberKind.BSN, "11122233x"),
        (NumberKind.BSN, "101222331"),
        (NumberKind.ONDERWIJSNUMMER, "101222332"),
        (NumberKind.ONDERWIJSNUMMER, "211222337"),
        (NumberKind.ONDERWIJSNUMMER, "111222333"),
    ],
)
def test_a_wrong_number_is_refused_and_not_repeated(kind: NumberKind, number: str) -> None:
    """register.md 4.3: checksum, prefix, zero, 8 digits (zero-filled first) and 10 digits."""
    with pytest.raises(InvalidNumber) as caught:
        validated(kind, number)

    assert not number or number not in str(caught.value)


@given(number=st.from_regex(r"(10)?[0-9]{6,8}", fullmatch=True), kind=st.sampled_from(NumberKind))
@example(number="101222331", kind=NumberKind.ONDERWIJSNUMMER)
@example(number="111222333", kind=NumberKind.BSN)
def test_we_agree_with_an_independent_judge(number: str, kind: NumberKind) -> None:
    try:
        expected = ORACLES[kind].validate(number)
    except ValidationError:
        with pytest.raises(InvalidNumber):
            validated(kind, number)
    else:
        assert validated(kind, number) == expected


@given(prefix=st.integers(min_value=1, max_value=99_999_999))
def test_of_ten_check_digits_at_most_one_is_valid(prefix: int) -> None:
    accepted = [digit for digit in range(10) if _accepts(f"{prefix:08d}{digit}")]
    assert accepted == [digit for digit in range(10) if bsn.is_valid(f"{prefix:08d}{digit}")]
    assert len(accepted) <= 1


def _accepts(number: str) -> bool:
    try:
        validated(NumberKind.BSN, number)
    except InvalidNumber:
        return False
    return True
