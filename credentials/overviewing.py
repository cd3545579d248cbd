"""Several awards of one holder in one sealed document: the one already made, or a new one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from credentials.archive import Archive
from credentials.downloading import again, issue, sealed_in
from credentials.extract import Language, Purpose
from credentials.issuing import Issued, Issuer, require_statable
from credentials.ledger import Ledger
from credentials.overview import Overview
from register.records import AwardRecord


@dataclass(frozen=True, slots=True)
class Overviews:
    """Gives every statement about several awards exactly one sealed document.

    Nobody downloads one by itself: it goes with the extracts of its awards, so it has no
    preview and no queue of its own.
    """

    issuer: Issuer[Overview]
    ledger: Ledger
    archive: Archive
    draw_number: Callable[[], str]
    clock: Callable[[], datetime]

    def overview(
        self, records: Sequence[AwardRecord], language: Language, purpose: Purpose
    ) -> Issued:
        """The sealed overview of these awards in this order; once more gives the same bytes.

        Raises:
            AlreadyIssuing: the same document is being made at this moment.
            CredentialError: as `Issuer.prepare` and `Issuer.seal`.
            ValueError: they are not several awards of one person.
        """
        for record in records:
            require_statable(record)
        now = self.clock().astimezone(UTC).replace(microsecond=0)
        asked = Overview(self.draw_number(), language, purpose, now, tuple(records))
        tries = self.ledger.attempts(self.issuer.statement(asked))
        made = sealed_in(tries)
        return again(made, self.archive) if made else issue(asked, self.issuer, tries)
