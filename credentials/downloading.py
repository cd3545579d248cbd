"""A holder downloads an extract: the one already made, or a new one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain

from credentials.archive import Archive
from credentials.errors import AlreadyIssuing
from credentials.extract import Extract, Language, Purpose
from credentials.issuing import Issued, Issuer, require_statable, statement_of
from credentials.ledger import Entry, Ledger, Outcome
from credentials.overview import Stated
from register.records import AwardRecord

DRAFT_NUMBER = "0000-0000-0000"
"""Stands on previews, before a number is drawn; no real number holds a zero."""


@dataclass(frozen=True, slots=True)
class Downloads:
    """Gives every statement exactly one sealed document."""

    issuer: Issuer[Extract]
    ledger: Ledger
    archive: Archive
    draw_number: Callable[[], str]
    clock: Callable[[], datetime]
    also: tuple[str, ...] = ()
    """Digests of further profiles whose documents serve as well: a cohort's, sealed to last."""

    def extract(self, record: AwardRecord, language: Language, purpose: Purpose) -> Issued:
        """The sealed extract of this award; a second identical call gives the same bytes.

        Raises:
            AlreadyIssuing: the same document is being made at this moment.
            CredentialError: as `Issuer.prepare` and `Issuer.seal`.
        """
        require_statable(record)
        extract = self.draft(record, language, purpose)
        tries, made = self._tries(extract)
        if made is not None:
            return again(made, self.archive)
        return issue(extract, self.issuer, tries)

    def made(self, record: AwardRecord, language: Language, purpose: Purpose) -> Entry | None:
        """The document that this download would give again, where there is one."""
        _, made = self._tries(self.draft(record, language, purpose))
        return made

    def draft(self, record: AwardRecord, language: Language, purpose: Purpose) -> Extract:
        """What would be stated now, under a number of its own; nothing is recorded."""
        now = self.clock().astimezone(UTC).replace(microsecond=0)
        return Extract(self.draw_number(), language, purpose, now, record)

    def _tries(self, extract: Extract) -> tuple[tuple[Entry, ...], Entry | None]:
        """Our own tries, and the document that serves, under our own profile or another.

        Asked once and together: whoever finishes after this has taken the attempt that comes
        next here, and the ledger takes no attempt twice.
        """
        own = self.ledger.attempts(self.issuer.statement(extract))
        also = (self.ledger.attempts(statement_of(extract, one)) for one in self.also)
        return own, next(filter(None, map(sealed_in, chain([own], also))), None)


def issue(document: Stated, issuer: Issuer[Stated], tries: Sequence[Entry]) -> Issued:
    """Seal what none of these tries at it has sealed; raises as `Downloads.extract`."""
    if any(entry.outcome is None for entry in tries):
        raise AlreadyIssuing("This document is being made right now. Try again in a moment.")
    return issuer.seal(issuer.prepare(document), attempt=len(tries))


def again(made: Entry, archive: Archive) -> Issued:
    """A document that was sealed before; raises as `Archive.get`."""
    return Issued(made.intent.number, archive.get(made.intent.number))


def sealed_in(tries: Sequence[Entry]) -> Entry | None:
    """The one of these tries that ended in a document."""
    return next((entry for entry in tries if entry.outcome is Outcome.SEALED), None)
