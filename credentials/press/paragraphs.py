"""Texts in lines: where a line ends, greedily, as the reference renderer breaks without justifying.

Only the breaks are taken of which UAX 14 leaves no doubt: behind a space, behind a hyphen
between letters, around words that are held together. A text that has to be broken and
holds anything else is `Unset`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, NamedTuple

from credentials.press.faces import Run, run
from credentials.press.shaping import Look
from credentials.press.unset import Unset

_KEPT: Final = re.compile(r"\b[^\W\d_]{1,3}[-\u2019'][^\s-]+|\S+ \S{1,3}\Z")
"""Words that stay on one line: `whole` in templates/parts.typ."""
_BOX: Final = "\ufffc"
_CLOSING: Final = frozenset(",.;:!?)]")
_OPENING: Final = frozenset("([")
_QUOTES: Final = frozenset("'\"\u2019")
_TOLERANCE: Final = 1e-4


@dataclass(frozen=True, slots=True)
class Piece:
    """A text in one look."""

    text: str
    look: Look
    size: float
    colour: bytes
    shaped_in: str
    language: str | None = None
    """What the reader is told, None for the language of the document."""
    boxed: bool = False
    """Never broken, and set on its own."""
    before: float = 0.0
    """Space before it, but not at the start of a line."""


class Span(NamedTuple):
    """A run on its line."""

    x: float
    run: Run
    piece: Piece


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its runs and their width without a last space."""

    spans: tuple[Span, ...]
    width: float


def held_together(piece: Piece) -> list[Piece]:
    """The piece with its kept words boxed; what stands before and behind is looked at anew."""
    found = _KEPT.search(piece.text)
    if found is None:
        return [piece] if piece.text else []
    before = replace(piece, text=piece.text[: found.start()])
    box = replace(piece, text=found.group(0), boxed=True)
    behind = replace(piece, text=piece.text[found.end() :])
    return [*held_together(before), box, *held_together(behind)]


def set_lines(pieces: Sequence[Piece], width: float) -> list[Line]:
    """The pieces one behind the other, in lines of that width.

    Raises:
        Unset: it has to be broken where the break is not certain.
    """
    whole = _line(pieces)
    return [whole] if whole.width <= width + _TOLERANCE else list(_broken(pieces, width))


def natural_width(pieces: Sequence[Piece]) -> float:
    """The width on one line."""
    return _line(pieces).width


def _line(pieces: Sequence[Piece]) -> Line:
    spans: list[Span] = []
    x = spare = 0.0
    for piece in pieces:
        made = run(piece.text, piece.look, piece.shaped_in)
        if spans:
            x += piece.before
        spans.append(Span(x, made, piece))
        x += made.units * piece.size / 1000
        spare = made.last * piece.size / 1000 if made.text.endswith(" ") else 0.0
    return Line(tuple(spans), x - spare)


def _broken(pieces: Sequence[Piece], width: float) -> Iterator[Line]:
    text = "".join(" " * bool(piece.before) + _shown(piece) for piece in pieces)
    start, last = 0, 0
    ends = [*_breaks(text), len(text)]
    for end in ends:
        attempt = _line(_slice(pieces, start, end))
        if attempt.width > width + _TOLERANCE and last > start:
            yield _line(_slice(pieces, start, last))
            start = last
            attempt = _line(_slice(pieces, start, end))
        if attempt.width > width + _TOLERANCE:
            raise Unset("a word is wider than its line")
        last = end
    yield _line(_slice(pieces, start, len(text)))


def _shown(piece: Piece) -> str:
    """What stands for it where breaks are looked for."""
    return _BOX if piece.boxed else piece.text


def _slice(pieces: Sequence[Piece], start: int, end: int) -> list[Piece]:
    found, at = [], 0
    for piece in pieces:
        at += bool(piece.before)
        length = len(_shown(piece))
        first, last = max(start - at, 0), min(end - at, length)
        if first < last:
            whole = piece.boxed or last - first == length
            found.append(piece if whole else replace(piece, text=piece.text[first:last]))
        at += length
    return found


@lru_cache(maxsize=1024)
def _breaks(text: str) -> tuple[int, ...]:
    """Where a line may end (UAX 14), if that is certain."""
    return tuple(at for at in range(1, len(text)) if _may_break(text, at))


def _may_break(text: str, at: int) -> bool:
    before, behind = text[at - 1], text[at]
    if behind == " ":
        return False
    if before == " ":
        return _may_break_behind_space(text, at)
    if before == "-":
        return _may_break_behind_hyphen(text, at)
    if _BOX in (before, behind):
        return _may_break_at_box(before, behind)
    _require_plain(before)
    return False


def _may_break_behind_space(text: str, at: int) -> bool:
    word = text[:at].rstrip(" ")
    if word[-1:] in _OPENING | _QUOTES or text[at] in _CLOSING | _QUOTES:
        raise Unset("a space beside a bracket or quotation mark")
    return True


def _may_break_behind_hyphen(text: str, at: int) -> bool:
    joined, behind = text[:at][-2:-1], text[at]
    if joined.isalnum() and behind.isdigit():
        return False
    if joined in {"", " ", "-"} or not (behind.isalpha() or behind == _BOX):
        raise Unset("a hyphen that joins no letters")
    return True


def _may_break_at_box(before: str, behind: str) -> bool:
    other = before if behind == _BOX else behind
    if other in _QUOTES or before in _OPENING or behind in _CLOSING:
        return False
    if not (other.isalnum() or other in "-" + _BOX):
        raise Unset("a sign beside words that stay together")
    return True


def _require_plain(sign: str) -> None:
    if not (
        sign.isalnum() or sign in _QUOTES or sign in _CLOSING or sign in _OPENING or sign in "&_"
    ):
        raise Unset("a sign that may end a line")
