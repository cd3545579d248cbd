"""How a registered name is written out, and shortened to initials.

The rules are those of the population register's own interface (BRP-API,
`volledigeNaam.feature` and `voorletters.feature`); its table 38 gives the noble
titles. Case is never changed: a prefix stays as somebody is registered.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

from register.records import Name

UNKNOWN_SURNAME = "."
_SPACES = re.compile(" {2,}")


class _Form(NamedTuple):
    """A title of table 38 in its two forms, and the form of the code itself."""

    male: str
    female: str
    own: str


_PREDICATES = {
    "JH": _Form("jonkheer", "jonkvrouw", "jonkheer"),
    "JV": _Form("jonkheer", "jonkvrouw", "jonkvrouw"),
}
_TITLES = {
    "B": _Form("baron", "barones", "baron"),
    "BS": _Form("baron", "barones", "barones"),
    "G": _Form("graaf", "gravin", "graaf"),
    "GI": _Form("graaf", "gravin", "gravin"),
    "H": _Form("hertog", "hertogin", "hertog"),
    "HI": _Form("hertog", "hertogin", "hertogin"),
    "M": _Form("markies", "markiezin", "markies"),
    "MI": _Form("markies", "markiezin", "markiezin"),
    "P": _Form("prins", "prinses", "prins"),
    "PS": _Form("prins", "prinses", "prinses"),
    "R": _Form("ridder", "ridder", "ridder"),
}


def full_name(name: Name) -> str:
    """The whole name: predicate, given names, title, prefix, surname; empty when unknown."""
    surname = "" if name.surname == UNKNOWN_SURNAME else name.surname
    if not (name.given or name.prefix or surname):
        return ""
    parts = (
        _gendered(_PREDICATES, name),
        name.given,
        _gendered(_TITLES, name),
        name.prefix,
        surname,
    )
    return _SPACES.sub(" ", " ".join(part for part in parts if part)).strip(" ")


def _gendered(forms: dict[str, _Form], name: Name) -> str:
    form = forms.get(name.title)
    if form is None:
        return ""
    return {"M": form.male, "V": form.female}.get(name.gender, form.own)


def initials(given: str) -> str:
    """One letter for each given name; a name of one letter stands without a dot."""
    written = ""
    for name in given.split():
        letter = _first_letter(name)
        # After a dot the next letter follows at once, after a bare letter a space.
        gap = " " if written and not written.endswith(".") else ""
        written += gap + letter + ("" if letter == name else ".")
    return written


def _first_letter(name: str) -> str:
    """The first letter with the accents that stand on it as separate characters."""
    end = 1
    while end < len(name) and unicodedata.combining(name[end]):
        end += 1
    return name[:end]
