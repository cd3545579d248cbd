"""Which language a visitor gets, and how days and moments read in it."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.i18n import Language, long_date, long_moment, negotiate


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", Language.NL),
        ("nl", Language.NL),
        ("en-GB,en;q=0.9", Language.EN),
        ("de-CH", Language.DE),
        ("fr,de;q=0.3,en;q=0.4", Language.EN),
        ("fr", Language.NL),
        ("*", Language.NL),
        ("en;q=0, de", Language.DE),
        ("en;q=x, de", Language.DE),
    ],
)
def test_the_language_that_is_wanted_most_wins(header: str, language: Language) -> None:
    assert negotiate(header) is language


@given(st.text())
def test_any_header_gives_a_language(header: str) -> None:
    assert negotiate(header) in Language


def test_days_are_written_as_people_write_them() -> None:
    day = date(2024, 7, 5)

    assert [long_date(day, language) for language in Language] == [
        "5 juli 2024",
        "5 July 2024",
        "5. Juli 2024",
    ]


@pytest.mark.parametrize(("month", "hour"), [(7, 12), (1, 11)])
def test_moments_are_told_in_dutch_time(month: int, hour: int) -> None:
    moment = datetime(2024, month, 12, 10, 41, tzinfo=UTC)

    assert long_moment(moment, Language.NL).endswith(f"2024 om {hour}.41 uur")
    assert long_moment(moment, Language.EN).endswith(f"2024 at {hour}:41")
    assert long_moment(moment, Language.DE).endswith(f"2024 um {hour}:41 Uhr")
