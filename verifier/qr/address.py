"""Whose address a QR code names. Exactly ours, letter for letter, or not ours (checklist 11).

A camera shows people only the beginning of an address, and cloned check sites live by
that. So nothing is normalised before comparing: another case, a port, a user name, a
dot at the end or an escaped letter is another address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum
from urllib.parse import unquote

from verifier.imitation import skeleton

_FORM = re.compile(r"2KC[A-Z2-7]{97,}", re.IGNORECASE)
_SHARE = re.compile(r"(?:nl|en|de)/share#([A-Za-z0-9_-]{22,64})")
"""After our host: where a share link lives, and its secret of 128 bits or more (3.8)."""
_LONG_ENOUGH = 8
_CLOSE = 0.85


class Whose(StrEnum):
    """What the address of a code is to us."""

    OURS = "ours"
    LOOKALIKE = "lookalike"
    """Not ours, and it carries our payload form or resembles our host."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Named:
    """What a code names: whose address, and the facts that follow it."""

    whose: Whose
    facts: str | None
    """The fragment of exactly our address, or a code that is facts alone."""


def written_in(data: bytes) -> str:
    """The text of a code or a link, without the marks that an editor of texts puts around it."""
    return data.decode("utf-8", "replace").strip(" \t\r\n\ufeff")


def named_by(text: str, address: str) -> Named:
    """Take the text of a code apart; nothing in it is fetched, ever."""
    if _FORM.fullmatch(text):
        return Named(Whose.OURS, text)
    ours = f"https://{address}/"
    if address and text.startswith(ours):
        path, mark, facts = text.removeprefix(ours).partition("#")
        if path and _FORM.fullmatch(facts):  # our form in another place than ours
            return Named(Whose.LOOKALIKE, None)
        return Named(Whose.OURS, facts if mark and not path else None)
    place, _, fragment = text.partition("#")
    claims = _FORM.fullmatch(fragment) is not None or (address and _resembles(place, address))
    return Named(Whose.LOOKALIKE if claims else Whose.OTHER, None)


def share_secret(text: str, address: str) -> str | None:
    """The secret of a share link at exactly our address; None for every other text."""
    ours = f"https://{address}/"
    found = _SHARE.fullmatch(text.removeprefix(ours)) if text.startswith(ours) else None
    return found[1] if found and address else None


def _resembles(place: str, address: str) -> bool:
    """Whether people could take what stands before the fragment for our address."""
    shown = skeleton(_readable(place).removeprefix("https:").removeprefix("http:"))
    host = skeleton(_readable(place).partition("://")[2].partition("/")[0])
    ours, bare = skeleton(address), skeleton(address.rpartition(".")[0])
    if any(len(own) >= _LONG_ENOUGH and own in shown for own in (ours, bare)):
        return True
    return SequenceMatcher(None, host, ours, autojunk=False).ratio() >= _CLOSE


def _readable(place: str) -> str:
    """As a browser would show it: escapes undone, international host names spelled out."""
    plain = unquote(place)[:500]
    try:
        return ".".join(_spelled(label) for label in plain.split("."))
    except UnicodeError:
        return plain


def _spelled(label: str) -> str:
    before, mark, rest = label.casefold().partition("xn--")
    return before + rest.encode("ascii").decode("punycode") if mark else label
