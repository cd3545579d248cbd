"""What synthetic people are made of: names, places, schools, studies and subjects.

All of it is data in `register/synthetic/data/`, each file with its source.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

Titles = dict[str, str]


@dataclass(frozen=True, slots=True)
class School:
    """An institution; `closed` is the year in which it merged away."""

    line: dict[str, Any]
    sector: str
    code: str
    closed: int | None


@dataclass(frozen=True, slots=True)
class Study:
    """A programme, with what decides who is awarded it and when."""

    line: dict[str, Any]
    kind: str
    sector: str
    code: str
    since: int
    youngest: int
    oldest: int
    degree: str
    parts: tuple[Titles, ...]


@dataclass(frozen=True, slots=True)
class People:
    """Same-shaped given names per gender and surnames that go with them."""

    given: dict[str, list[str]]
    surnames: list[str]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Everything that can be drawn."""

    dutch: People
    latin1: tuple[People, ...]
    extended: tuple[People, ...]
    with_prefix: tuple[tuple[str, str], ...]
    single: tuple[str, ...]
    places: tuple[str, ...]
    abroad: tuple[tuple[str, str], ...]
    open_schools: dict[str, tuple[School, ...]]
    merged_schools: dict[str, tuple[School, ...]]
    studies: dict[str, tuple[Study, ...]]
    schools: tuple[School, ...]
    subjects: dict[str, Any]


def data(name: str) -> Any:  # noqa: ANN401 - the files are ours and each has its own shape
    """One data file of this package."""
    text = resources.files("register").joinpath("synthetic", "data", name).read_text("utf-8")
    return json.loads(text)


@cache
def vocabulary() -> Vocabulary:
    """The whole vocabulary, read once."""
    names, schools = data("names.json"), _schools()
    return Vocabulary(
        dutch=_people(names["dutch"]),
        latin1=tuple(map(_people, names["latin1"])),
        extended=tuple(map(_people, names["extended"])),
        with_prefix=tuple((prefix, surname) for prefix, surname in names["dutch"]["with_prefix"]),
        single=tuple(names["single"]),
        places=tuple(names["places"]),
        abroad=tuple((place, country) for place, country in names["abroad"]),
        open_schools=_by_sector(tuple(s for s in schools if s.closed is None)),
        merged_schools=_by_sector(tuple(s for s in schools if s.closed is not None)),
        studies=_by_kind(_studies()),
        schools=schools,
        subjects=data("subjects.json"),
    )


def _people(part: dict[str, Any]) -> People:
    return People(given={"M": part["M"], "V": part["V"]}, surnames=part["surnames"])


def _schools() -> tuple[School, ...]:
    return tuple(_school(part) for part in data("institutions.json")["institutions"])


def _school(part: dict[str, Any]) -> School:
    names = [_named(*name) for name in part["names"]]
    line = {"type": "institution", "code": part["code"], "scheme": "brin", "country": "NL"}
    line["names"] = names
    if successor := part.get("successor"):
        line["successor"] = successor
    ended = names[-1].get("until")
    return School(line, part["sector"], part["code"], int(ended[:4]) if ended else None)


def _named(name: str, since: str, until: str | None) -> dict[str, str]:
    return {"name": name, "since": since} | ({"until": until} if until else {})


def _studies() -> tuple[Study, ...]:
    return tuple(_study(part) for part in data("programmes.json")["programmes"])


def _study(part: dict[str, Any]) -> Study:
    members = ("code", "scheme", "sector", "title", "nlqf", "eqf")
    line = {"type": "programme"} | {name: part[name] for name in members if part[name]}
    return Study(
        line=line,
        kind=part["kind"],
        sector=part["sector"],
        code=part["code"],
        since=part["since"],
        youngest=part["age"][0],
        oldest=part["age"][1],
        degree=part.get("degree", ""),
        parts=tuple(part.get("parts", ())),
    )


def _by_sector(schools: tuple[School, ...]) -> dict[str, tuple[School, ...]]:
    order = dict.fromkeys(school.sector for school in schools)
    return {sector: tuple(s for s in schools if s.sector == sector) for sector in order}


def _by_kind(studies: tuple[Study, ...]) -> dict[str, tuple[Study, ...]]:
    order = dict.fromkeys(study.kind for study in studies)
    return {kind: tuple(s for s in studies if s.kind == kind) for kind in order}
