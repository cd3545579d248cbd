"""The numbered lines of an overview: those of the extracts, one award after the other.

Line 1 name, 2 born, 3 how many diplomas; then each award has seven numbers, of which 1 is the
diploma, 2 its kind, 3 degree, 4 institution, 5 awarded, 6 level, 7 codes, and its results have
those that follow. The overview itself is the last line. A line without a fact is left out and
its number stays free, so the same fact has the same number on paper and on screen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from credentials.extract import Extract
from credentials.lines import Line, Part, numbered_lines
from credentials.overview import Overview
from credentials.results import FIRST_ROW, ResultTable, result_table
from credentials.wording import Translate
from register.kinds import CERTIFICATE, STATE_EXAM, kind_of

FIRST_AWARD: Final = 4
AWARD_LINES: Final = 7
_EXTRACT: Final = 9
_PLACES: Final[Mapping[int, int]] = {3: 0, 4: 2, 5: 3, 6: 4, 7: 5, 8: 6}
"""Where a numbered line of an extract stands among those of its award; the kind is at 1."""


@dataclass(frozen=True, slots=True)
class Section:
    """One award: its heading, its lines, its results."""

    heading: str
    lines: tuple[Line, ...]
    table: ResultTable | None

    @property
    def title_line(self) -> int:
        """The number of the line with the diploma."""
        return self.lines[0].number


def opening_lines(overview: Overview, translate: Translate) -> tuple[Line, ...]:
    """Whose they are, and how many: a page less would be missed."""
    of_person = numbered_lines(overview.parts[0], translate)[:2]
    count = Part(str(len(overview.records)))
    return (*of_person, Line(3, translate("Diplomas"), (count,)))


def sections(overview: Overview, translate: Translate) -> tuple[Section, ...]:
    """Every award in the order of the overview."""
    heading = translate("Diploma {place} of {count}")
    return tuple(
        Section(
            heading.format(place=place, count=len(overview.records)),
            _lines(part, first, translate),
            _table(part, first, translate),
        )
        for place, (part, first) in enumerate(_numbered(overview), 1)
    )


def closing_line(overview: Overview, translate: Translate) -> Line:
    """The overview itself: its number, and when it was made."""
    *_, (last, first) = _numbered(overview)
    (made,) = (one for one in numbered_lines(last, translate) if one.number == _EXTRACT)
    return Line(_behind(last, first), translate("Overview"), made.parts)


def _numbered(overview: Overview) -> Iterator[tuple[Extract, int]]:
    """Each award with its first number."""
    first = FIRST_AWARD
    for part in overview.parts:
        yield part, first
        first = _behind(part, first)


def _behind(part: Extract, first: int) -> int:
    return first + AWARD_LINES + len(part.record.award.results)


def _lines(part: Extract, first: int, translate: Translate) -> tuple[Line, ...]:
    told = [
        replace(line, number=first + _PLACES[line.number])
        for line in numbered_lines(part, translate)
        if line.number in _PLACES
    ]
    return (told[0], _kind(part, first + 1, translate), *told[1:])


def _kind(part: Extract, number: int, translate: Translate) -> Line:
    words = {CERTIFICATE: translate("Certificate"), STATE_EXAM: translate("State exam")}
    kind = words.get(kind_of(part.record.award), translate("Diploma"))
    return Line(number, translate("Kind"), (Part(kind),))


def _table(part: Extract, first: int, translate: Translate) -> ResultTable | None:
    table = result_table(part, translate)
    if table is None:
        return None
    later = first + AWARD_LINES - FIRST_ROW
    rows = tuple(replace(row, number=row.number + later) for row in table.rows)
    return replace(table, rows=rows)
