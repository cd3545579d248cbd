"""Codes of institutions, programmes and levels: their forms, and how levels are ordered.

Patterns that may change (CROHO/ISAT is unverified) and the years in which the
register's coverage begins are data, in `register/data/`, with their source.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

from register.errors import InvalidCode

_BRIN = re.compile(r"[0-9]{2}[A-Z]{2}(?:[0-9]{2})?")
_FIVE_DIGITS = re.compile(r"[0-9]{5}")
_SEPARATORS = str.maketrans("", "", " .-")
_PROGRAMME_FORMS = {"crebo": _FIVE_DIGITS, "isat": _FIVE_DIGITS}
NLQF_ORDER = ("1", "2", "3", "4", "4+", "5", "6", "7", "8")
"""Lowest first. `4+` (vwo) stands between havo and the associate degree."""


@dataclass(frozen=True, slots=True)
class Level:
    """A kind of qualification with its two levels."""

    qualification: str
    nlqf: str
    eqf: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """From when the register holds awards of a sector; None: it never has."""

    sector: str
    funding: str
    """funded or private."""
    valid_from: date | None
    source: str
    note: str


def brin(text: str) -> str:
    """The BRIN without separators and in capitals.

    Raises:
        InvalidCode: not two digits, two letters and at most a two-digit site.
    """
    compact = text.translate(_SEPARATORS).upper()
    if not _BRIN.fullmatch(compact):
        raise InvalidCode("A BRIN has two digits, two letters and perhaps a two-digit site.")
    return compact


def nlqf_rank(level: str) -> int:
    """Place of a level in the Dutch framework, lowest first.

    Raises:
        InvalidCode: no such level.
    """
    if level not in NLQF_ORDER:
        raise InvalidCode("There is no such NLQF level.")
    return NLQF_ORDER.index(level)


def check_institution(scheme: str, code: str) -> None:
    """Accept a code in the very form in which it is to be stored.

    Raises:
        InvalidCode: the scheme is "brin" and the code is not one in plain form.
    """
    if scheme == "brin" and brin(code) != code:
        raise InvalidCode("Write a BRIN in capitals, without spaces.")


def check_programme(scheme: str, code: str) -> None:
    """Accept a programme code whose scheme has no form, or whose form it has.

    Raises:
        InvalidCode: a crebo or ISAT code without its five digits.
    """
    form = _PROGRAMME_FORMS.get(scheme)
    if form and not form.fullmatch(code):
        raise InvalidCode("This programme code has five digits.")


def _data(name: str) -> list[dict[str, str | int | None]]:
    text = resources.files("register").joinpath("data", name).read_text("utf-8")
    rows: list[dict[str, str | int | None]] = json.loads(text)["rows"]
    return rows


@cache
def levels() -> tuple[Level, ...]:
    """The table of qualifications and their levels."""
    return tuple(
        Level(str(row["qualification"]), str(row["nlqf"]), int(row["eqf"] or 0))
        for row in _data("levels.json")
    )


@cache
def coverage() -> tuple[Coverage, ...]:
    """Since when the register covers what; earlier awards exist but are not in it."""
    return tuple(
        Coverage(
            sector=str(row["sector"]),
            funding=str(row["funding"]),
            valid_from=date.fromisoformat(str(row["valid_from"])) if row["valid_from"] else None,
            source=str(row["source"]),
            note=str(row["note"] or ""),
        )
        for row in _data("coverage.json")
    )
