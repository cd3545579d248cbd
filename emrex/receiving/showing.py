"""Results from abroad on a page: on the numbered lines of our own diplomas, in its language."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import count, filterfalse

from credentials.extract import Language
from credentials.wording import country_in_words, day_in_words
from emrex.receiving.document import Received, Report, Result, Said, Titles
from emrex.receiving.texts import CONSEQUENCES

Translate = Callable[[str], str]
FIRST_RESULT = 10
"""The number of the first result, as on our own extract."""
NLQF_OF_EQF = {str(level): str(level) for level in range(1, 9)} | {"4": "4 / 4+"}
"""Which Dutch level stands at which European one (nuffic.nl; emrex.md 3.6)."""


@dataclass(frozen=True, slots=True)
class Words:
    """A text; its language where that is not the page's."""

    text: str
    language: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A numbered line."""

    number: int
    label: str
    main: Words
    notes: tuple[Words, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A result in a table."""

    number: int
    title: Words
    note: str
    mark: str
    credit: str


@dataclass(frozen=True, slots=True)
class Section:
    """A diploma, or everything that an institution lists without one."""

    title: Words
    lines: tuple[Line, ...]
    rows: tuple[Row, ...]


def sections(received: Received, language: Language, translate: Translate) -> list[Section]:
    """Everything that was received, in the order of the document."""
    writer = _Writer(language, translate)
    return [one for report in received.reports for one in writer.sections(report)]


def consequences(received: Received) -> list[str]:
    """What the broken rules of the document mean for a reader, each once; English."""
    told = (CONSEQUENCES[one.rule] for one in received.findings if one.rule in CONSEQUENCES)
    return list(dict.fromkeys(told))


def day(text: str, language: Language) -> str:
    """A day in words, or whatever else a document says."""
    try:
        return day_in_words(date.fromisoformat(text[:10]), language)
    except ValueError:
        return text


def _is_whole(one: Result) -> bool:
    """Whether it is a diploma, and no separate result."""
    return bool(one.parts) or one.type == "Degree Programme"


class _Writer:
    """One page in one language."""

    def __init__(self, language: Language, translate: Translate) -> None:
        self._language = language
        self._translate = translate

    def sections(self, report: Report) -> Iterator[Section]:
        """Each diploma by itself, and then what belongs to none."""
        whole = list(filter(_is_whole, report.results))
        loose = list(filterfalse(_is_whole, report.results))
        for one in whole:
            yield Section(
                self._leading(one.titles), tuple(self._of(one, report)), self._table(one.parts)
            )
        if loose or not whole:
            title = Words(self._translate("Separate results"))
            lines = tuple(self._institution(report))
            yield Section(title, lines, self._table(loose))

    def _of(self, one: Result, report: Report) -> Iterator[Line]:
        title = self._leading(one.titles)
        yield Line(3, self._translate("Diploma"), title, tuple(self._original(one.titles, title)))
        yield from self._institution(report)
        notes = [one.mark, *self._credits(one)]
        awarded = ", ".join(filter(None, (day(one.day, self._language), self._status(one.status))))
        told = tuple(Words(note) for note in notes if note)
        yield Line(6, self._translate("Awarded"), Words(awarded), told)
        yield from self._level(one)

    def _institution(self, report: Report) -> Iterator[Line]:
        name = self._leading(report.institution)
        where = country_in_words(report.country, self._language) if report.country else ""
        notes = (*self._original(report.institution, name), *((Words(where),) if where else ()))
        yield Line(5, self._translate("Institution"), name, notes)

    def _level(self, one: Result) -> Iterator[Line]:
        if not one.levels:
            return
        stated = {kind for kind, _ in one.levels}
        dutch = [NLQF_OF_EQF.get(level, "") for kind, level in one.levels if kind == "EQF"]
        note = self._translate("In the Dutch framework that is NLQF {level}.")
        notes = [note.format(level=level) for level in dutch if level and "NLQF" not in stated]
        label = self._translate("Level")
        yield Line(7, label, Words(", ".join(self._levels(one))), tuple(map(Words, notes)))

    def _levels(self, one: Result) -> Iterator[str]:
        for kind, level in one.levels:
            is_german = kind == "EQF" and self._language is Language.DE
            yield f"{'EQR' if is_german else kind} {level}".strip()

    def _table(self, results: Iterable[Result]) -> tuple[Row, ...]:
        return tuple(map(self._row, count(FIRST_RESULT), results))

    def _row(self, number: int, one: Result) -> Row:
        told = (day(one.day, self._language), *self._levels(one))
        note = ", ".join(filter(None, told))
        mark = one.mark or self._status(one.status)
        if one.mark and one.status not in {"passed", ""}:
            mark = f"{one.mark} ({self._status(one.status)})"
        return Row(number, self._leading(one.titles), note, mark, ", ".join(self._credits(one)))

    def _status(self, status: str) -> str:
        words = {
            "passed": self._translate("passed"),
            "failed": self._translate("failed"),
            "in-progress": self._translate("not finished"),
        }
        return words.get(status, self._translate("result unknown"))

    def _credits(self, one: Result) -> Iterator[str]:
        for scheme, value in one.credits:
            if scheme.casefold() == "ects":
                yield self._translate("{credits} ECTS credits").format(credits=value)
            else:
                yield f"{value} {scheme}".strip()

    def _leading(self, titles: Titles) -> Words:
        """In the language of the page, else in English, else the first."""
        if not titles:
            return Words(self._translate("Without a title"))
        return self._words(next(filter(self._is_here, titles), self._english(titles)))

    def _is_here(self, said: Said) -> bool:
        return said.language.partition("-")[0].lower() == self._language

    def _english(self, titles: Titles) -> Said:
        named = (one for one in titles if one.language.lower().startswith("en"))
        return next(named, titles[0])

    def _original(self, titles: Titles, leading: Words) -> Iterator[Words]:
        if titles and titles[0].text != leading.text:
            yield self._words(titles[0])

    def _words(self, said: Said) -> Words:
        return Words(said.text, "" if self._is_here(said) else said.language)
