"""A birth date as far as it is known, and never further."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass

from register.errors import InvalidDate

_CANONICAL = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
_REGISTERED = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class PartialDate:
    """Year, month and day, of which the later parts may be unknown.

    Raises:
        InvalidDate: a part is known while the part before it is not, or the
            calendar has no such day.
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None

    def __post_init__(self) -> None:
        """Refuse a day that no calendar has."""
        if (self.month and not self.year) or (self.day and not self.month):
            raise InvalidDate("a month needs its year and a day its month")
        if self.year is not None and not 1 <= self.year <= 9999:  # noqa: PLR2004 - ISO 8601 years
            raise InvalidDate("the year has four digits")
        if self.month is not None and not 1 <= self.month <= 12:  # noqa: PLR2004 - as above
            raise InvalidDate("there is no such month")
        if self.year and self.month and self.day is not None:
            last = calendar.monthrange(self.year, self.month)[1]
            if not 1 <= self.day <= last:
                raise InvalidDate("that month has no such day")

    @classmethod
    def parse(cls, text: str) -> PartialDate:
        """Read `YYYY`, `YYYY-MM`, `YYYY-MM-DD`, or nothing at all.

        Raises:
            InvalidDate: the text has another form, or names an impossible day.
        """
        if not text:
            return cls()
        match = _CANONICAL.fullmatch(text)
        if match is None:
            raise InvalidDate("write a date as YYYY, YYYY-MM or YYYY-MM-DD")
        return cls(*(int(part) if part else None for part in match.groups()))

    @classmethod
    def registered(cls, digits: str) -> PartialDate:
        """Read the population register's eight digits, where `00` is unknown.

        Raises:
            InvalidDate: not eight digits, or an impossible day.
        """
        match = _REGISTERED.fullmatch(digits)
        if match is None:
            raise InvalidDate("a registered date has eight digits")
        return cls(*(int(part) or None for part in match.groups()))

    def __str__(self) -> str:
        """Canonical form for data exchange; empty when nothing is known."""
        known = [f"{self.year:04d}"] if self.year else []
        known += [f"{part:02d}" for part in (self.month, self.day) if part]
        return "-".join(known)
