"""The numbered lines 1 to 9: the same facts, order and numbers on paper and on screen.

Line 1 name, 2 born, 3 diploma, 4 degree, 5 institution, 6 awarded, 7 level, 8 codes,
9 the extract itself. A line without a fact is left out and its number stays free;
results go on from 10 (`credentials.results`). Every text that is not in the language
of the document says which language it is in (pdf.md 3.1).
"""

from __future__ import annotations

import calendar
import enum
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files

from credentials.extract import Extract, Language
from credentials.scripts import language_of
from credentials.wording import (
    DUTCH_TIME,
    Translate,
    clock_in_words,
    country_in_words,
    date_in_words,
    day_in_words,
)
from register.dates import PartialDate
from register.names import full_name
from register.records import Institution, Sector, Text

_ENGLISH_DEGREES = ("Bachelor of ", "Master of ", "Doctor of ", "Associate degree")


class Kind(enum.StrEnum):
    """How much weight a part of a line has."""

    MAIN = "main"
    ALSO = "also"
    """A second fact on the line, such as the title in another language."""
    NOTE = "note"
    """Our own remark, not a fact of the register."""


@dataclass(frozen=True, slots=True)
class Part:
    """One text on a line. `language` is None when it is that of the document."""

    text: str
    language: str | None = None
    kind: Kind = Kind.MAIN
    lead: str = ""
    """Our words before the text: `Today:`."""


@dataclass(frozen=True, slots=True)
class Line:
    """A numbered line with its label and what stands on it."""

    number: int
    label: str
    parts: tuple[Part, ...]


def numbered_lines(extract: Extract, translate: Translate) -> tuple[Line, ...]:
    """Lines 1 to 9 of the extract, in the language of `translate`."""
    made = (make(extract, translate) for make in _LINES)
    return tuple(line for line in made if line.parts)


def leading_title(text: Text, language: Language) -> Part:
    """The title in the language of the document, else as registered."""
    wanted = text.in_language(language)
    tag, title = text.original if not wanted else (language.value, wanted)
    return Part(title, tag_unless(tag, language) or language_of(title))


def titles(text: Text, language: Language, translate: Translate) -> Iterator[Part]:
    """The leading title, then the original or the English one where they differ."""
    first = leading_title(text, language)
    yield first
    tag, original = text.original
    english = text.in_language("en")
    also = tag_unless(tag, language)
    if original != first.text:
        yield Part(original, also or language_of(original), Kind.ALSO, translate("Original title:"))
    elif english and english != first.text:
        yield Part(english, tag_unless("en", language), Kind.ALSO, translate("In English:"))


def tag_unless(tag: str, language: Language) -> str | None:
    """The tag, or None when it is the language of the document."""
    return None if tag == language else tag


def award_day(awarded: PartialDate, issued: date) -> date:
    """The last day on which the award can have been made: decides which name was in force."""
    if awarded.year is None:
        return issued
    month = awarded.month or 12
    return date(awarded.year, month, awarded.day or calendar.monthrange(awarded.year, month)[1])


@cache
def _frameworks() -> dict[str, dict[str, dict[str, str]]]:
    table = json.loads(files("credentials").joinpath("data/frameworks.json").read_text("utf-8"))
    return {name: rows for name, rows in table.items() if name != "source"}


def _name(extract: Extract, translate: Translate) -> Line:
    name = full_name(extract.record.person.name)
    part = Part(name, language_of(name)) if name else Part(translate("Name unknown"))
    return Line(1, translate("Name"), (part,))


def _born(extract: Extract, translate: Translate) -> Line:
    person, language = extract.record.person, extract.language
    country = person.birth_country and country_in_words(person.birth_country, language)
    place = person.birth_place
    if place and country:
        place = translate("{place}, {country}").format(place=place, country=country)
    place = place or country
    text = date_in_words(person.birth, language, translate)
    if place:
        known = text if person.birth.year else translate("date unknown")
        text = translate("{date} in {place}").format(date=known, place=place)
    return Line(2, translate("Born"), (Part(text),))


def _diploma(extract: Extract, translate: Translate) -> Line:
    award, language = extract.record.award, extract.language
    parts = list(titles(extract.record.programme.title, language, translate))
    if award.profile:
        profile = leading_title(award.profile, language)
        parts.append(replace(profile, kind=Kind.ALSO, lead=translate("Profile:")))
    if award.partial:
        words = translate("Certificate for a part of the programme, not the whole diploma")
        parts.append(Part(words, kind=Kind.NOTE))
    return Line(3, translate("Diploma"), tuple(parts))


def _degree(extract: Extract, translate: Translate) -> Line:
    degree = extract.record.award.degree
    tag = "en" if degree.startswith(_ENGLISH_DEGREES) else None
    part = Part(degree, (tag and tag_unless(tag, extract.language)) or language_of(degree))
    return Line(4, translate("Degree"), (part,) if degree else ())


def _institution(extract: Extract, translate: Translate) -> Line:
    record, issued = extract.record, extract.issued_at.astimezone(DUTCH_TIME).date()
    then = record.institution.name_on(award_day(record.award.awarded, issued))
    now = record.institution_today.name_on(issued)
    parts = [_institution_name(then, record.institution, extract.language)]
    if now != then:
        today = _institution_name(now, record.institution_today, extract.language)
        parts.append(replace(today, kind=Kind.ALSO, lead=translate("Today:")))
    return Line(5, translate("Institution"), tuple(parts))


def _institution_name(name: str, institution: Institution, language: Language) -> Part:
    tag = tag_unless("nl", language) if institution.country == "NL" else None
    return Part(name, language_of(name) or tag)


def _awarded(extract: Extract, translate: Translate) -> Line:
    award = extract.record.award
    day = date_in_words(award.awarded, extract.language, translate)
    result = {"passed": translate("passed"), "rejected": translate("rejected")}[award.result]
    text = translate("{date}, {result}").format(date=day, result=result)
    return Line(6, translate("Awarded"), (Part(text),))


def _level(extract: Extract, translate: Translate) -> Line:
    programme = extract.record.programme
    frameworks = _frameworks()
    reached = [("nlqf", programme.nlqf), ("eqf", str(programme.eqf or ""))]
    names = [(frameworks[key][extract.language], level) for key, level in reached if level]
    text = ", ".join(f"{name['short']} {level}" for name, level in names)
    parts = list(_language_level(extract, translate))
    if names:
        note = ", ".join(name["long"] for name, _ in names)
        parts += [Part(text), Part(note, kind=Kind.NOTE)]
    return Line(7, translate("Level"), tuple(parts))


def _language_level(extract: Extract, translate: Translate) -> Iterator[Part]:
    """Programme I of the NT2 state exam is B1 and II is B2: its parts carry the level."""
    levels = {result.level for result in extract.record.award.results} - {""}
    if extract.record.award.sector is Sector.NT2 and len(levels) == 1:
        framework = _frameworks()["cefr"][extract.language]
        yield Part(translate("Language level {level}").format(level=levels.pop()))
        yield Part(f"{framework['long']} ({framework['short']})", kind=Kind.NOTE)


def _codes(extract: Extract, translate: Translate) -> Line:
    text = translate("Institution {institution}, programme {programme}")
    record = extract.record
    text = text.format(institution=record.institution.code, programme=record.programme.code)
    return Line(8, translate("Codes"), (Part(text),))


def _document(extract: Extract, translate: Translate) -> Line:
    local = extract.issued_at.astimezone(DUTCH_TIME)
    note = translate("Issued on {date} at {time} (Dutch time), in English").format(
        date=day_in_words(local.date(), extract.language),
        time=clock_in_words(extract.issued_at, translate),
    )
    return Line(9, translate("Extract"), (Part(extract.number), Part(note, kind=Kind.NOTE)))


_LINES: tuple[Callable[[Extract, Translate], Line], ...] = (
    _name,
    _born,
    _diploma,
    _degree,
    _institution,
    _awarded,
    _level,
    _codes,
    _document,
)
