"""The numbered lines in three languages: what is known, what is not, and in whose language."""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.extract import Extract, Language, Purpose
from credentials.lines import Kind, Line, award_day, numbered_lines
from credentials.results import Column, result_table
from credentials.wording import clock_in_words, date_in_words
from register.dates import PartialDate
from register.names import full_name
from tests.credentials.paper import ROOT, messages, translator
from tests.credentials.people import PEOPLE, extract


def lines_of(person: str, language: Language) -> dict[int, Line]:
    made = numbered_lines(extract(person, language), translator(language))
    return {line.number: line for line in made}


def texts(line: Line) -> list[str]:
    return [f"{part.lead} {part.text}".strip() for part in line.parts]


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("person", PEOPLE)
def test_lines_keep_their_numbers_and_begin_with_the_name(person: str, language: Language) -> None:
    made = lines_of(person, language)

    name = full_name(extract(person).record.person.name)
    unknown = {"nl": "Naam onbekend", "en": "Name unknown", "de": "Name unbekannt"}[language]
    assert made[1].parts[0].text == (name or unknown)
    assert list(made) == sorted(made)
    assert {1, 2, 3, 5, 6, 8, 9} <= set(made) <= set(range(1, 10))
    assert texts(made[9])[0] == "K7QD-3MXF-9TRA"


@pytest.mark.parametrize(
    ("registered", "nl", "en", "de"),
    [
        (
            "20200500",
            "mei 2020 (dag onbekend)",
            "May 2020 (day unknown)",
            "Mai 2020 (Tag unbekannt)",
        ),
        (
            "19630000",
            "1963 (dag en maand onbekend)",
            "1963 (day and month unknown)",
            "1963 (Tag und Monat unbekannt)",
        ),
        ("00000000", "onbekend", "unknown", "unbekannt"),
        ("20010514", "14 mei 2001", "14 May 2001", "14. Mai 2001"),
    ],
)
def test_a_date_is_written_as_far_as_it_is_known(
    registered: str, nl: str, en: str, de: str
) -> None:
    """register.md 4.1 and goal 47."""
    when = PartialDate.registered(registered)

    written = [date_in_words(when, language, translator(language)) for language in Language]

    assert written == [nl, en, de]


@given(
    year=st.integers(1900, 2100),
    month=st.integers(1, 12) | st.none(),
    language=st.sampled_from(list(Language)),
)
def test_an_unknown_day_never_becomes_the_first(
    year: int, month: int | None, language: Language
) -> None:
    """register.md 4.1: nothing is filled in."""
    words = date_in_words(PartialDate(year, month), language, translator(language))

    assert not re.search(r"(?<!\d)0?1\.?(?!\d)", words.replace(str(year), ""))
    assert str(year) in words


def test_english_leads_with_the_english_title_and_german_with_the_original() -> None:
    assert texts(lines_of("hbo", Language.EN)[3]) == [
        "Bachelor of Nursing",
        "Original title: Bachelor Verpleegkunde",
    ]
    assert texts(lines_of("hbo", Language.DE)[3]) == [
        "Bachelor Verpleegkunde",
        "Auf Englisch: Bachelor of Nursing",
    ]
    assert texts(lines_of("hbo", Language.NL)[3])[1] == "In het Engels: Bachelor of Nursing"
    assert [part.language for part in lines_of("hbo", Language.DE)[3].parts] == ["nl", "en"]


def test_an_institution_is_named_as_it_was_and_as_it_is() -> None:
    """register.md 2.7 and 4.13."""
    assert texts(lines_of("hbo", Language.NL)[5]) == [
        "Hogeschool De Horst",
        "Heet nu: Hogeschool IJsselstroom",
    ]
    assert texts(lines_of("long-name", Language.EN)[5])[1] == (
        "Today: Universiteit Midden-Nederland"
    )
    assert texts(lines_of("mbo", Language.DE)[5]) == ["ROC Het Voorbeeld"]


def test_birth_place_and_country_are_in_the_language_of_the_paper() -> None:
    assert texts(lines_of("hbo", Language.DE)[2]) == ["14. Mai 2001 in Zwolle, Niederlande"]
    assert texts(lines_of("single-name", Language.EN)[2]) == [
        "1963 (day and month unknown) in Afghanistan"
    ]
    base = extract("hbo")
    person = replace(base.record.person, birth=PartialDate())
    unknown = replace(base, record=replace(base.record, person=person))
    assert texts(numbered_lines(unknown, translator(Language.NL))[1]) == [
        "datum onbekend in Zwolle, Nederland"
    ]


def test_scripts_that_are_not_latin_carry_their_language() -> None:
    """pdf.md 4.2."""
    made = lines_of("arabic", Language.EN)
    assert made[1].parts[0].language == "ar"
    table = result_table(extract("elmo", Language.DE), translator(Language.DE))
    assert table is not None
    subjects = [row.cells[0][0].language for row in table.rows]
    assert subjects == ["no", "el", "pl", "ru"]


def test_language_level_and_frameworks_have_their_official_names() -> None:
    assert texts(lines_of("nt2", Language.DE)[7]) == [
        "Sprachniveau B2",
        "Gemeinsamer Europäischer Referenzrahmen für Sprachen (GER)",
    ]
    assert texts(lines_of("vwo", Language.EN)[7]) == [
        "NLQF 4+, EQF 4",
        "Dutch Qualifications Framework, European Qualifications Framework",
    ]


def test_codes_name_the_institution_of_then() -> None:
    assert texts(lines_of("hbo", Language.NL)[8]) == ["Instelling 00XX, opleiding 99001"]


def test_a_part_certificate_says_that_it_is_one() -> None:
    note = lines_of("mbo", Language.NL)[3].parts[-1]
    assert note.kind is Kind.NOTE
    assert note.text == "Certificaat voor een deel van de opleiding, niet het hele diploma"


def test_results_are_numbered_on_from_ten() -> None:
    table = result_table(extract("sixty", Language.NL), translator(Language.NL))
    assert table is not None
    assert [row.number for row in table.rows] == list(range(10, 70))
    assert [column for column, _ in table.columns] == [
        Column.SUBJECT,
        Column.CREDITS,
        Column.DAY,
        Column.FINAL,
    ]


def test_secondary_education_shows_what_was_not_examined() -> None:
    """register.md 4.7: one decimal, a whole final mark, a subject outside the result."""
    table = result_table(extract("vwo", Language.DE), translator(Language.DE))
    assert table is not None
    rows = {row.number: [[part.text for part in cell] for cell in row.cells] for row in table.rows}
    assert rows[10][1:] == [["7,1"], ["6,8"], ["7"]]
    assert rows[17][2] == ["keine Prüfung"]
    assert rows[22][0] == ["Wiskunde D", "Mathematics D", "zählt nicht mit"]
    assert table.remarks[1].text == "Kwelders als golfbreker langs de Friese kust"


def test_an_award_without_results_has_no_table() -> None:
    assert result_table(extract("hbo"), translator(Language.NL)) is None


def test_clocks_are_dutch_in_summer_and_in_winter() -> None:
    summer, winter = (datetime(2026, month, 1, 22, 5, tzinfo=UTC) for month in (7, 12))
    assert clock_in_words(summer, translator(Language.NL)) == "00.05 uur"
    assert clock_in_words(winter, translator(Language.DE)) == "23:05 Uhr"


@pytest.mark.parametrize(
    ("awarded", "day"),
    [("2024", date(2024, 12, 31)), ("2024-02", date(2024, 2, 29)), ("", date(2026, 11, 21))],
)
def test_the_name_of_then_is_that_of_the_last_possible_day(awarded: str, day: date) -> None:
    assert award_day(PartialDate.parse(awarded), date(2026, 11, 21)) == day


def test_an_extract_is_made_at_a_whole_second_in_utc() -> None:
    record = extract("hbo").record
    for moment in (datetime(2026, 1, 1), datetime(2026, 1, 1, 0, 0, 0, 1, tzinfo=UTC)):  # noqa: DTZ001 - the naive one is the wrong input
        with pytest.raises(ValueError, match="UTC in whole seconds"):
            Extract("N", Language.NL, Purpose.GENERAL, moment, record)


def test_every_text_has_a_dutch_and_a_german_translation() -> None:
    """Each literal given to `translate` is in both catalogues, with the same placeholders."""
    found = set()
    for source in (ROOT / "credentials").glob("*.py"):
        for node in ast.walk(ast.parse(source.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="translate"), args=[ast.Constant(value=str(text))]):
                    found.add(text)
                case _:
                    continue
    assert len(found) > 50
    for language in (Language.NL, Language.DE):
        catalogue = messages(language)
        assert found <= set(catalogue)
        for msgid, msgstr in catalogue.items():
            assert msgstr
            assert set(re.findall(r"{\w+}", msgid)) == set(re.findall(r"{\w+}", msgstr)), msgid
