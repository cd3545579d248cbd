"""Results as numbered rows: one number per fact in the whole document, from 10 on.

The table shows the columns that the award has facts for. Secondary education always
shows school exam, central exam and final mark, because a missing central exam is
itself a fact (register.md 2.6).
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from credentials.extract import Extract, Language
from credentials.lines import Kind, Part, leading_title
from credentials.wording import Translate, day_in_words, mark_in_words
from register.records import Result, Sector

FIRST_ROW = 10


class Column(enum.StrEnum):
    """What a column holds; the order is that of the table."""

    SUBJECT = "subject"
    LEVEL = "level"
    CREDITS = "credits"
    DAY = "day"
    SCHOOL_EXAM = "school-exam"
    CENTRAL_EXAM = "central-exam"
    FINAL = "final"


@dataclass(frozen=True, slots=True)
class Row:
    """One numbered result; a cell may hold a fact and a remark."""

    number: int
    cells: tuple[tuple[Part, ...], ...]


@dataclass(frozen=True, slots=True)
class ResultTable:
    """The results of one award with the words around them."""

    title: str
    columns: tuple[tuple[Column, str], ...]
    rows: tuple[Row, ...]
    remarks: tuple[Part, ...]


def result_table(extract: Extract, translate: Translate) -> ResultTable | None:
    """The results in the language of `translate`, or None when the award has none."""
    award = extract.record.award
    if not award.results:
        return None
    labels = _labels(award.sector, translate)
    columns = tuple(column for column in Column if _shown(column, award.sector, award.results))
    rows = tuple(
        Row(number, tuple(tuple(_CELLS[c](result, extract, translate)) for c in columns))
        for number, result in enumerate(award.results, FIRST_ROW)
    )
    remarks = tuple(_remarks(extract, translate))
    return ResultTable(
        _title(award.sector, translate), tuple((c, labels[c]) for c in columns), rows, remarks
    )


def _title(sector: Sector, translate: Translate) -> str:
    if sector is Sector.VO:
        return translate("Subjects and marks")
    return translate("Parts") if sector is Sector.NT2 else translate("Results")


def _labels(sector: Sector, translate: Translate) -> dict[Column, str]:
    final = translate("Result") if sector is Sector.NT2 else translate("Mark")
    subject = translate("Part") if sector is Sector.NT2 else translate("Subject")
    return {
        Column.SUBJECT: subject,
        Column.LEVEL: translate("Level"),
        Column.CREDITS: translate("ECTS credits"),
        Column.DAY: translate("Awarded on"),
        Column.SCHOOL_EXAM: translate("School exam"),
        Column.CENTRAL_EXAM: translate("Central exam"),
        Column.FINAL: translate("Final mark") if sector is Sector.VO else final,
    }


def _shown(column: Column, sector: Sector, results: tuple[Result, ...]) -> bool:
    exams = (Column.SCHOOL_EXAM, Column.CENTRAL_EXAM, Column.FINAL)
    if column is Column.SUBJECT or (sector is Sector.VO and column in exams):
        return True
    field = column.value.replace("-", "_")
    return any(getattr(result, field) for result in results)


def _subject(result: Result, extract: Extract, translate: Translate) -> Iterator[Part]:
    """The subject; where no German name is registered, English helps the German reader."""
    first = leading_title(result.subject, extract.language)
    yield first
    english = result.subject.in_language("en")
    translated = result.subject.in_language(extract.language)
    if extract.language is Language.DE and not translated and english and english != first.text:
        yield Part(english, "en", Kind.ALSO)
    if not result.counted:
        yield Part(translate("outside the result"), kind=Kind.NOTE)


def _credits(result: Result, extract: Extract, _: Translate) -> Iterator[Part]:
    yield from _fact(mark_in_words(result.credits, extract.language))


def _level(result: Result, _: Extract, __: Translate) -> Iterator[Part]:
    yield from _fact(result.level)


def _day(result: Result, extract: Extract, _: Translate) -> Iterator[Part]:
    yield from _fact(day_in_words(result.day, extract.language) if result.day else "")


def _school_exam(result: Result, extract: Extract, translate: Translate) -> Iterator[Part]:
    yield from _exam(result.school_exam, extract, translate)


def _central_exam(result: Result, extract: Extract, translate: Translate) -> Iterator[Part]:
    yield from _exam(result.central_exam, extract, translate)


def _exam(mark: str, extract: Extract, translate: Translate) -> Iterator[Part]:
    if mark:
        yield Part(mark_in_words(mark, extract.language))
    elif extract.record.award.sector is Sector.VO:
        yield Part(translate("no exam"), kind=Kind.NOTE)


def _final(result: Result, extract: Extract, translate: Translate) -> Iterator[Part]:
    outcomes = {
        "passed": translate("passed"),
        "failed": translate("failed"),
        "rejected": translate("rejected"),
    }
    words = mark_in_words(result.final, extract.language)
    yield from _fact(outcomes.get(result.final, words))


def _fact(text: str) -> Iterator[Part]:
    if text:
        yield Part(text)


def _remarks(extract: Extract, translate: Translate) -> Iterator[Part]:
    award = extract.record.award
    if award.sector is not Sector.VO:
        return
    yield Part(
        translate("Marks run from 1 to 10. From 5.5, rounded to 6, is a pass."), kind=Kind.NOTE
    )
    if award.thesis:
        thesis = Part(award.thesis, "nl" if extract.language is not Language.NL else None)
        yield replace(thesis, kind=Kind.ALSO, lead=translate("Research project:"))


_CELLS: dict[Column, Callable[[Result, Extract, Translate], Iterator[Part]]] = {
    Column.SUBJECT: _subject,
    Column.LEVEL: _level,
    Column.CREDITS: _credits,
    Column.DAY: _day,
    Column.SCHOOL_EXAM: _school_exam,
    Column.CENTRAL_EXAM: _central_exam,
    Column.FINAL: _final,
}
