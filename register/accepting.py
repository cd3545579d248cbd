"""Decide line by line what an import changes. Pure: no file and no database here.

A decision is taken against what the register holds and what earlier lines of the
same batch add to it, so a file may correct or withdraw what it just delivered.
A line is kept whole or refused whole.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator

from pydantic import BaseModel

from register.changes import (
    Changes,
    Known,
    KnownAward,
    KnownProgramme,
    NewAward,
    NewNumber,
    Stamp,
    Wanted,
    Withdrawal,
)
from register.lines import (
    AwardPart,
    InstitutionLine,
    PersonLine,
    ProgrammeLine,
    RecordLine,
    ResultPart,
    WithdrawalLine,
)
from register.national_numbers import NumberKind
from register.records import AwardStatus, Sector
from register.rules import RefusedLine

_NOT_THE_PERSON = {"type", "bsn", "onderwijsnummer", "awards"}
_EXAM_MARKS = frozenset(f"{tenths / 10:.1f}" for tenths in range(10, 101))
_FINAL_MARKS = frozenset(str(mark) for mark in range(1, 11))
_DIGIT = re.compile("[0-9]")


def wanted(lines: Iterable[RecordLine]) -> Wanted:
    """Everything that these lines mention and a decision must know of."""
    found = Wanted()
    for line in lines:
        match line:
            case InstitutionLine():
                found.institutions.add(line.code)
            case ProgrammeLine():
                found.programmes.add(line.code)
            case WithdrawalLine():
                found.awards.add(line.award)
            case PersonLine():
                found.people.add(line.person)
                found.numbers.update(_numbers(line))
                for part in line.awards:
                    found.awards.add(part.award)
                    found.institutions.add(part.institution)
                    found.programmes.add(part.programme)
    return found


def _numbers(line: PersonLine) -> Iterator[tuple[NumberKind, str]]:
    if line.bsn:
        yield NumberKind.BSN, line.bsn
    if line.onderwijsnummer:
        yield NumberKind.ONDERWIJSNUMMER, line.onderwijsnummer


def _digest(part: BaseModel, *, without: set[str] | None = None) -> bytes:
    # Defaults are left out, so that a later optional member does not change old digests.
    # Numbers are left out, because nine digits could be found back by counting.
    text = part.model_dump_json(exclude=without, exclude_defaults=True)
    return hashlib.sha256(text.encode()).digest()


class Acceptance:
    """Takes the lines of one batch in order and collects what they change."""

    def __init__(self, known: Known, source: int) -> None:
        self._known = known
        self._source = source
        self.changes = Changes()

    def take(self, number: int, line: RecordLine) -> bool:
        """Accept a line; False when the register holds exactly this already.

        Raises:
            RefusedLine: the line contradicts what the register holds.
        """
        match line:
            case InstitutionLine():
                return self._institution(number, line)
            case ProgrammeLine():
                return self._programme(number, line)
            case PersonLine():
                return self._person(number, line)
            case WithdrawalLine():
                return self._withdrawal(number, line)

    def _next(self, before: Stamp | None, digest: bytes, number: int) -> Stamp | None:
        """The stamp of a new version, or None when nothing changes."""
        if before is None:
            return Stamp(1, digest, self._source, number)
        if before.digest == digest:
            return None
        if before.source == self._source and before.line > number:
            raise RefusedLine("overtaken")
        return Stamp(before.version + 1, digest, self._source, number)

    def _institution(self, number: int, line: InstitutionLine) -> bool:
        stamp = self._next(self._known.institutions.get(line.code), _digest(line), number)
        if stamp is None:
            return False
        self._known.institutions[line.code] = stamp
        self.changes.institutions.append((line, stamp))
        return True

    def _programme(self, number: int, line: ProgrammeLine) -> bool:
        before = self._known.programmes.get(line.code)
        stamp = self._next(before.stamp if before else None, _digest(line), number)
        if stamp is None:
            return False
        self._known.programmes[line.code] = KnownProgramme(stamp, Sector(line.sector))
        self.changes.programmes.append((line, stamp))
        return True

    def _person(self, number: int, line: PersonLine) -> bool:
        self._check_past(line.birth, "birth")
        before = self._known.people.get(line.person)
        stamp = self._next(before, _digest(line, without=_NOT_THE_PERSON), number)
        numbers = [NewNumber(line.person, *pair) for pair in self._new_numbers(line)]
        awards = [
            award
            for place, part in enumerate(line.awards)
            if (award := self._award(number, line.person, part, f"awards/{place}"))
        ]
        # Nothing above changed anything: a line refused halfway leaves no trace.
        if stamp:
            self._known.people[line.person] = stamp
            self.changes.people.append((line, stamp))
        for new in numbers:
            self._known.owners[new.kind, new.number] = line.person
            self._known.numbered.add((line.person, new.kind))
        for award in awards:
            known = KnownAward(award.stamp, line.person, award.status)
            self._known.awards[award.part.award] = known
        self.changes.numbers.extend(numbers)
        self.changes.awards.extend(awards)
        return bool(stamp or numbers or awards)

    def _check_past(self, day: str, where: str) -> None:
        """Nobody is born and nothing is awarded in days that are still to come."""
        if day > self._known.latest[: len(day)]:
            raise RefusedLine("impossible-date", where)

    def _new_numbers(self, line: PersonLine) -> Iterator[tuple[NumberKind, str]]:
        for kind, number in _numbers(line):
            owner = self._known.owners.get((kind, number))
            if owner is None and (line.person, kind) in self._known.numbered:
                # Replacing it silently would let the holder of either number in.
                raise RefusedLine("number-differs", kind)
            if owner not in {None, line.person}:
                raise RefusedLine("number-of-another", kind)
            if owner is None:
                yield kind, number

    def _award(self, number: int, person: str, part: AwardPart, where: str) -> NewAward | None:
        self._check_past(part.awarded, f"{where}/awarded")
        if part.institution not in self._known.institutions:
            raise RefusedLine("unknown-institution", f"{where}/institution")
        programme = self._known.programmes.get(part.programme)
        if programme is None:
            raise RefusedLine("unknown-programme", f"{where}/programme")
        if programme.sector is Sector.VO:
            _check_marks(part.results, where)
        before = self._known.awards.get(part.award)
        if before and before.person_id != person:
            raise RefusedLine("duplicate-award", f"{where}/award")
        stamp = self._next(before.stamp if before else None, _digest(part), number)
        if stamp is None:
            return None
        if before and before.status is AwardStatus.WITHDRAWN:
            raise RefusedLine("withdrawn-award", f"{where}/award")
        status = AwardStatus.CORRECTED if before else AwardStatus.CURRENT
        return NewAward(part, person, programme.sector, status, stamp)

    def _withdrawal(self, number: int, line: WithdrawalLine) -> bool:
        before = self._known.awards.get(line.award)
        if before is None:
            raise RefusedLine("unknown-award", "award")
        if before.status is AwardStatus.WITHDRAWN:
            return False
        # The digest stays that of the content: the same award delivered again is not news.
        stamp = Stamp(before.stamp.version + 1, before.stamp.digest, self._source, number)
        self._known.awards[line.award] = KnownAward(stamp, before.person_id, AwardStatus.WITHDRAWN)
        self.changes.withdrawals.append(Withdrawal(line.award, line.reason, stamp))
        return True


def _check_marks(results: list[ResultPart], where: str) -> None:
    """Secondary education: exam marks with one decimal, final marks whole, or words."""
    for place, result in enumerate(results):
        for mark, allowed in (
            (result.school_exam, _EXAM_MARKS),
            (result.central_exam, _EXAM_MARKS),
            (result.final, _FINAL_MARKS),
        ):
            if mark not in allowed and _DIGIT.search(mark):
                raise RefusedLine("wrong-mark", f"{where}/results/{place}")
