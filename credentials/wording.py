"""Dates, times, countries and marks as people read them in one language.

What is not known is said to be not known: no day or month is ever filled in
(register.md 3.1), and a mark is never rounded, only written with the decimal sign
of the language.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton

from credentials.extract import Language
from register.dates import PartialDate

Translate = Callable[[str], str]

DUTCH_TIME = ZoneInfo("Europe/Amsterdam")
_LOCALES = {Language.NL: "nl_NL", Language.EN: "en_GB", Language.DE: "de_DE"}
_DECIMAL = re.compile(r"[0-9]+\.[0-9]+", re.ASCII)


@lru_cache(maxsize=4096)
def day_in_words(day: date, language: Language) -> str:
    """A whole day: `14 mei 2001`, `14 May 2001`, `14. Mai 2001`."""
    return format_date(day, format="long", locale=_LOCALES[language])


def date_in_words(when: PartialDate, language: Language, translate: Translate) -> str:
    """A date as far as it is known, with what is not known said in words."""
    if when.year is None:
        return translate("unknown")
    if when.month is None:
        return translate("{year} (day and month unknown)").format(year=when.year)
    if when.day is None:
        month = date(when.year, when.month, 1)
        words = format_skeleton("yMMMM", month, locale=_LOCALES[language])
        return translate("{month} (day unknown)").format(month=words)
    return day_in_words(date(when.year, when.month, when.day), language)


def clock_in_words(moment: datetime, translate: Translate) -> str:
    """Hour and minute on a Dutch clock, summer time included."""
    local = moment.astimezone(DUTCH_TIME)
    form = translate("{hour}:{minute}")
    return form.format(hour=f"{local:%H}", minute=f"{local:%M}")


def country_in_words(code: str, language: Language) -> str:
    """Name of a country by the Unicode territory list; the code itself where it has none."""
    return str(_territories(language).get(code, code))


@cache
def _territories(language: Language) -> dict[str, str]:
    return dict(Locale.parse(_LOCALES[language]).territories)


def mark_in_words(mark: str, language: Language) -> str:
    """A mark as registered, with the decimal sign of the language."""
    if language is Language.EN or not _DECIMAL.fullmatch(mark):
        return mark
    return mark.replace(".", ",")
