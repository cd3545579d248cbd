"""The register as it was: which facts stood behind a document when it was made.

Versions are only ever appended, so the past can be read again exactly.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.engine import Engine
from sqlmodel import Session, col, select

from register.records import AwardRecord, Institution, Programme
from register.store import (
    AwardVersionRow,
    InstitutionVersionRow,
    PersonVersionRow,
    ProgrammeVersionRow,
    award_of,
    institution_of,
    person_of,
    programme_of,
    reading,
    today,
)


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
        with reading(self._engine) as session:
            award = session.get(AwardVersionRow, (versions.award_id, versions.award))
            if award is None:
                return None
            person = session.get(PersonVersionRow, (award.person_id, versions.person))
            programme = _programme(session, award.programme, versions.at)
            institutions = _institutions(session, award.institution, versions.at)
            if person is None or programme is None or award.institution not in institutions:
                return None
            then = institutions[award.institution]
            return AwardRecord(
                award=award_of(award),
                person=person_of(person),
                institution=then,
                programme=programme,
                institution_today=today(then, institutions),
            )


def _programme(session: Session, code: str, at: datetime) -> Programme | None:
    query = (
        select(ProgrammeVersionRow)
        .where(ProgrammeVersionRow.code == code, col(ProgrammeVersionRow.recorded_at) <= at)
        .order_by(col(ProgrammeVersionRow.version).desc())
        .limit(1)
    )
    row = session.exec(query).first()
    return programme_of(row) if row else None


def _institutions(session: Session, code: str, at: datetime) -> dict[str, Institution]:
    """This institution and every one that it had merged into by then."""
    found: dict[str, Institution] = {}
    missing: Collection[str] = {code}
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
