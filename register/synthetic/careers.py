"""Which studies a synthetic person finished, where and when.

The years of register.md 2.1 hold: an award is never older than its sector's
coverage, and an award of a school that merged away is older than the merger.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from register.synthetic.draw import Draw
from register.synthetic.vocabulary import School, Study, Vocabulary

LAST_YEAR = 2025
"""Fixed, because a clock would change the bytes."""
MERGED, SEVERAL = 0.02, 0.10
_SHORTEST, _LONGEST = 3, 5

SECTORS = (("vo", 0.45), ("mbo", 0.25), ("hbo", 0.20), ("wo", 0.08), ("NT2", 0.02))
_KINDS = {
    "vo": ("vo",),
    "mbo": ("mbo1", "mbo2", "mbo2", "mbo3", "mbo3", "mbo4", "mbo4", "mbo4"),
    "hbo": ("hbo-ba",) * 8 + ("ad", "hbo-ma"),
    "wo": ("wo-ba",) * 9 + ("wo-ma",) * 9 + ("dr",),
    "NT2": ("nt2", "nt2", "inburgering"),
}
_NEXT = {
    "HAVO": "hbo-ba",
    "VWO": "wo-ba",
    "vo": "mbo3",
    "mbo4": "hbo-ba",
    "ad": "hbo-ba",
    "hbo-ba": "hbo-ma",
    "wo-ba": "wo-ma",
    "wo-ma": "dr",
    "hbo-ma": "wo-ma",
    "dr": "hbo-ma",
}
_NEXT_OTHERWISE = "mbo4"


class Step(NamedTuple):
    """One study finished at one school in one year."""

    study: Study
    school: School
    year: int


@dataclass(frozen=True, slots=True)
class Career:
    """The steps, the sector's own first, and the year of birth that fits them."""

    born: int
    steps: tuple[Step, ...]


def career(draw: Draw, words: Vocabulary) -> Career:
    """A first award, and for some people a later one."""
    sector = _sector(draw)
    study = draw.pick(words.studies[draw.pick(_KINDS[sector])])
    later = _later_study(draw, words, study) if draw.chance(SEVERAL) else None
    school = _school(draw, words, study)
    newest = LAST_YEAR if school.closed is None else school.closed - 1
    oldest = study.since
    if later is not None:
        newest = min(newest, LAST_YEAR - _LONGEST)
        oldest = min(newest, max(oldest, later.since - _SHORTEST))
    first = Step(study, school, draw.between(oldest, newest))
    born = first.year - draw.between(study.youngest, study.oldest)
    if later is None:
        return Career(born, (first,))
    year = max(later.since, first.year + draw.between(_SHORTEST, _LONGEST))
    return Career(born, (first, Step(later, draw.pick(words.open_schools[later.sector]), year)))


def _sector(draw: Draw) -> str:
    left = draw.random()
    for sector, share in SECTORS:
        left -= share
        if left < 0:
            return sector
    return SECTORS[-1][0]


def _later_study(draw: Draw, words: Vocabulary, study: Study) -> Study:
    kind = _NEXT.get(study.code) or _NEXT.get(study.kind) or _NEXT_OTHERWISE
    return draw.pick(words.studies[kind])


def _school(draw: Draw, words: Vocabulary, study: Study) -> School:
    """A school of the sector, now and then one that merged away after the study began."""
    if draw.chance(MERGED):
        merged = [s for s in words.merged_schools.get(study.sector, ()) if _taught(s, study)]
        if merged:
            return draw.pick(merged)
    if study.sector == "NT2":
        languages, civic = words.open_schools["NT2"]
        return civic if study.kind == "inburgering" else languages
    return draw.pick(words.open_schools[study.sector])


def _taught(school: School, study: Study) -> bool:
    return school.closed is not None and study.since < school.closed
