"""What a visitor fills in: whom to ask, and whose results are expected."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from credentials.extract import Language
from credentials.wording import country_in_words
from emrex.receiving.document import plain
from emrex.receiving.fetch import Expected
from emrex.receiving.listing import key_of
from emrex.receiving.ports import Listing
from emrex.registry.reading import Provider

FIELDS = ("provider", "name", "born")
_TYPED = re.compile(r"(\d{1,2})[-./ ](\d{1,2})[-./ ](\d{4})", re.ASCII)
"""What people type where a browser has no field for dates."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A form as it was filled in, and what could be made of it."""

    typed: Mapping[str, str]
    provider: Provider | None = None
    expected: Expected | None = None

    @property
    def missing(self) -> tuple[str, ...]:
        """The fields that have to be filled in again."""
        found = {
            "provider": self.provider is not None,
            "name": bool(self.typed["name"]),
            "born": born_on(self.typed["born"]) is not None,
        }
        return tuple(name for name, is_there in found.items() if not is_there)


EMPTY = Wish(dict.fromkeys(FIELDS, ""))


def wish(fields: Mapping[str, object], listing: Listing) -> Wish:
    """Read a form against the list that it was made from."""
    typed = {name: plain(str(fields.get(name, ""))) for name in FIELDS}
    provider = next((one for one in listing.providers if key_of(one) == typed["provider"]), None)
    born = born_on(typed["born"])
    expected = Expected(typed["name"], born) if born and typed["name"] else None
    return Wish(typed, provider, expected)


def born_on(text: str) -> date | None:
    """A date as a browser sends it, or as people type it: day, month and year."""
    typed = _TYPED.fullmatch(text)
    try:
        if typed:
            return date(int(typed[3]), int(typed[2]), int(typed[1]))
        return date.fromisoformat(text)
    except ValueError:
        return None


def by_country(listing: Listing, language: Language) -> list[tuple[str, list[tuple[str, str]]]]:
    """Countries by name, and who can be asked there: the key of the form, and a name."""
    found: dict[str, list[tuple[str, str]]] = {}
    for one in listing.providers:
        country = country_in_words(plain(one.country), language)
        found.setdefault(country, []).append((plain(one.label), key_of(one)))
    return [
        (country, [(key, name) for name, key in sorted(some)])
        for country, some in sorted(found.items())
    ]
