"""A register in dictionaries, held to the same contract as the one in a database."""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from register.changes import (
    Changes,
    Known,
    KnownAward,
    KnownProgramme,
    Progress,
    Refusal,
    Stamp,
    Wanted,
)
from register.conversions import to_award, to_institution, to_person, to_programme
from register.errors import InvalidNumber, NotRegistered, RegisterUnavailable
from register.national_numbers import NumberKind, validated
from register.records import (
    Award,
    AwardRecord,
    AwardStatus,
    Institution,
    Person,
    Programme,
    today,
)


@dataclass(slots=True)
class _State:
    institutions: dict[str, list[tuple[Institution, Stamp]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    programmes: dict[str, list[tuple[Programme, Stamp]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    people: dict[str, list[tuple[Person, Stamp]]] = field(default_factory=lambda: defaultdict(list))
    awards: dict[str, list[tuple[Award, Stamp]]] = field(default_factory=lambda: defaultdict(list))
    numbers: dict[tuple[NumberKind, str], str] = field(default_factory=dict)
    sources: dict[str, Progress] = field(default_factory=dict)
    refusals: dict[int, dict[int, Refusal]] = field(default_factory=lambda: defaultdict(dict))


class MemoryRegister:
    """Reads and writes; a unit that fails leaves everything as it was."""

    def __init__(self) -> None:
        self._state = _State()

    def award(self, award_id: str) -> AwardRecord:
        if award_id not in self._state.awards:
            raise NotRegistered("The register holds no award with this id.")
        return self._record(self._state.awards[award_id][-1][0])

    def awards_of(self, person_id: str) -> tuple[AwardRecord, ...]:
        newest = [versions[-1][0] for _, versions in sorted(self._state.awards.items())]
        own = [award for award in newest if award.person_id == person_id]
        own.sort(key=lambda award: str(award.awarded), reverse=True)
        return tuple(self._record(award) for award in own)

    def awards(self, *, limit: int | None = None) -> Iterator[AwardRecord]:
        for award_id in sorted(self._state.awards)[:limit]:
            yield self.award(award_id)

    def award_ids(self, programme: str, year: int) -> Iterator[str]:
        for award_id in sorted(self._state.awards):
            award = self._state.awards[award_id][-1][0]
            if award.programme == programme and str(award.awarded).startswith(f"{year:04d}"):
                yield award_id

    def records(self, award_ids: Collection[str]) -> tuple[AwardRecord, ...]:
        return tuple(self.award(one) for one in sorted(award_ids) if one in self._state.awards)

    def person_by_number(self, kind: NumberKind, number: str) -> str | None:
        try:
            return self._state.numbers.get((kind, validated(kind, number)))
        except InvalidNumber:
            return None

    def person(self, person_id: str) -> Person:
        if person_id not in self._state.people:
            raise NotRegistered("The register knows nobody with this id.")
        return self._state.people[person_id][-1][0]

    def _record(self, award: Award) -> AwardRecord:
        institutions = {code: each[-1][0] for code, each in self._state.institutions.items()}
        return AwardRecord(
            award=award,
            person=self.person(award.person_id),
            institution=institutions[award.institution],
            programme=self._state.programmes[award.programme][-1][0],
            institution_today=today(institutions[award.institution], institutions),
        )

    def begin(self, fingerprint: str) -> Progress:
        new = Progress(source=len(self._state.sources) + 1)
        return self._state.sources.setdefault(fingerprint, new)

    @contextmanager
    def unit(self) -> Iterator[_MemoryUnit]:
        state = copy.deepcopy(self._state)
        yield _MemoryUnit(state)
        self._state = state

    def refusals(self, source: int) -> Iterator[Refusal]:
        yield from (refusal for _, refusal in sorted(self._state.refusals[source].items()))


class _MemoryUnit:
    def __init__(self, state: _State) -> None:
        self._state = state

    def known(self, wanted: Wanted) -> Known:
        state = self._state
        return Known(
            institutions={
                code: stamp for code, _, stamp in _newest(state.institutions, wanted.institutions)
            },
            programmes={
                code: KnownProgramme(stamp, programme.sector)
                for code, programme, stamp in _newest(state.programmes, wanted.programmes)
            },
            people={key: stamp for key, _, stamp in _newest(state.people, wanted.people)},
            awards={
                key: KnownAward(stamp, award.person_id, award.status)
                for key, award, stamp in _newest(state.awards, wanted.awards)
            },
            owners={pair: state.numbers[pair] for pair in wanted.numbers & state.numbers.keys()},
            numbered={(person, kind) for (kind, _), person in state.numbers.items()},
        )

    def keep(self, changes: Changes) -> None:
        state = self._state
        for institution, stamp in changes.institutions:
            state.institutions[institution.code].append((to_institution(institution), stamp))
        for programme, stamp in changes.programmes:
            state.programmes[programme.code].append((to_programme(programme), stamp))
        for person, stamp in changes.people:
            noun = to_person(person, version=stamp.version)
            state.people[person.person].append((noun, stamp))
        for new in changes.numbers:
            state.numbers[new.kind, new.number] = new.person_id
        for made in changes.awards:
            award = to_award(
                made.part,
                made.person_id,
                made.sector,
                status=made.status,
                version=made.stamp.version,
            )
            state.awards[award.award_id].append((award, made.stamp))
        for gone in changes.withdrawals:
            before = state.awards[gone.award_id][-1][0]
            after = replace(before, status=AwardStatus.WITHDRAWN, version=gone.stamp.version)
            state.awards[gone.award_id].append((after, gone.stamp))

    def refuse(self, source: int, refusals: Collection[Refusal], accepted: set[int]) -> None:
        standing = self._state.refusals[source]
        for line in accepted:
            standing.pop(line, None)
        standing.update({refusal.line: refusal for refusal in refusals})

    def advance(self, before: Progress, after: Progress) -> None:
        for fingerprint, progress in self._state.sources.items():
            if progress == before:
                self._state.sources[fingerprint] = after
                return
        raise RegisterUnavailable("This file is being imported by another process.")


def _newest(
    versions: dict[str, list[tuple[Any, Stamp]]], keys: Collection[str]
) -> Iterator[tuple[str, Any, Stamp]]:
    for key in keys:
        if key in versions:
            yield key, *versions[key][-1]
