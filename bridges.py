"""What one room asks of another, answered: small adapters between siblings' ports."""

from __future__ import annotations

from dataclasses import dataclass

from credentials.errors import CredentialError
from credentials.ledger import Ledger, Outcome
from credentials.status import DocumentStatus, Statuses
from register.errors import RegisterError
from verifier.errors import IndexUnavailable, StatusUnavailable
from verifier.ports import IssuedDocument, Status


@dataclass(frozen=True, slots=True)
class LedgerIndex:
    """The verifier's index of issued files, answered by the ledger."""

    ledger: Ledger

    def find(self, sha256: str) -> IssuedDocument | None:
        """The document with exactly these bytes.

        Raises:
            IndexUnavailable: the ledger cannot be read.
        """
        try:
            entry = self.ledger.by_file(sha256)
        except CredentialError as cause:
            raise IndexUnavailable("The list of issued files cannot be asked now.") from cause
        if entry is None:
            return None
        return IssuedDocument(entry.intent.number, entry.intent.intended_at)

    def knows_covered(self, digest: str) -> bool:
        """Whether a seal of ours was recorded over this digest; raises as `find`."""
        try:
            entry = self.ledger.by_covered_digest(bytes.fromhex(digest))
        except CredentialError as cause:
            raise IndexUnavailable("The list of issued files cannot be asked now.") from cause
        return entry is not None and entry.outcome is Outcome.SEALED


_STATUS = {
    DocumentStatus.ACTIVE: Status.GOOD,
    DocumentStatus.SUPERSEDED: Status.SUPERSEDED,
    DocumentStatus.WITHDRAWN: Status.WITHDRAWN,
}


@dataclass(frozen=True, slots=True)
class RegisterStatus:
    """The verifier's source of statuses, answered by ledger and register."""

    statuses: Statuses

    def status(self, document_number: str) -> Status:
        """Whether the document still stands.

        Raises:
            StatusUnavailable: nobody can say now, or the number is not known.
        """
        try:
            found = self.statuses.of_number(document_number)
        except (CredentialError, RegisterError) as cause:
            raise StatusUnavailable("The status cannot be asked now.") from cause
        if found is None:
            raise StatusUnavailable("The status cannot be asked now.")
        return _STATUS[found]
