"""Overviews whose awards are those of the ten hardest people, as if one person had them all."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from credentials.extract import Language, Purpose
from credentials.overview import Overview
from credentials.overview_rendering import OverviewRenderer
from credentials.sheet import House
from register.records import AwardRecord
from tests.credentials.paper import ADDRESS, IN_WORDS, ISSUER, translators
from tests.credentials.people import ISSUED, PEOPLE, extract

TWO = ("hbo", "vwo")
EVERY = tuple(PEOPLE)


def renderer() -> OverviewRenderer:
    houses = {one: House(ISSUER, ADDRESS, IN_WORDS[one]) for one in Language}
    return OverviewRenderer(translators=translators(), houses=houses)


def held_by(holder: str, people: Iterable[str]) -> tuple[AwardRecord, ...]:
    """The awards of these people as those of one of them."""
    person = extract(holder).record.person
    records = (extract(one).record for one in people)
    return tuple(
        replace(one, person=person, award=replace(one.award, person_id=person.person_id))
        for one in records
    )


def overview(
    people: Iterable[str] = TWO, language: Language = Language.NL, holder: str = "vwo"
) -> Overview:
    records = held_by(holder, people)
    return Overview("K7QD-3MXF-9TRA", language, Purpose.STUDY, ISSUED, records)
