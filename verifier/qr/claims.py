"""The facts of a statement, under the names and lines that they have on paper."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from keys.moments import written
from verifier.qr.cbor import NotDeterministic, decode

if TYPE_CHECKING:
    from verifier.verdict import Facts

_FORMAT, _ISSUED, _LANGUAGE, _PROGRAMME = 0, 14, 13, 4
_KNOWN_FORMAT = 1
_TYPES: Mapping[int, type] = {
    1: str,
    2: str,
    3: str,
    4: str,
    5: str,
    6: str,
    7: str,
    8: str,
    9: str,
    10: str,
    11: str,
    12: int,
    13: str,
    14: int,
}
_PLACES: Mapping[int, tuple[str, str]] = {
    2: ("holder", "name"),
    3: ("holder", "birthDate"),
    5: ("programme", "code"),
    6: ("award", "degree"),
    7: ("institution", "name"),
    8: ("institution", "code"),
    9: ("award", "awarded"),
    10: ("award", "result"),
    11: ("programme", "nlqf"),
    12: ("programme", "eqf"),
}
"""Numbers of docs/qr-facts.md, and where the same facts stand in `extract.json`."""


class NotOurFacts(ValueError):
    """A signed map in a form that this version does not know."""


def facts_of(payload: bytes) -> tuple[Facts, datetime]:
    """The facts by their place on paper, and the time of issue that they state.

    A number that is not known here is left out: new facts get new numbers.

    Raises:
        NotOurFacts: another format, or a fact of another type.
    """
    stated = _stated(payload)
    issued = _moment(stated[_ISSUED])
    facts: Facts = {"number": stated[1], "issuedAt": written(issued)}
    facts["language"] = stated[_LANGUAGE]
    for number, (group, member) in _PLACES.items():
        if number in stated:
            facts.setdefault(group, {})[member] = stated[number]
    if _PROGRAMME in stated:
        title = {"language": stated[_LANGUAGE], "text": stated[_PROGRAMME]}
        facts.setdefault("programme", {})["title"] = [title]
    return facts, issued


def _stated(payload: bytes) -> Mapping[int, str | int]:
    try:
        value = decode(payload)
    except NotDeterministic as cause:
        raise NotOurFacts("not deterministic CBOR") from cause
    if not isinstance(value, dict) or value.get(_FORMAT) != _KNOWN_FORMAT:
        raise NotOurFacts("another format")
    known = {key: fact for key, fact in value.items() if isinstance(key, int) and key in _TYPES}
    if any(type(fact) is not _TYPES[key] for key, fact in known.items()):
        raise NotOurFacts("a fact of another type")
    if not {1, _LANGUAGE, _ISSUED} <= set(known):
        raise NotOurFacts("no number, language or time")
    return {key: fact for key, fact in known.items() if isinstance(fact, str | int)}


def _moment(value: object) -> datetime:
    try:
        return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=int(str(value)))
    except OverflowError as cause:
        raise NotOurFacts("a time beyond all calendars") from cause
