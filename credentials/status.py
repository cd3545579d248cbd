"""Whether an issued document still says what the register says.

Derived at the moment of asking from the versions that the document was made of,
so no step can be forgotten between a correction and the documents it makes old.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass

from credentials.ledger import Entry, StatedAward
from register.ports import Register
from register.records import AwardStatus


class DocumentStatus(enum.StrEnum):
    """Status of an issued document; the reason stays inside (register.md 3.1)."""

    ACTIVE = "active"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


WORSE = (DocumentStatus.ACTIVE, DocumentStatus.SUPERSEDED, DocumentStatus.WITHDRAWN)
"""From good to bad."""


@dataclass(frozen=True, slots=True)
class Statuses:
    """Answers for documents of which the ledger's entry is at hand."""

    register: Register

    def of_entry(self, entry: Entry) -> DocumentStatus:
        """Status of the document of this entry.

        Raises:
            RegisterUnavailable: the register cannot be read.
        """
        person = entry.intent.person_version
        return worst(self._of_award(one, person) for one in entry.intent.awards)

    def _of_award(self, stated: StatedAward, person_version: int) -> DocumentStatus:
        record = self.register.award(stated.award_id)
        return status_of(
            record.award.status,
            then=(stated.version, person_version),
            now=(record.award.version, record.person.version),
        )


def worst(statuses: Iterable[DocumentStatus]) -> DocumentStatus:
    """How a document stands of which the parts stand so: no better than any of them."""
    return max(statuses, key=WORSE.index)


def status_of(award: AwardStatus, *, then: tuple[int, int], now: tuple[int, int]) -> DocumentStatus:
    """The one rule: versions of award and person that the document names, against today's."""
    if award is AwardStatus.WITHDRAWN:
        return DocumentStatus.WITHDRAWN
    return DocumentStatus.ACTIVE if then == now else DocumentStatus.SUPERSEDED
