"""Facts as numbered lines, with the same numbers and order as on the paper.

Line 1 name, 2 born, 3 diploma, 4 degree, 5 institution, 6 awarded, 7 level, 8 codes,
9 the extract, results from 10 on. A missing line leaves a gap and is never renumbered.
The facts are machine data of a sealed file; the words around them are made here,
because the verifier knows nothing of the room that issues.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from babel import Locale
from babel.dates import format_date, format_skeleton, format_time, get_timezone

from keys.moments import parse

if TYPE_CHECKING:
    from verifier.verdict import Facts

Translate = Callable[[str], str]
_LOCALES = {"nl": "nl_NL", "en": "en_GB", "de": "de_DE"}
_CLOCK = {"nl": "HH.mm", "en": "HH:mm", "de": "HH:mm"}
_DATE = re.compile(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", re.ASCII)
FIRST_RESULT = 10
PERSON_LINES = (1, 2)
"""Lines to compare with the person."""


@dataclass(frozen=True, slots=True)
class Part:
    """One text on a line; `language` where it is not that of the page, `note` for a remark."""

    text: str
    language: str | None = None
    lead: str = ""
    is_note: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A numbered line with its label and what stands on it."""

    number: int
    label: str
    parts: tuple[Part, ...]

    @property
    def is_about_the_person(self) -> bool:
        """Whether this line is to be compared with the person."""
        return self.number in PERSON_LINES


def numbered_lines(facts: Facts, language: str, translate: Translate) -> tuple[Line, ...]:
    """All lines that the facts support, in the language of the page."""
    page = _Page(facts, language, translate)
    made = (
        Line(number, translate(label), tuple(parts))
        for number, (label, parts) in enumerate(page.lines(), 1)
    )
    results = tuple(page.results())
    return (*(line for line in made if line.parts), *results)


class _Page:
    """The lines of one document in one language."""

    def __init__(self, facts: Facts, language: str, translate: Translate) -> None:
        self._facts = facts
        self._language = language
        self._translate = translate

    def lines(self) -> Iterator[tuple[str, Iterable[Part]]]:
        """Labels and parts of lines 1 to 9."""
        yield "Name", self._name()
        yield "Born", self._born()
        yield "Diploma", self._diploma()
        yield "Degree", self._plain(self._of("award", "degree"))
        yield "Institution", self._institution()
        yield "Awarded", self._awarded()
        yield "Level", self._level()
        yield "Codes", self._codes()
        yield "Extract", self._extract()

    def results(self) -> Iterator[Line]:
        """One line per result, its subject as the label."""
        for number, result in enumerate(self._facts.get("results", []), FIRST_RESULT):
            subject = self._leading(result.get("subject", []))
            parts = (*self._plain(", ".join(self._marks(result))), *self._exams(result))
            if parts:
                yield Line(number, subject.text, parts)

    def _marks(self, result: dict[str, Any]) -> Iterator[str]:
        yield from (self._mark(str(result[key])) for key in ("final", "level") if key in result)
        if "credits" in result:
            credit = self._translate("{credits} ECTS credits")
            yield credit.format(credits=self._mark(str(result["credits"])))

    def _exams(self, result: dict[str, Any]) -> Iterator[Part]:
        """What stands beside the final mark on paper: both exams, and whether it counts."""
        exams = {"schoolExam": "School exam", "centralExam": "Central exam"}
        told = [
            f"{self._translate(label)}: {self._mark(str(result[key]))}"
            for key, label in exams.items()
            if result.get(key)
        ]
        told += [] if result.get("counted", True) else [self._translate("outside the result")]
        if told:
            yield Part(", ".join(told), is_note=True)

    def _of(self, group: str, member: str, default: Any = "") -> Any:  # noqa: ANN401 - JSON
        return self._facts.get(group, {}).get(member, default)

    def _plain(self, text: str) -> Iterator[Part]:
        if text:
            yield Part(text)

    def _name(self) -> Iterator[Part]:
        yield Part(self._of("holder", "name") or self._translate("Name unknown"))

    def _born(self) -> Iterator[Part]:
        birth = self._of("holder", "birthDate")
        place, country = self._of("holder", "birthPlace"), self._of("holder", "birthCountry")
        territories = Locale.parse(_LOCALES[self._language]).territories
        where = ", ".join(one for one in (place, territories.get(country, country)) if one)
        when = self._date(birth) if birth or not where else self._translate("date unknown")
        if where:
            when = self._translate("{date} in {place}").format(date=when, place=where)
        yield Part(when)

    def _diploma(self) -> Iterator[Part]:
        yield from self._titles(self._of("programme", "title", []))
        profile = self._leading(self._of("award", "profile", []))
        if profile.text:
            yield Part(profile.text, profile.language, self._translate("Profile:"))

    def _titles(self, texts: list[dict[str, str]]) -> Iterator[Part]:
        if not texts:
            return
        first = self._leading(texts)
        yield first
        original = texts[0]
        if original["text"] != first.text:
            lead = self._translate("Original title:")
            yield Part(original["text"], self._unless(original["language"]), lead)

    def _leading(self, texts: list[dict[str, str]]) -> Part:
        if not texts:
            return Part("")
        here = [one for one in texts if one["language"] == self._language]
        chosen = here[0] if here else texts[0]
        return Part(chosen["text"], self._unless(chosen["language"]))

    def _unless(self, language: str) -> str | None:
        return None if language == self._language else language

    def _institution(self) -> Iterator[Part]:
        then, now = self._of("institution", "name"), self._of("institution", "nameToday")
        language = self._unless("nl") if self._of("institution", "country") == "NL" else None
        if then:
            yield Part(then, language)
        if now and now != then:
            yield Part(now, language, self._translate("Today:"))

    def _awarded(self) -> Iterator[Part]:
        awarded, result = self._of("award", "awarded"), self._of("award", "result")
        words = {"passed": self._translate("passed"), "rejected": self._translate("rejected")}
        shape = self._translate("{date}, {result}")
        if result:
            told = words.get(result, result)
            yield Part(shape.format(date=self._date(awarded), result=told))

    def _level(self) -> Iterator[Part]:
        eqf_name = "EQR" if self._language == "de" else "EQF"
        reached = (
            ("NLQF", self._of("programme", "nlqf")),
            (eqf_name, self._of("programme", "eqf")),
        )
        yield from self._plain(", ".join(f"{name} {level}" for name, level in reached if level))

    def _codes(self) -> Iterator[Part]:
        shape = self._translate("Institution {institution}, programme {programme}")
        institution, programme = self._of("institution", "code"), self._of("programme", "code")
        if institution and programme:
            yield Part(shape.format(institution=institution, programme=programme))

    def _extract(self) -> Iterator[Part]:
        yield from self._plain(str(self._facts.get("number", "")))
        local = _dutch_time(str(self._facts.get("issuedAt", "")))
        if local is not None:
            locale = _LOCALES[self._language]
            told = self._translate("Issued on {date} at {time} (Dutch time)").format(
                date=format_date(local.date(), format="long", locale=locale),
                time=format_time(local, format=_CLOCK[self._language], locale=locale),
            )
            yield Part(told, is_note=True)

    def _date(self, text: str) -> str:
        """A date as far as it is known, with what is not known said in words."""
        found, locale = _DATE.fullmatch(text), _LOCALES[self._language]
        if found is None:
            return self._translate("unknown")
        year, month, day = (int(part) if part else 0 for part in found.groups())
        try:
            whole = date(year, month or 1, day or 1)
        except ValueError:
            return text
        if not month:
            return self._translate("{year} (day and month unknown)").format(year=year)
        if not day:
            shown = format_skeleton("yMMMM", whole, locale=locale)
            return self._translate("{month} (day unknown)").format(month=shown)
        return format_date(whole, format="long", locale=locale)

    def _mark(self, mark: str) -> str:
        """A mark as registered, with the decimal sign of the page, or in its words."""
        if mark in {"passed", "failed"}:
            return self._translate(mark)
        is_decimal = re.fullmatch(r"\d+\.\d+", mark, re.ASCII) is not None
        return mark.replace(".", ",") if is_decimal and self._language != "en" else mark


def _dutch_time(text: str) -> datetime | None:
    try:
        return parse(text).astimezone(get_timezone("Europe/Amsterdam"))
    except (ValueError, OverflowError):  # no moment, or one that is beyond the last year here
        return None
