"""The numbered lines and the results as pieces: which look each text has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any, Final

from credentials.press import figures as f
from credentials.press.paragraphs import Line, Piece, held_together, natural_width, set_lines
from credentials.press.shaping import ITALIC, SANS, SERIF, STRONG, Look
from credentials.press.unset import Unset
from credentials.sheet import HOLDER_LINE, TITLE_LINE, Json

OURS: Final = ("nl", "en", "de")
"""Languages whose texts the press sets: no other rule for breaks or letters holds in them."""
REMARK: Final = Look(SANS)
ORDINAL: Final = Look(SANS, tabular=True)
_PER_POINT: Final = 100.0


def remark(text: str, language: str, look: Look = REMARK) -> Piece:
    """Our own small words."""
    return Piece(text, look, f.SMALL, f.SOFT, language)


def stated(part: Json, language: str, size: float, look: Look, colour: bytes = f.INK) -> Piece:
    """What the register states.

    Raises:
        Unset: another script, face or language than the press sets.
    """
    tongue = part["lang"]
    if part["wide"] or part["rtl"] or (tongue and tongue not in OURS):
        raise Unset("another script or language")
    return Piece(part["text"], look, size, colour, tongue or language, tongue)


def pieces_of(part: Json, size: float, face: int, language: str) -> list[Piece]:
    """One part of a line (`part-of` in templates/parts.typ)."""
    if part["kind"] == "note":
        return [remark(part["text"], language)]
    if part["kind"] == "also":
        body = stated(part, language, f.FACT, Look(ITALIC if part["italic"] else SERIF))
    else:
        tracking = -10 if size > f.TITLE else 0
        body = stated(part, language, size, Look(face, tracking=tracking))
    kept = held_together(body) if part["kept"] else [body]
    lead = part["lead"] if part["kind"] == "also" else ""
    return [remark(lead + " ", language), *kept] if lead else kept


def main_size(number: int, name: float) -> tuple[float, int]:
    """Size and face of the leading text of a numbered line."""
    if number == HOLDER_LINE:
        return name, SERIF
    return (f.TITLE, STRONG) if number == TITLE_LINE else (f.FACT, SERIF)


def top_of(part: Json, size: float) -> tuple[float, float]:
    """How far the lines of a part reach above and below their base."""
    if part["kind"] == "note":
        return f.CAP * f.SMALL, 0.0
    if part["kind"] == "also":
        return f.CAP * f.FACT, 0.0
    return f.CAP * size, f.tail_at(size)


def height_of(count: int, above: float, below: float, leading: float = f.BETWEEN) -> float:
    """Of so many lines."""
    return count * (above + below) + (count - 1) * leading


def name_size(part: Json, language: str) -> float:
    """The largest size at which the name needs two lines and no word is broken."""

    def per_point(text: str) -> float:
        set_at = pieces_of({**part, "text": text}, _PER_POINT, SERIF, language)
        return natural_width(set_at) / _PER_POINT

    words = part["text"].replace("-", " ").split(" ")
    longest = max(reversed(words), key=len)
    widest, whole = per_point(longest + "-"), per_point(part["text"])

    def fits(size: float) -> bool:
        if not widest * size < f.VALUE_WIDTH:
            return False
        if whole * size < f.VALUE_WIDTH:
            return True
        lines = set_lines(pieces_of(part, size, SERIF, language), f.VALUE_WIDTH)
        high = height_of(len(lines), *top_of(part, size))
        count = int((high + f.BETWEEN) / (1.1 * size) + 0.5)
        return count <= (2 if size > f.TWO_LINES_FROM else 4)

    found = next(filter(fits, f.NAME_SIZES), None)
    return found or min(f.NAME_FLOOR, 0.97 * f.VALUE_WIDTH / widest)


def set_parts(line: Json, name: float, language: str) -> list[tuple[list[Line], float, float]]:
    """Every part of a numbered line in lines, with how far those reach above and below."""
    size, face = main_size(line["n"], name)
    return [
        (
            set_lines(pieces_of(part, size, face, language), f.VALUE_WIDTH),
            *top_of(part, size),
        )
        for part in line["parts"]
    ]


def facts_height(rows: Sequence[list[tuple[list[Line], float, float]]]) -> float:
    """Of the numbered lines when there is no air between them."""
    total = 0.0
    for row in rows:
        for lines, above, below in row:
            total += f.BETWEEN + height_of(len(lines), above, below)
        total -= f.BETWEEN
    return total


def cell_pieces(parts: Sequence[Json], face: int, width: float, language: str) -> list[Piece]:
    """The texts of one cell; what does not fit behind the first goes to the next line whole."""
    found: list[Piece] = []
    for part in parts:
        if part["kind"] == "note":
            piece = remark(part["text"], language)
        elif part["kind"] == "also":
            piece = stated(part, language, f.TALK, Look(SERIF), f.SOFT)
        else:
            piece = stated(part, language, f.ROW, Look(face, tabular=True))
        boxed = part["kind"] != "main" and natural_width([piece]) < width
        found.append(replace(piece, boxed=boxed, before=6.0 if found else 0.0))
    return found


@lru_cache(maxsize=4096)
def _cell(
    key: tuple[tuple[tuple[str, Any], ...], ...], face: int, width: float, language: str
) -> tuple[Line, ...]:
    parts = [dict(one) for one in key]
    return tuple(set_lines(cell_pieces(parts, face, width, language), width))


def set_cell(parts: Sequence[Json], face: int, width: float, language: str) -> tuple[Line, ...]:
    """The lines of one cell. Subjects and marks come back on many sheets, so they are kept."""
    key = tuple(tuple(part.items()) for part in parts)
    return _cell(key, face, width, language)
