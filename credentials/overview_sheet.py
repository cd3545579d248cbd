"""An overview as the words and facts of its pages, as `sheet` does for an extract.

It has no code to scan: a code holds the facts of one award, and the extract of each has its own.
"""

from __future__ import annotations

from functools import lru_cache

from credentials.coverage import require_sans, require_serif
from credentials.overview import Overview
from credentials.overview_lines import Section, closing_line, opening_lines, sections
from credentials.sheet import (
    House,
    Json,
    line_told,
    part_told,
    require_covered,
    table_told,
    texts_in,
    words_of,
)
from credentials.wording import Translate

NO_LINE = 0


def overview_sheet(overview: Overview, house: House, translate: Translate) -> Json:
    """Everything on the pages, in reading order.

    Raises:
        UncoveredText: a letter is in none of our fonts.
    """
    opening, last = opening_lines(overview, translate), closing_line(overview, translate)
    require_covered((*opening, last), None)
    return {
        **_words(house, translate),
        "lang": overview.language.value,
        "number": overview.number,
        "issuer": house.issuer,
        "holder": part_told(opening[0].parts[0]),
        "lines": [line_told(line, NO_LINE) for line in opening],
        "awards": [_award(section) for section in sections(overview, translate)],
        "last": line_told(last, NO_LINE),
    }


def _award(section: Section) -> Json:
    require_covered(section.lines, section.table)
    require_serif([section.heading])
    return {
        "heading": section.heading,
        "lines": [line_told(line, section.title_line) for line in section.lines],
        "results": table_told(section.table) if section.table else None,
    }


@lru_cache(maxsize=64)
def _words(house: House, translate: Translate) -> Json:
    """What stands on every overview of one house in one language. Not to be changed.

    Raises:
        UncoveredText: a letter is not in the face for our own words.
    """
    shared = words_of(house, translate)
    own = {
        "title": translate("Overview from the diploma register"),
        "closing": {
            **shared["closing"],
            "end": translate("The overview ends here. It holds no citizen service number (BSN)."),
        },
        "check": {**shared["check"], "advice": _advice(shared["check"], translate)},
    }
    require_sans(texts_in(own))
    return {**shared, **own}


def _advice(check: Json, translate: Translate) -> list[list[str]]:
    """As on an extract, but for the code that is not there."""
    about, _ = check["advice"][0]
    paper = translate("A print is a copy; only the file carries the seal.")
    return [[about, paper], *check["advice"][1:]]
