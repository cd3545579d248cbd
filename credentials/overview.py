"""The noun of a document about several awards of one person: what an extract is for one.

An overview says nothing that the extracts of its awards do not say, in the same words; it only
says all of it at once. So it is made of extracts, and each of its facts has the road of theirs.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from credentials.extract import Extract, Language, Purpose
from register.records import AwardRecord

_KIND = "overview "
OVERVIEW_TEMPLATE = _KIND + "2026-11-29.1"
"""As `extract.TEMPLATE_VERSION`; it says of which kind the document is, too."""
MOST_PAGES = 20
"""No check reads more, so nothing longer may be sealed (verifier.md 3.7)."""
_RESULTS_ON_A_PAGE = 14
"""At least; mostly there are twice as many."""


@dataclass(frozen=True, slots=True)
class Overview:
    """One statement about several awards of one person, in one language, made at one moment.

    Raises:
        ValueError: there are fewer than two awards, or they are of several people, or the
            moment is not one that an extract can have.
    """

    number: str
    language: Language
    purpose: Purpose
    issued_at: datetime
    records: tuple[AwardRecord, ...]
    """In the order in which they are told."""

    def __post_init__(self) -> None:
        """Refuse what is no overview; the parts refuse a moment."""
        one_person = len({record.person.person_id for record in self.records}) == 1
        if not self.parts[1:] or not one_person:
            raise ValueError("an overview is about several awards of one person")

    @property
    def template(self) -> str:
        """Version of the template that draws it."""
        return OVERVIEW_TEMPLATE

    @property
    def parts(self) -> tuple[Extract, ...]:
        """Each award by itself, as an extract under this number would state it."""
        asked = (self.number, self.language, self.purpose, self.issued_at)
        return tuple(Extract(*asked, record) for record in self.records)


Document = Extract | Overview
Stated = TypeVar("Stated", Extract, Overview)
"""One of the two kinds; whoever handles one kind never gets the other."""


def fits(records: Sequence[AwardRecord]) -> bool:
    """Whether an overview of these stays within the pages that a check reads.

    Told before anything is drawn: an award without its results takes a page at most.
    """
    results = sum(len(record.award.results) for record in records)
    return len(records) + results / _RESULTS_ON_A_PAGE <= MOST_PAGES


def is_overview(template: str) -> bool:
    """Whether a document that was drawn by this template states several awards."""
    return template.startswith(_KIND)
