"""Languages of the service: which there are, which one a visitor reads, and how dates look in it.

English is the message itself, so only Dutch and German have catalogues. Every room
keeps its own `locales/<language>/<room>.po`; they are read as they stand, so nothing
has to be compiled before the service starts.
"""

from __future__ import annotations

import enum
import io
from collections.abc import Callable, Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path

from babel.core import negotiate_locale
from babel.dates import format_date, format_time, get_timezone
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

Translate = Callable[[str], str]
LOCALES = Path(__file__).resolve().parent.parent / "locales"
TIMEZONE = "Europe/Amsterdam"


class Language(enum.StrEnum):
    """A language that every page exists in; the first part of every page's path."""

    NL = "nl"
    EN = "en"
    DE = "de"


# Each language is called by its own name, so these are never translated.
NAMES: Mapping[Language, str] = {
    Language.NL: "Nederlands",
    Language.EN: "English",
    Language.DE: "Deutsch",
}

_LOCALE = {Language.NL: "nl_NL", Language.EN: "en_GB", Language.DE: "de_DE"}
_JOIN = {Language.NL: "{} om {} uur", Language.EN: "{} at {}", Language.DE: "{} um {} Uhr"}
_CLOCK = {Language.NL: "HH.mm", Language.EN: "HH:mm", Language.DE: "HH:mm"}


@cache
def translations(locales: Path = LOCALES) -> Mapping[Language, NullTranslations]:
    """Read and merge the catalogues of all rooms; English answers with the message itself."""
    return {language: _merged(locales / language) for language in Language}


def _merged(folder: Path) -> NullTranslations:
    files = sorted(folder.glob("*.po"))
    if not files:
        return NullTranslations()
    merged = _read(files[0])
    for file in files[1:]:
        merged.merge(_read(file))
    return merged


def _read(file: Path) -> Translations:
    with file.open("rb") as source:
        catalog = read_po(source, locale=file.parent.name)
    compiled = io.BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled)


def translator(catalogues: Mapping[Language, NullTranslations], language: Language) -> Translate:
    """The function that turns an English message into that language."""
    return catalogues[language].gettext


def negotiate(accept_language: str) -> Language:
    """The first language of an Accept-Language header that we have; Dutch when there is none."""
    wanted = sorted(
        (_weighed(part) for part in accept_language[:200].split(",")), key=lambda pair: -pair[1]
    )
    names = [name for name, weight in wanted if weight > 0]
    found = negotiate_locale(names, [str(language) for language in Language], sep="-")
    return Language(found) if found else Language.NL


def _weighed(part: str) -> tuple[str, float]:
    name, _, quality = part.strip().partition(";q=")
    try:
        return name.split("-")[0].strip().lower(), float(quality) if quality else 1.0
    except ValueError:
        return name, 0.0


def long_date(day: date, language: Language) -> str:
    """A day as people write it: 5 juli 2024, 5 July 2024, 5. Juli 2024."""
    return format_date(day, format="long", locale=_LOCALE[language])


def long_moment(moment: datetime, language: Language) -> str:
    """A moment in Dutch time: 12 juli 2024 om 10.41 uur.

    Moments are kept in UTC; people in the Netherlands read their own clock.
    """
    local = moment.astimezone(get_timezone(TIMEZONE))
    clock = format_time(local, format=_CLOCK[language], locale=_LOCALE[language])
    return _JOIN[language].format(long_date(local.date(), language), clock)


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for "translate me later"
    """Mark a message for the catalogues without translating it here."""
    return message
