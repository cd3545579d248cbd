"""The register as it was: which facts stood behind a document when it was made.

Versions are only ever appended, so the past can be read again exactly.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import bindparam
from sqlalchemy.engine import Engine
from sqlmodel import Session, col, select

from register.records import AwardRecord, Institution, today
from register.rows import (
    ZONED,
    AwardVersionRow,
    InstitutionVersionRow,
    PersonVersionRow,
    ProgrammeVersionRow,
    award_of,
    institution_of,
    person_of,
    programme_of,
)
from register.store import reading


@dataclass(frozen=True, slots=True)
class Versions:
    """What a document names of its award, and the moment for everything that it does not."""

    award_id: str
    award: int
    person: int
    at: datetime
    """Programme and institutions count as they were recorded up to this moment, UTC."""


class History(Protocol):
    """Reads what the register held before."""

    def record(self, versions: Versions) -> AwardRecord | None:
        """The award as it was; None when the register never held exactly that.

        Raises:
            RegisterUnavailable: the database cannot be used now.
        """
        ...


class SqlHistory:
    """The past of the register on SQLite or PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def record(self, versions: Versions) -> AwardRecord | None:
        """The award as it was; raises as `History.record`."""
        names = {
            "award_id": versions.award_id,
            "award": versions.award,
            "person": versions.person,
            "at": versions.at,
        }
        with reading(self._engine) as session:
            found = session.exec(_RECORD, params=names).first()
            if found is None:
                return None
            award, person, programme, institution = found
            then = institution_of(institution)
            return AwardRecord(
                award=award_of(award),
                person=person_of(person),
                institution=then,
                programme=programme_of(programme),
                institution_today=today(then, _merged_into(session, then, versions.at)),
            )


_AT = bindparam("at", type_=ZONED)
_RECORD = (
    select(AwardVersionRow, PersonVersionRow, ProgrammeVersionRow, InstitutionVersionRow)
    .join(PersonVersionRow, col(PersonVersionRow.person_id) == col(AwardVersionRow.person_id))
    .join(ProgrammeVersionRow, col(ProgrammeVersionRow.code) == col(AwardVersionRow.programme))
    .join(
        InstitutionVersionRow,
        col(InstitutionVersionRow.code) == col(AwardVersionRow.institution),
    )
    .where(
        col(AwardVersionRow.award_id) == bindparam("award_id"),
        col(AwardVersionRow.version) == bindparam("award"),
        col(PersonVersionRow.version) == bindparam("person"),
        col(ProgrammeVersionRow.recorded_at) <= _AT,
        col(InstitutionVersionRow.recorded_at) <= _AT,
    )
    .order_by(
        col(ProgrammeVersionRow.version).desc(),
        col(InstitutionVersionRow.version).desc(),
    )
    .limit(1)
)
"""Built once: every check of a known document asks it, and building costs more than asking."""


def _merged_into(session: Session, first: Institution, at: datetime) -> Mapping[str, Institution]:
    """This institution and every one that it had merged into by then."""
    found = {first.code: first}
    missing = {first.successor} if first.successor else set()
    while missing:
        query = select(InstitutionVersionRow).where(
            col(InstitutionVersionRow.code).in_(missing),
            col(InstitutionVersionRow.recorded_at) <= at,
        )
        rows = session.exec(query.order_by(col(InstitutionVersionRow.version)))
        newest = {row.code: institution_of(row) for row in rows}
        found |= newest
        missing = {one.successor for one in newest.values() if one.successor} - found.keys()
    return found
