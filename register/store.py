"""The register in a database: rows, and the reader that turns them into nouns.

Every record is a series of versions that are only ever appended; the highest
version is the current one. National numbers stand in `identity_number` alone,
which has no text of theirs: one column is encrypted, the other a keyed hash.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import BigInteger, DateTime, Index, Select, String, bindparam
from sqlalchemy import select as select_columns
from sqlalchemy.engine import Engine, Row
from sqlalchemy.orm import aliased
from sqlmodel import Field, Session, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from register.conversions import to_institution_name, to_result, to_text
from register.dates import PartialDate
from register.errors import InvalidNumber, NotRegistered, RegisterUnavailable
from register.lines import RESULTS, InstitutionNamePart
from register.national_numbers import NumberKind, validated
from register.records import (
    Award,
    AwardRecord,
    AwardStatus,
    Institution,
    Name,
    Person,
    Programme,
    Sector,
    today,
)
from register.vault import Vault
from storage.engine import table_of, unit_of_work
from storage.errors import StorageUnavailable

NAMES: TypeAdapter[list[InstitutionNamePart]] = TypeAdapter(list[InstitutionNamePart])
TITLES: TypeAdapter[dict[str, str]] = TypeAdapter(dict[str, str])
PAGE = 500
IDS_PAGE = 10_000
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


def _versions(row: type[SQLModel], key: str) -> Select[Any]:
    """Every version of what has one of these `keys`, in order: put together only once."""
    wanted = col(key).in_(bindparam("keys", expanding=True))
    table = table_of(row)
    return select_columns(table).where(wanted).order_by(*table.primary_key)


_AWARDS = _versions(AwardVersionRow, AwardVersionRow.award_id)
_AWARDS_OF = _versions(AwardVersionRow, AwardVersionRow.person_id)
_PEOPLE = _versions(PersonVersionRow, PersonVersionRow.person_id)
_PROGRAMMES = _versions(ProgrammeVersionRow, ProgrammeVersionRow.code)
_INSTITUTIONS = _versions(InstitutionVersionRow, InstitutionVersionRow.code)


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


class SqlRegister:
    """Reads the register, each call in a transaction of its own."""

    def __init__(self, engine: Engine, vault: Vault) -> None:
        self._engine = engine
        self._vault = vault

    def award(self, award_id: str) -> AwardRecord:
        """The award with everything it refers to.

        Raises:
            NotRegistered: no award has this id.
            RegisterUnavailable: the database cannot be used now.
        """
        with reading(self._engine) as session:
            rows = _newest_awards(session, _AWARDS, [award_id])
            if not rows:
                raise NotRegistered("The register holds no award with this id.")
            return _records(session, rows)[0]

    def awards_of(self, person_id: str) -> tuple[AwardRecord, ...]:
        """Every award of a person, newest first, withdrawn ones included."""
        with reading(self._engine) as session:
            rows = _newest_awards(session, _AWARDS_OF, [person_id])
            rows.sort(key=lambda row: row.awarded, reverse=True)
            return tuple(_records(session, rows))

    def awards(self, *, limit: int | None = None) -> Iterator[AwardRecord]:
        """All awards in the order of their ids, one page in memory at a time."""
        last, left = "", limit
        while left is None or left > 0:
            with reading(self._engine) as session:
                page = _page_after(session, last, PAGE if left is None else min(PAGE, left))
                records = _records(session, page)
            yield from records
            if not records:
                return
            last = records[-1].award.award_id
            left = None if left is None else left - len(records)

    def award_ids(self, programme: str, year: int) -> Iterator[str]:
        """Ids of the awards of a programme in a year, in their order, withdrawn ones included."""
        last = ""
        while True:
            with reading(self._engine) as session:
                page = session.exec(_ids_after(last, programme, year)).all()
            yield from page
            if len(page) < IDS_PAGE:
                return
            last = page[-1]

    def records(self, award_ids: Collection[str]) -> tuple[AwardRecord, ...]:
        """Those awards with everything they refer to, in the order of their ids."""
        with reading(self._engine) as session:
            rows = _newest_awards(session, _AWARDS, award_ids)
            return tuple(_records(session, rows))

    def person_by_number(self, kind: NumberKind, number: str) -> str | None:
        """The id of the person who has this national number; None for a number of nobody."""
        try:
            lookup = self._vault.lookup(kind, validated(kind, number))
        except InvalidNumber:
            return None
        with reading(self._engine) as session:
            row = session.get(IdentityNumberRow, (kind.value, lookup))
            return row.person_id if row else None

    def person(self, person_id: str) -> Person:
        """The person as registered today.

        Raises:
            NotRegistered: nobody has this id.
            RegisterUnavailable: the database cannot be used now.
        """
        with reading(self._engine) as session:
            found = _people(session, {person_id}).get(person_id)
        if found is None:
            raise NotRegistered("The register knows nobody with this id.")
        return found


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """A reading transaction whose failures speak the register's language.

    Raises:
        RegisterUnavailable: the database cannot be used now.
    """
    try:
        with unit_of_work(engine) as session:
            yield session
    except StorageUnavailable as cause:
        raise RegisterUnavailable("The register cannot be reached right now.") from cause


def _newest_awards(session: Session, versions: Select[Any], keys: Collection[str]) -> list[Stored]:
    return list({row.award_id: row for row in _found(session, versions, keys)}.values())


def _found(session: Session, versions: Select[Any], keys: Collection[str]) -> Iterable[Stored]:
    return session.connection().execute(versions, {"keys": list(keys)})


def _page_after(session: Session, last: str, size: int) -> list[Stored]:
    award_id = col(AwardVersionRow.award_id)
    ids = select(award_id).distinct().where(award_id > last).order_by(award_id).limit(size)
    return _newest_awards(session, _AWARDS, session.exec(ids).all())


def _ids_after(last: str, programme: str, year: int) -> SelectOfScalar[str]:
    """A page of ids whose newest version is of this programme and this year."""
    award_id, newer = col(AwardVersionRow.award_id), aliased(AwardVersionRow)
    is_newer = col(newer.version) > col(AwardVersionRow.version)
    conditions = (
        col(AwardVersionRow.programme) == programme,
        col(AwardVersionRow.awarded).startswith(f"{year:04d}"),
        award_id > last,
        ~select(newer.version).where(col(newer.award_id) == award_id, is_newer).exists(),
    )
    return select(award_id).where(*conditions).order_by(award_id).limit(IDS_PAGE)


def _people(session: Session, ids: Collection[str]) -> dict[str, Person]:
    return {row.person_id: person_of(row) for row in _found(session, _PEOPLE, ids)}


def _programmes(session: Session, codes: Collection[str]) -> dict[str, Programme]:
    return {row.code: programme_of(row) for row in _found(session, _PROGRAMMES, codes)}


def _institutions(session: Session, codes: Collection[str]) -> dict[str, Institution]:
    """These institutions and every one that they merged into."""
    found: dict[str, Institution] = {}
    missing = set(codes)
    while missing:
        rows = _found(session, _INSTITUTIONS, missing)
        newest = {row.code: institution_of(row) for row in rows}
        found |= newest
        missing = {one.successor for one in newest.values() if one.successor} - found.keys()
    return found


def _records(session: Session, rows: Iterable[Stored]) -> list[AwardRecord]:
    awards = [award_of(row) for row in rows]
    people = _people(session, {award.person_id for award in awards})
    programmes = _programmes(session, {award.programme for award in awards})
    institutions = _institutions(session, {award.institution for award in awards})
    return [
        AwardRecord(
            award=award,
            person=people[award.person_id],
            institution=institutions[award.institution],
            programme=programmes[award.programme],
            institution_today=today(institutions[award.institution], institutions),
        )
        for award in awards
    ]
