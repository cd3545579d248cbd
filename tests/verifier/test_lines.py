"""Facts become the same numbered lines as on the paper, in the language of the page."""

from __future__ import annotations

from typing import Any

import pytest

from tests.verifier.sealed import FACTS
from verifier.lines import Line, numbered_lines
from web.i18n import Language, translations

CATALOGUES = translations()


def _lines(lang: Language, **changed: Any) -> dict[int, Line]:
    lines = numbered_lines(FACTS | changed, lang, CATALOGUES[lang].gettext)
    return {line.number: line for line in lines}


def _text(line: Line) -> list[str]:
    return [f"{part.lead} {part.text}".strip() for part in line.parts]


def test_the_lines_carry_the_numbers_of_the_paper() -> None:
    lines = _lines(Language.EN)

    assert {number: (line.label, _text(line)) for number, line in lines.items()} == {
        1: ("Name", ["Noor van den Łukasiewicz-Özdemir"]),
        2: ("Born", ["14 May 2001 in Zwolle, Netherlands"]),
        3: ("Diploma", ["Bachelor Nursing", "Original title: Bachelor Verpleegkunde"]),
        5: ("Institution", ["Hogeschool De Horst", "Today: Hogeschool IJsselstroom"]),
        6: ("Awarded", ["5 July 2024, passed"]),
        7: ("Level", ["NLQF 6, EQF 6"]),
        8: ("Codes", ["Institution 00XX, programme 99001"]),
        9: ("Extract", ["K7QD-3MXF-9TRA", "Issued on 21 November 2026 at 14:00 (Dutch time)"]),
        10: ("Klinisch redeneren", ["8, 15 ECTS credits"]),
    }


def test_dutch_and_german_pages_speak_their_own_language() -> None:
    dutch, german = _lines(Language.NL), _lines(Language.DE)

    assert _text(dutch[2]) == ["14 mei 2001 in Zwolle, Nederland"]
    assert _text(dutch[3]) == ["Bachelor Verpleegkunde"]
    assert _text(german[6]) == ["5. Juli 2024, bestanden"]
    assert german[3].parts[0].language == "nl"


@pytest.mark.parametrize(
    ("birth", "told"),
    [
        ("1991-05", "mei 1991 (dag onbekend)"),
        ("1991", "1991 (dag en maand onbekend)"),
        ("", "onbekend"),
        ("1991-02-31", "1991-02-31"),
    ],
)
def test_a_partial_date_says_what_is_not_known(birth: str, told: str) -> None:
    lines = _lines(Language.NL, holder={"name": "A", "birthDate": birth})

    assert _text(lines[2]) == [told]


def test_only_lines_one_and_two_are_about_the_person() -> None:
    about = [number for number, line in _lines(Language.EN).items() if line.is_about_the_person]

    assert about == [1, 2]


@pytest.mark.parametrize("lang", Language)
def test_facts_that_say_almost_nothing_still_make_lines(lang: Language) -> None:
    lines = numbered_lines({"number": "X"}, lang, CATALOGUES[lang].gettext)

    assert [line.number for line in lines] == [1, 2, 9]
