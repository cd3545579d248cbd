"""The tables of the register, and the nouns in their rows.

Every record is a series of versions that are only ever appended; the highest
version is the current one. National numbers stand in `identity_number` alone,
which has no text of theirs: one column is encrypted, the other a keyed hash.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import BigInteger, DateTime, Index, String
from sqlalchemy.engine import Row
from sqlmodel import Field, SQLModel

from register.conversions import to_institution_name, to_result, to_text
from register.dates import PartialDate
from register.lines import RESULTS, InstitutionNamePart
from register.records import Award, AwardStatus, Institution, Name, Person, Programme, Sector

NAMES: TypeAdapter[list[InstitutionNamePart]] = TypeAdapter(list[InstitutionNamePart])
TITLES: TypeAdapter[dict[str, str]] = TypeAdapter(dict[str, str])
ZONED = DateTime(timezone=True)
# Awards are listed by id: the order must be the same on every database.
_BYTEWISE = String().with_variant(String(collation="C"), "postgresql")


class InstitutionVersionRow(SQLModel, table=True):
    """One version of an institution; `names` is JSON as in the import format."""

    __tablename__ = "institution_version"

    code: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    scheme: str
    country: str
    names: str
    successor: str | None
    digest: bytes
    source: int
    line: int
    recorded_at: datetime = Field(sa_type=ZONED)


class ProgrammeVersionRow(SQLModel, table=True):
    """One version of a programme; `title` is JSON by language, `nlqf` is text."""

    __tablename__ = "programme_version"

    code: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    scheme: str
    sector: str
    title: str
    nlqf: str
    eqf: int | None
    digest: bytes
    source: int
    line: int
    recorded_at: datetime = Field(sa_type=ZONED)


class PersonVersionRow(SQLModel, table=True):
    """One version of a person; `birth` is the canonical partial date."""

    __tablename__ = "person_version"

    person_id: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    surname: str
    given: str
    prefix: str
    title: str
    gender: str
    birth: str
    birth_place: str
    birth_country: str
    digest: bytes
    source: int
    line: int
    recorded_at: datetime = Field(sa_type=ZONED)


class AwardVersionRow(SQLModel, table=True):
    """One version of an award; `profile` and `results` are JSON as in the import format."""

    __tablename__ = "award_version"
    __table_args__ = (
        Index("ix_award_version_person", "person_id"),
        Index("ix_award_version_programme", "programme", "award_id"),
    )

    award_id: str = Field(primary_key=True, sa_type=_BYTEWISE)
    version: int = Field(primary_key=True)
    person_id: str
    institution: str
    programme: str
    sector: str
    awarded: str
    result: str
    degree: str
    profile: str | None
    thesis: str
    partial: bool
    results: str
    status: str
    reason: str | None
    digest: bytes
    source: int
    line: int
    recorded_at: datetime = Field(sa_type=ZONED)


class IdentityNumberRow(SQLModel, table=True):
    """The only place where a national number is kept, sealed by the vault."""

    __tablename__ = "identity_number"
    __table_args__ = (Index("ix_identity_number_person", "person_id", "kind", unique=True),)

    kind: str = Field(primary_key=True)
    lookup: bytes = Field(primary_key=True)
    person_id: str
    sealed: bytes
    recorded_at: datetime = Field(sa_type=ZONED)


class ImportSourceRow(SQLModel, table=True):
    """A file that was or is being imported, and how far. Holds no record."""

    __tablename__ = "import_source"

    id: int | None = Field(default=None, primary_key=True)
    fingerprint: str = Field(unique=True)
    line: int = 0
    offset: int = Field(default=0, sa_type=BigInteger)
    kept: int = 0
    unchanged: int = 0
    refused: int = 0
    awards: int = 0
    done: bool = False
    begun_at: datetime = Field(sa_type=ZONED)


class ImportRefusalRow(SQLModel, table=True):
    """A line that stands refused: its number and rule, never its values."""

    __tablename__ = "import_refusal"

    source: int = Field(primary_key=True)
    line: int = Field(primary_key=True)
    rule: str
    place: str


Stored = Row[Any]
"""A row as the database gives it: objects of our classes would cost as much again."""


def institution_of(row: InstitutionVersionRow | Stored) -> Institution:
    """The noun in a row."""
    return Institution(
        code=row.code,
        names=tuple(to_institution_name(part) for part in NAMES.validate_json(row.names)),
        scheme=row.scheme,
        country=row.country,
        successor=row.successor,
    )


def programme_of(row: ProgrammeVersionRow | Stored) -> Programme:
    """The noun in a row."""
    title = to_text(TITLES.validate_json(row.title))
    return Programme(row.code, row.scheme, Sector(row.sector), title, row.nlqf, row.eqf)


def person_of(row: PersonVersionRow | Stored) -> Person:
    """The noun in a row."""
    return Person(
        person_id=row.person_id,
        name=Name(row.surname, row.given, row.prefix, row.title, row.gender),
        birth=PartialDate.parse(row.birth),
        birth_place=row.birth_place,
        birth_country=row.birth_country,
        version=row.version,
    )


def award_of(row: AwardVersionRow | Stored) -> Award:
    """The noun in a row; the reason of a withdrawal stays behind."""
    return Award(
        award_id=row.award_id,
        person_id=row.person_id,
        institution=row.institution,
        programme=row.programme,
        sector=Sector(row.sector),
        awarded=PartialDate.parse(row.awarded),
        result=row.result,
        degree=row.degree,
        profile=to_text(TITLES.validate_json(row.profile)) if row.profile else None,
        thesis=row.thesis,
        partial=row.partial,
        results=tuple(to_result(part) for part in RESULTS.validate_json(row.results)),
        status=AwardStatus(row.status),
        version=row.version,
    )
