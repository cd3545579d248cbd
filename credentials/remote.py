"""Extracts made by the signer process: the web role's end of the line.

This process holds no key and never sees one. It can ask for an extract of an award by
name; the signer reads the award, decides, records and seals by itself. While nobody
answers, sealing is paused, and everything that needs no key goes on.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from credentials.errors import SealingPaused
from credentials.extract import TEMPLATE_VERSION, Language, Purpose
from credentials.issuing import Issued, require_statable
from credentials.ledger import Entry, Ledger
from credentials.line import SignerLine
from credentials.wire import EXTRACTS, NUMBER, PAUSED, READY, Wanted
from register.records import AwardRecord

_NUMBER = re.compile(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){2}", re.ASCII)


@dataclass(frozen=True, slots=True)
class RemoteExtracts:
    """Asks the signer for extracts."""

    line: SignerLine
    """What carries a request to the signer, for other rooms that ask it too."""
    ledger: Ledger
    """Says which documents exist already; that needs no signer."""
    clock: Callable[[], datetime]

    def extract(self, record: AwardRecord, language: Language, purpose: Purpose) -> Issued:
        """The sealed extract of this award; a second identical call gives the same bytes.

        Raises:
            SealingPaused: the signer is not there, is not ours, or cannot seal now.
            CredentialError: whatever the signer raised, as the same class.
        """
        require_statable(record)
        wanted = Wanted(
            award_id=record.award.award_id,
            person_id=record.person.person_id,
            language=language,
            purpose=purpose,
        )
        answer = self.line.ask("POST", EXTRACTS, wanted.model_dump_json(), mark=NUMBER)
        if not _NUMBER.fullmatch(answer.mark):
            raise SealingPaused(PAUSED)
        return Issued(answer.mark, answer.content)

    def made(self, record: AwardRecord, language: Language, purpose: Purpose) -> Entry | None:
        """The document that `extract` would give again, as far as the ledger tells."""
        wanted = _marks(record, language, purpose)
        documents = self.ledger.documents_of(record.person.person_id)
        return next((entry for entry in documents if _marks_of(entry) == wanted), None)

    def ping(self) -> None:
        """Ask whether the signer can seal; raises whatever keeps it from that."""
        self.line.ask("GET", READY)


Marks = tuple[str, int, str, int, str, str, str]


def _marks(record: AwardRecord, language: Language, purpose: Purpose) -> Marks:
    """What makes two extracts the same statement (`issuing.statement_of`), but for the profile."""
    award, person = record.award, record.person
    return (
        award.award_id,
        award.version,
        person.person_id,
        person.version,
        language.value,
        purpose.value,
        TEMPLATE_VERSION,
    )


def _marks_of(entry: Entry) -> Marks:
    intent = entry.intent
    return (
        intent.award_id,
        intent.award_version,
        intent.person_id,
        intent.person_version,
        intent.language,
        intent.purpose,
        intent.template,
    )
