"""The reader of the register in a database: from rows to nouns, the newest version of each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Select, bindparam
from sqlalchemy import select as select_columns
from sqlalchemy.engine import Engine
from sqlalchemy.orm import aliased
from sqlmodel import Session, SQLModel, col, select
from sqlmodel.sql.expression import SelectOfScalar

from register.errors import InvalidNumber, NotRegistered, RegisterUnavailable
from register.national_numbers import NumberKind, validated
from register.records import AwardRecord, Institution, Person, Programme, today
from register.rows import (
    AwardVersionRow,
    IdentityNumberRow,
    InstitutionVersionRow,
    PersonVersionRow,
    ProgrammeVersionRow,
    Stored,
    award_of,
    institution_of,
    person_of,
    programme_of,
)
from register.vault import Vault
from storage.engine import table_of, unit_of_work
from storage.errors import StorageUnavailable

PAGE = 500
IDS_PAGE = 10_000


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
