"""The awards of an overview beyond its first one, in SQL: rows beside the intent that names that.

Extracts have none, so whoever reads or counts extracts alone pays nothing for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import ScalarSelect, case, func
from sqlalchemy import select as select_columns
from sqlalchemy.orm import aliased
from sqlmodel import Field, Session, SQLModel, col, select

from credentials.ledger import Entry, Intent, StatedAward
from credentials.overview import is_overview
from credentials.status import WORSE, DocumentStatus
from register.records import AwardStatus
from register.rows import AwardVersionRow


class FurtherAwardRow(SQLModel, table=True):
    """An award that a key was about to state beside that of the intent. Never changed (trigger)."""

    __tablename__ = "ledger_further_award"

    number: str = Field(primary_key=True, foreign_key="ledger_intent.number", max_length=14)
    place: int = Field(primary_key=True)
    """Where it stands in the document; the award of the intent is at 0."""
    award_id: str = Field(max_length=64)
    award_version: int


def rows_of(intent: Intent) -> list[FurtherAwardRow]:
    """What is written beside an intent."""
    return [
        FurtherAwardRow(
            number=intent.number, place=place, award_id=one.award_id, award_version=one.version
        )
        for place, one in enumerate(intent.further, 1)
    ]


def completed(session: Session, entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """These entries with every award that they state; asks nothing where all are extracts."""
    numbers = [one.intent.number for one in entries if is_overview(one.intent.template)]
    if not numbers:
        return tuple(entries)
    found: dict[str, tuple[StatedAward, ...]] = {}
    asked = select(FurtherAwardRow).where(col(FurtherAwardRow.number).in_(numbers))
    for row in session.exec(asked.order_by(col(FurtherAwardRow.place))):
        award = StatedAward(row.award_id, row.award_version)
        found[row.number] = (*found.get(row.number, ()), award)
    return tuple(
        replace(one, intent=replace(one.intent, further=found.get(one.intent.number, ())))
        for one in entries
    )


def worst_further(number: object) -> ScalarSelect[int | None]:
    """The place in `WORSE` of the worst of these awards of that document; NULL of an extract."""
    award, newer = aliased(AwardVersionRow), aliased(AwardVersionRow)
    rank = case(
        (
            col(award.status) == AwardStatus.WITHDRAWN.value,
            WORSE.index(DocumentStatus.WITHDRAWN),
        ),
        (
            col(award.version) != col(FurtherAwardRow.award_version),
            WORSE.index(DocumentStatus.SUPERSEDED),
        ),
        else_=WORSE.index(DocumentStatus.ACTIVE),
    )
    is_newest = ~(
        select_columns(col(newer.version))
        .where(col(newer.award_id) == col(award.award_id), col(newer.version) > col(award.version))
        .exists()
    )
    return (
        select_columns(func.max(rank))
        .join_from(FurtherAwardRow, award, col(award.award_id) == col(FurtherAwardRow.award_id))
        .where(col(FurtherAwardRow.number) == number, is_newest)
        .scalar_subquery()
    )
