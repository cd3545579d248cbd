"""Our own words around the facts: the closing, the block to check the paper with, the foot.

They are the same on every sheet of one house in one language, so they are set once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from credentials.press import figures as f
from credentials.press.facts import ORDINAL, REMARK, remark
from credentials.press.paragraphs import Line, Piece, set_lines
from credentials.press.shaping import ADDRESS, SANS, SERIF, Look
from credentials.sheet import Json

_ADVICE = 19 * f.MM
_UNBROKEN = re.compile(r"\S+/contact\.?")
_LEADING, _SMALL_LEADING, _ITEMS = 6.0, 4.0, 5.2
_UNDER_QUESTION, _UNDER_LEAD = 3 * f.MM, 1.2 * f.MM
_PARAGRAPH = 0.9 * f.LEAD


@dataclass(frozen=True, slots=True)
class Advice:
    """One piece of advice with its heading."""

    about: Line
    lines: tuple[Line, ...]
    down: tuple[float, ...]
    """Bases of the lines, below the top of the block."""


@dataclass(frozen=True, slots=True)
class Check:
    """The block at the foot of page 1."""

    question: Line
    question_down: float
    lead: tuple[Line, ...]
    lead_down: tuple[float, ...]
    advice: tuple[Advice, ...]
    height: float


@dataclass(frozen=True, slots=True)
class Closing:
    """What stands under the last rule."""

    lines: tuple[tuple[Line, float], ...]
    """Lines with their bases, below the top of the block."""
    height: float


def heading(text: str, language: str) -> Line:
    """A heading on one line."""
    return one_line(Piece(text, Look(SERIF), f.HEADING, f.INK, language))


def one_line(*pieces: Piece) -> Line:
    """Pieces that are never broken.

    Raises:
        Unset: they need more than one line.
    """
    (line,) = set_lines(pieces, f.MEASURE)
    return line


def check_of(words: Json, language: str) -> Check:
    """The block in the words of one house.

    Raises:
        Unset: a text cannot be broken with certainty.
    """
    down = f.ABOVE_CHECK + f.CAP * f.HEADING
    question_down = down
    lead = Piece(words["lead"][0], Look(SANS), f.LEAD, f.INK, language)
    address = replace(lead, text=words["address"], look=Look(ADDRESS))
    pieces = [lead, address, replace(lead, text=words["lead"][1])]
    lines = set_lines([piece for piece in pieces if piece.text], f.VALUE_WIDTH)
    down += _UNDER_QUESTION
    lead_down = []
    for _ in lines:
        down += f.SANS_CAP * f.LEAD
        lead_down.append(down)
        down += _LEADING
    down += _UNDER_LEAD + _PARAGRAPH - _LEADING
    advice = []
    for about, text in words["advice"]:
        made = _advice(about, text, language, down)
        advice.append(made)
        down = made.down[-1] + _ITEMS
    text_height = down - _ITEMS
    height = max(f.ABOVE_CHECK + f.CODE, text_height)
    return Check(
        heading(words["question"], language), question_down,
        tuple(lines), tuple(lead_down), tuple(advice), height,
    )  # fmt: skip


def _advice(about: str, text: str, language: str, down: float) -> Advice:
    body = Piece(text, Look(SANS), f.SMALL, f.INK, language)
    found = _UNBROKEN.search(text)
    pieces = [body]
    if found:
        parts = (text[: found.start()], found.group(0), text[found.end() :])
        cut = [replace(body, text=part, boxed=n == 1) for n, part in enumerate(parts)]
        pieces = [piece for piece in cut if piece.text]
    lines = set_lines(pieces, f.VALUE_WIDTH - _ADVICE)
    bases = []
    for _ in lines:
        down += f.SANS_CAP * f.SMALL
        bases.append(down)
        down += _SMALL_LEADING
    return Advice(one_line(remark(about, language)), tuple(lines), tuple(bases))


ADVICE_LEFT = f.EDGE + f.VALUES + _ADVICE


def closing_of(words: Json, language: str) -> Closing:
    """The closing in the words of one house.

    Raises:
        Unset: a text cannot be broken with certainty.
    """
    width = f.VALUE_WIDTH - 12 * f.MM
    seal = Piece(words["seal"], Look(SERIF), f.FACT, f.INK, language)
    down, found = f.RING + 5.0, []
    for piece in (seal, remark(words["end"], language)):
        for line in set_lines([piece], width):
            down += f.CAP * piece.size
            found.append((line, down))
            down += f.BETWEEN
    return Closing(tuple(found), down - f.BETWEEN)


def small_line(text: str, language: str, *, tabular: bool = False) -> Line:
    """Our own small words on one line."""
    return one_line(remark(text, language, ORDINAL if tabular else REMARK))
