"""What a document states, told again from our own record without opening any file.

The ledger says of which versions a document was made, and holds a hash of everything
that it states. What the register held then is read again, and counts only when it gives
that very hash: so the answer is what was printed, to the letter, or none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from credentials.attachment import extract_json
from credentials.extract import Extract, Language, Purpose
from credentials.issuing import statement_of
from credentials.ledger import Intent, Ledger, Outcome
from register.history import History, Versions

_SECOND = timedelta(seconds=1)
"""An intent has whole seconds: what was recorded within that second may count or not."""


@dataclass(frozen=True, slots=True)
class Restating:
    """Tells what documents state, from ledger and register."""

    ledger: Ledger
    history: History

    def extract_json(self, number: str) -> bytes | None:
        """The `extract.json` of this document, byte for byte as it is in the file.

        None when no such document was sealed, or when the record of that day cannot be
        told again with certainty.

        Raises:
            LedgerUnavailable: the ledger cannot be read.
            RegisterUnavailable: the register cannot be read.
        """
        entry = self.ledger.by_number(number)
        if entry is None or entry.outcome is not Outcome.SEALED:
            return None
        extract = self._stated(entry.intent)
        return extract_json(extract, entry.intent.template) if extract is not None else None

    def _stated(self, intent: Intent) -> Extract | None:
        for leeway in (_SECOND, timedelta(0)):
            extract = self._extract(intent, leeway)
            if extract is not None and _is_what_was_stated(extract, intent):
                return extract
        return None

    def _extract(self, intent: Intent, leeway: timedelta) -> Extract | None:
        at = intent.intended_at + leeway
        versions = Versions(intent.award_id, intent.award_version, intent.person_version, at)
        record = self.history.record(versions)
        if record is None:
            return None
        return Extract(
            number=intent.number,
            language=Language(intent.language),
            purpose=Purpose(intent.purpose),
            issued_at=intent.intended_at,
            record=record,
        )


def _is_what_was_stated(extract: Extract, intent: Intent) -> bool:
    return statement_of(extract, intent.profile, intent.template) == intent.statement
