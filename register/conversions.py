"""Lines of the import format turned into nouns of the register."""

from __future__ import annotations

from datetime import date

from register.dates import PartialDate
from register.lines import (
    AwardPart,
    InstitutionLine,
    InstitutionNamePart,
    NamePart,
    PersonLine,
    ProgrammeLine,
    ResultPart,
)
from register.records import (
    Award,
    AwardStatus,
    Institution,
    InstitutionName,
    Name,
    Person,
    Programme,
    Result,
    Sector,
    Text,
)


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def to_text(titles: dict[str, str]) -> Text:
    """A text with its languages in the order of the line."""
    return Text(tuple(titles.items()))


def to_institution_name(part: InstitutionNamePart) -> InstitutionName:
    """One name of an institution with its days."""
    return InstitutionName(part.name, date.fromisoformat(part.since), _day(part.until))


def to_institution(line: InstitutionLine) -> Institution:
    """The institution that a line describes."""
    return Institution(
        code=line.code,
        names=tuple(to_institution_name(part) for part in line.names),
        scheme=line.scheme,
        country=line.country,
        successor=line.successor,
    )


def to_programme(line: ProgrammeLine) -> Programme:
    """The programme that a line describes."""
    return Programme(
        code=line.code,
        scheme=line.scheme,
        sector=Sector(line.sector),
        title=to_text(line.title),
        nlqf=line.nlqf,
        eqf=line.eqf,
    )


def to_name(part: NamePart) -> Name:
    """The name in its registered parts."""
    return Name(part.surname, part.given, part.prefix, part.title, part.gender)


def to_person(line: PersonLine, *, version: int = 1) -> Person:
    """The person on a line, without numbers and without awards."""
    return Person(
        person_id=line.person,
        name=to_name(line.name),
        birth=PartialDate.parse(line.birth),
        birth_place=line.birth_place,
        birth_country=line.birth_country,
        version=version,
    )


def to_result(part: ResultPart) -> Result:
    """One line of results."""
    return Result(
        subject=to_text(part.subject),
        school_exam=part.school_exam,
        central_exam=part.central_exam,
        final=part.final,
        credits=part.credits,
        level=part.level,
        day=_day(part.day),
        counted=part.counted,
    )


def to_award(
    part: AwardPart,
    person_id: str,
    sector: Sector,
    *,
    status: AwardStatus = AwardStatus.CURRENT,
    version: int = 1,
) -> Award:
    """The award that a person's line holds, in the sector of its programme."""
    return Award(
        award_id=part.award,
        person_id=person_id,
        institution=part.institution,
        programme=part.programme,
        sector=sector,
        awarded=PartialDate.parse(part.awarded),
        result=part.result,
        degree=part.degree,
        profile=to_text(part.profile) if part.profile else None,
        thesis=part.thesis,
        partial=part.partial,
        results=tuple(to_result(result) for result in part.results),
        status=status,
        version=version,
    )
