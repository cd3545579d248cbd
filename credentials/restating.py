"""What a document states, told again from our own record without opening any file.

The ledger says of which versions a document was made, and holds a hash of everything
that it states. What the register held then is read again, and counts only when it gives
that very hash: so the answer is what was printed, to the letter, or none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from credentials.attachment import extract_json, overview_json
from credentials.extract import Extract, Language, Purpose
from credentials.issuing import statement_of
from credentials.ledger import Intent, Ledger, Outcome, StatedAward
from credentials.overview import Document, Overview, is_overview
from register.history import History, Versions
from register.records import AwardRecord

_SECOND = timedelta(seconds=1)
"""An intent has whole seconds: what was recorded within that second may count or not."""


@dataclass(frozen=True, slots=True)
class Restating:
    """Tells what documents state, from ledger and register."""

    ledger: Ledger
    history: History

    def extract_json(self, number: str) -> bytes | None:
        """The facts that are attached to this document, byte for byte as they are in the file.

        None when no such document was sealed, or when the record of that day cannot be
        told again with certainty.

        Raises:
            LedgerUnavailable: the ledger cannot be read.
            RegisterUnavailable: the register cannot be read.
        """
        entry = self.ledger.by_number(number)
        if entry is None or entry.outcome is not Outcome.SEALED:
            return None
        stated = self._stated(entry.intent)
        if isinstance(stated, Overview):
            return overview_json(stated, entry.intent.template)
        return extract_json(stated, entry.intent.template) if stated is not None else None

    def _stated(self, intent: Intent) -> Document | None:
        for leeway in (_SECOND, timedelta(0)):
            document = self._document(intent, intent.intended_at + leeway)
            if document is not None and _is_what_was_stated(document, intent):
                return document
        return None

    def _document(self, intent: Intent, at: datetime) -> Document | None:
        found = [self._record(intent, award, at) for award in intent.awards]
        records = tuple(one for one in found if one is not None)
        if len(records) != len(found):
            return None
        asked = (intent.number, Language(intent.language), Purpose(intent.purpose))
        if is_overview(intent.template):
            return Overview(*asked, intent.intended_at, records)
        return Extract(*asked, intent.intended_at, records[0])

    def _record(self, intent: Intent, award: StatedAward, at: datetime) -> AwardRecord | None:
        versions = Versions(award.award_id, award.version, intent.person_version, at)
        return self.history.record(versions)


def _is_what_was_stated(document: Document, intent: Intent) -> bool:
    return statement_of(document, intent.profile, intent.template) == intent.statement
