"""The facts of an overview as numbered lines, with the same numbers as on its pages.

Line 1 name, 2 born, 3 how many diplomas; each award then has seven numbers (diploma, kind,
degree, institution, awarded, level, codes) and its results those that follow; the overview
itself is the last line. What a line says is what it says of a single extract (`lines`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from verifier.lines import FIRST_RESULT, Line, Part, Translate, numbered_lines

if TYPE_CHECKING:
    from verifier.verdict import Facts

FIRST_AWARD, AWARD_LINES = 4, 7
_EXTRACT = 9
_PLACES = {3: 0, 4: 2, 5: 3, 6: 4, 7: 5, 8: 6}
"""Where a line of an extract stands among those of its award; its kind is at 1."""


def is_overview(facts: Facts) -> bool:
    """Whether these are the facts of several awards."""
    return "awards" in facts


def overview_lines(facts: Facts, language: str, translate: Translate) -> tuple[Line, ...]:
    """All lines that the facts support, in the language of the page."""
    return tuple(_lines(facts, language, translate))


def _lines(facts: Facts, language: str, translate: Translate) -> Iterator[Line]:
    shared = {name: value for name, value in facts.items() if name != "awards"}
    alone = {line.number: line for line in numbered_lines(shared, language, translate)}
    yield from (alone[number] for number in (1, 2) if number in alone)
    yield Line(3, translate("Diplomas"), (Part(str(len(facts["awards"]))),))
    first = FIRST_AWARD
    for award in facts["awards"]:
        lines = numbered_lines(shared | award, language, translate)
        yield from sorted(_award(award, lines, first, translate), key=lambda line: line.number)
        first += AWARD_LINES + len(award.get("results", []))
    if _EXTRACT in alone:
        yield Line(first, translate("Overview"), alone[_EXTRACT].parts)


def _award(
    award: Facts, lines: tuple[Line, ...], first: int, translate: Translate
) -> Iterator[Line]:
    yield Line(first + 1, translate("Kind"), (Part(_kind(award, translate)),))
    for line in lines:
        if line.number in _PLACES:
            yield replace(line, number=first + _PLACES[line.number])
        elif line.number >= FIRST_RESULT:
            yield replace(line, number=first + AWARD_LINES + line.number - FIRST_RESULT)


def _kind(award: Facts, translate: Translate) -> str:
    """By the rule of the register: a part is a certificate, and NT2 is a state exam."""
    stated = award.get("award", {})
    if stated.get("partial"):
        return translate("Certificate")
    return translate("State exam") if stated.get("sector") == "NT2" else translate("Diploma")
