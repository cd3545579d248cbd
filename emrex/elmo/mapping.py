"""A register's records as ELMO (emrex.md 3.6): whole diplomas, one report for each institution.

What ELMO has no place for stands in our own extension (`extending`), so that nothing is lost on
the way (`restoring` is the way back, `comparing` names what is kept on purpose).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from emrex.elmo.extending import (
    Transfer,
    day_of,
    marks_extension,
    profile_extension,
    record_extension,
    scheme_of,
    transfer_extension,
)
from emrex.elmo.lists import lists
from emrex.elmo.nouns import (
    Attachment,
    Credit,
    Elmo,
    Grouping,
    Identifier,
    Instance,
    Issuer,
    Learner,
    Level,
    LosType,
    Report,
    Specification,
)
from emrex.elmo.vocabulary import MARKS, SECTOR, WITHOUT_MARK, vocabulary
from register.names import UNKNOWN_SURNAME
from register.records import AwardRecord, Person, Result, Sector

_MARK = re.compile(r"10(?:\.0)?|[1-9](?:\.[0-9])?")
_DECIMAL = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_CEFR = re.compile(r"[ABC][12]")
REFERENCE_LEVEL = "NL-referentieniveau"
PASSED, FAILED = "passed", "failed"


def elmo_of(
    records: Sequence[AwardRecord],
    transfer: Transfer,
    attachments: Mapping[str, tuple[Attachment, ...]],
    overall: tuple[Attachment, ...] = (),
) -> Elmo:
    """The document about these records of one person, in their order.

    Args:
        records: at least one.
        transfer: for whom it is made.
        attachments: the files of each award, by its id.
        overall: files that are about all of them.
    """
    person = records[0].person
    by_institution: dict[str, list[AwardRecord]] = {}
    for record in records:
        by_institution.setdefault(record.institution.code, []).append(record)
    own = [file for one in records for file in attachments.get(one.award.award_id, ())]
    files = _Files(attachments, tuple(one.identifier for one in overall))
    reports = (_report(some, transfer, files) for some in by_institution.values())
    sectors = [record.award.sector.value for record in records]
    return Elmo(
        transfer.generated_at,
        _learner(person),
        tuple(reports),
        (vocabulary().sectors_named(sectors),),
        transfer_extension(records, transfer, (*own, *overall)),
        overall,
    )


@dataclass(frozen=True, slots=True)
class _Files:
    """The files of each award, and the ids of those that are about it among others."""

    attachments: Mapping[str, tuple[Attachment, ...]]
    overall: tuple[str, ...]

    def of(self, record: AwardRecord) -> tuple[Attachment, ...]:
        return self.attachments.get(record.award.award_id, ())

    def named(self, record: AwardRecord) -> tuple[str, ...]:
        """Everything that an award refers to."""
        return (*(file.identifier for file in self.of(record)), *self.overall)


def _learner(person: Person) -> Learner:
    surname = "" if person.name.surname == UNKNOWN_SURNAME else person.name.surname
    family = f"{person.name.prefix} {surname}".strip()
    return Learner(person.name.given, family, day_of(person.birth), person.birth_place)


def _report(records: Sequence[AwardRecord], transfer: Transfer, files: _Files) -> Report:
    specifications = tuple(_award(one, transfer, files.named(one)) for one in records)
    used = {scheme for one in specifications for scheme in _schemes(one)}
    return Report(
        _issuer(records[0], transfer),
        specifications,
        transfer.generated_at,
        tuple(one for name, one in vocabulary().grading_schemes.items() if name in used),
        tuple(file for one in records for file in files.of(one)),
    )


def _issuer(record: AwardRecord, transfer: Transfer) -> Issuer:
    institution = record.institution
    name = institution.name_on(day_of(record.award.awarded) or transfer.generated_at.date())
    return Issuer(
        institution.country if institution.country in lists().countries else "",
        (Identifier(institution.scheme, institution.code),),
        (("nl", name), ("en", name)),
        f"{transfer.address}/en/",
    )


def _award(record: AwardRecord, transfer: Transfer, files: tuple[str, ...]) -> Specification:
    award, programme = record.award, record.programme
    instance = Instance(
        day=day_of(award.awarded),
        status=PASSED if award.result == PASSED else FAILED,
        grading_scheme=WITHOUT_MARK,
        result_label=vocabulary().result_labels[award.result],
        levels=_levels(record),
        attachments=files,
        grouping=Grouping(SECTOR, award.sector.value),
        extension=record_extension(record, transfer.address),
    )
    return Specification(
        programme.title.by_language,
        instance,
        LosType.DEGREE_PROGRAMME,
        (Identifier("local", award.award_id), Identifier(scheme_of(programme), programme.code)),
        parts=_parts(record),
    )


def _levels(record: AwardRecord) -> tuple[Level, ...]:
    programme = record.programme
    eqf = () if programme.eqf is None else (Level("EQF", str(programme.eqf)),)
    return eqf + ((Level("NLQF", programme.nlqf),) if programme.nlqf else ())


def _parts(record: AwardRecord) -> tuple[Specification, ...]:
    """Subjects and parts; in secondary education below the profile that they make up."""
    award = record.award
    parts = tuple(_part(result, award.sector) for result in award.results)
    if award.profile is None:
        return parts
    titles = award.profile.by_language
    whole = Instance(extension=profile_extension())
    return (Specification(titles, whole, LosType.MODULE, parts=parts),)


def _part(result: Result, sector: Sector) -> Specification:
    marked = _MARK.fullmatch(result.final) is not None
    is_unit = sector is Sector.MBO and not (marked or result.level)
    counts = _DECIMAL.fullmatch(result.credits) is not None
    label = result.final if marked else vocabulary().result_labels.get(_word(result), "")
    instance = Instance(
        day=result.day,
        status=FAILED if result.final in {FAILED, "rejected"} else PASSED,
        grading_scheme=(MARKS if marked else WITHOUT_MARK) if label else "",
        result_label=label,
        credits=(Credit("ects", result.credits),) if counts else (),
        levels=(_level(result.level),) if result.level else (),
        extension=marks_extension(result, credits_too=not counts),
    )
    kind = LosType.MODULE if is_unit else LosType.COURSE
    return Specification(result.subject.by_language, instance, kind)


def _word(result: Result) -> str:
    return {"passed": "part"}.get(result.final, result.final)


def _level(level: str) -> Level:
    return Level("CEFR" if _CEFR.fullmatch(level) else REFERENCE_LEVEL, level)


def _schemes(specification: Specification) -> set[str]:
    own = {specification.instance.grading_scheme} - {""}
    return own.union(*map(_schemes, specification.parts))
