"""Writes the synthetic register in the import format, a line at a time.

Order of the file: header, institutions, programmes, people (the fixed cast
first), second versions of people (name changes and corrections), withdrawals.
Only the last two are held back in memory; they are a few in a thousand.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from register.errors import RegisterUnavailable
from register.synthetic import awards, canaries, people
from register.synthetic.careers import Career, career
from register.synthetic.draw import Draw
from register.synthetic.vocabulary import Vocabulary, data, vocabulary

Json = dict[str, Any]
Progress = Callable[[int], None]
"""Told how many people are written, now and then and at the end."""

# Shares of register.md 3.5 that concern a whole person.
BEFORE_COVERAGE, NO_BSN = 0.03, 0.001
NAME_CHANGE, CORRECTED, WITHDRAWN = 0.003, 0.001, 0.0005
MOST_PEOPLE = 1_000_000
"""As many as the canary range holds with room to spare."""
_REASONS = ("Invented: examination declared void", "Invented: registered for the wrong candidate")
_TELL_EVERY = 1_000
_HEADER: Json = {"format": "echt-register", "version": 1}


@dataclass(slots=True)
class _HeldBack:
    """Lines that may only come after every first version."""

    versions: list[Json] = field(default_factory=list)
    withdrawals: list[Json] = field(default_factory=list)


def lines(people: int, seed: int) -> Iterator[bytes]:
    """The lines of a register of that many people, each with its line end.

    The cast of `fixtures.json` is part of the number, and present in full even
    where the number is smaller. The same arguments give the same bytes.
    """
    dump = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode
    for line in _lines(people, seed):
        yield (dump(line) + "\n").encode()


def write(path: Path, *, people: int, seed: int, progress: Progress | None = None) -> int:
    """Write the register to a file and say how many people are in it.

    The file appears under its name only when it is whole.

    Raises:
        RegisterUnavailable: the file cannot be written.
    """
    unfinished = path.with_name(path.name + ".part")
    try:
        with unfinished.open("wb", buffering=1 << 20) as file:
            _copy(lines(people, seed), file, people, progress)
        unfinished.replace(path)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink(missing_ok=True)
        raise RegisterUnavailable("The synthetic register could not be written.") from error
    total = max(people, len(data("fixtures.json")["cast"]))
    if progress:
        progress(total)
    return total


def _copy(source: Iterator[bytes], file: BinaryIO, people: int, progress: Progress | None) -> None:
    written = 0
    for line in source:
        file.write(line)
        if not line.startswith(b'{"type":"person"'):
            continue
        written += 1
        if progress and written % _TELL_EVERY == 0:
            progress(min(written, people))


def _lines(people: int, seed: int) -> Iterator[Json]:
    words, later = vocabulary(), _HeldBack()
    yield _HEADER
    yield from (school.line for school in words.schools)
    yield from (study.line for studies in words.studies.values() for study in studies)
    cast = data("fixtures.json")["cast"]
    for member in cast:
        later.versions += member.get("later", [])
        later.withdrawals += member.get("withdrawals", [])
        yield member["line"]
    yield from _crowd(people - len(cast), seed, words, later)
    yield from later.versions
    yield from later.withdrawals


def _crowd(count: int, seed: int, words: Vocabulary, later: _HeldBack) -> Iterator[Json]:
    """The people whom chance makes."""
    if count > MOST_PEOPLE:
        raise ValueError(f"at most {MOST_PEOPLE} people have a canary number")
    draw = Draw(seed)
    bsns, onderwijsnummers = canaries.bsns(seed), canaries.onderwijsnummers(seed)
    for _ in range(count):
        line = _person(draw, words)
        if draw.chance(NO_BSN):
            line["onderwijsnummer"] = next(onderwijsnummers)
        else:
            line["bsn"] = next(bsns)
        _change(draw, words, line, later)
        yield line


def _person(draw: Draw, words: Vocabulary) -> Json:
    outside = draw.chance(BEFORE_COVERAGE)
    path = Career(draw.between(1938, 1972), ()) if outside else career(draw, words)
    place, country = people.birthplace(draw, words)
    return {
        "type": "person",
        "person": draw.identifier(),
        "name": people.name(draw, words),
        "birth": people.birth(draw, path.born),
        "birthPlace": place,
        "birthCountry": country,
        "awards": [awards.award(draw, words, *step) for step in path.steps],
    }


def _change(draw: Draw, words: Vocabulary, line: Json, later: _HeldBack) -> None:
    """Decide what becomes of the record afterwards, if anything."""
    if draw.chance(NAME_CHANGE):
        later.versions.append(line | {"name": people.name(draw, words)})
    if not line["awards"]:
        return
    first, *rest = line["awards"]
    if draw.chance(CORRECTED):
        later.versions.append(line | {"awards": [_corrected(first), *rest]})
    if draw.chance(WITHDRAWN):
        reason = draw.pick(_REASONS)
        later.withdrawals.append({"type": "withdrawal", "award": first["award"], "reason": reason})


def _corrected(award: Json) -> Json:
    """The same award, of which the day had been registered wrongly."""
    year, month, day = award["awarded"].split("-")
    moved = int(day) % 28 + 1
    return award | {"awarded": f"{year}-{month}-{moved:02d}"}
