"""Who the synthetic people are: names, birth and place of birth in all their difficulty."""

from __future__ import annotations

from register.synthetic.draw import Draw
from register.synthetic.vocabulary import Vocabulary

# Shares of register.md 3.5; `latin1` and `abroad` are ours.
SINGLE, PREFIX, EXTENDED = 0.005, 0.08, 0.06
PARTIAL_BIRTH, UNKNOWN_BIRTH = 0.01, 0.002
_LATIN1, _SECOND_NAME, _ABROAD = 0.15, 0.3, 0.14


def name(draw: Draw, words: Vocabulary) -> dict[str, str]:
    """A name in its registered parts."""
    gender = "V" if draw.chance(0.5) else "M"
    if draw.chance(SINGLE):
        return {"surname": draw.pick(words.single), "gender": gender}
    kind = draw.random()
    if kind < PREFIX:
        prefix, surname = draw.pick(words.with_prefix)
        given = _given(draw, words.dutch.given[gender])
        return {"given": given, "prefix": prefix, "surname": surname, "gender": gender}
    people = words.dutch
    if kind < PREFIX + EXTENDED:
        people = draw.pick(words.extended)
    elif kind < PREFIX + EXTENDED + _LATIN1:
        people = draw.pick(words.latin1)
    given, surname = _given(draw, people.given[gender]), draw.pick(people.surnames)
    return {"given": given, "surname": surname, "gender": gender}


def _given(draw: Draw, names: list[str]) -> str:
    first = draw.pick(names)
    if not draw.chance(_SECOND_NAME):
        return first
    second = draw.pick(names)
    return first if second == first else f"{first} {second}"


def birth(draw: Draw, year: int) -> str:
    """A birth date in that year, of which day, month or all may be unknown."""
    kind = draw.random()
    if kind < UNKNOWN_BIRTH:
        return ""
    month, day = draw.between(1, 12), draw.between(1, 28)
    if kind < UNKNOWN_BIRTH + PARTIAL_BIRTH:
        return f"{year}-{month:02d}" if day % 2 else f"{year}"
    return f"{year}-{month:02d}-{day:02d}"


def birthplace(draw: Draw, words: Vocabulary) -> tuple[str, str]:
    """A place and its country."""
    if draw.chance(_ABROAD):
        return draw.pick(words.abroad)
    return draw.pick(words.places), "NL"
