"""What one room asks of another, answered: small adapters between siblings' ports."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from credentials.errors import CredentialError
from credentials.ledger import Ledger, Outcome
from credentials.restating import Restating
from credentials.standing import Mark, Standings
from credentials.status import DocumentStatus
from keys import publishing
from keys.custody import SealSigner
from keys.errors import KeysError
from register.errors import RegisterError
from verifier.errors import IndexUnavailable, ReceiptsUnavailable, StatusUnavailable
from verifier.extract_data import facts_of
from verifier.ports import HashStatus, IssuedDocument, Status
from verifier.receipts.form import TYPE
from verifier.receipts.texts import NOT_NOW
from verifier.verdict import Facts

_AWAY = "The list of issued documents cannot be asked now."


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
            raise IndexUnavailable(_AWAY) from cause
        if entry is None:
            return None
        return IssuedDocument(entry.intent.number)

    def knows_covered(self, digest: str) -> bool:
        """Whether a seal of ours was recorded over this digest; raises as `find`."""
        try:
            entry = self.ledger.by_covered_digest(bytes.fromhex(digest))
        except CredentialError as cause:
            raise IndexUnavailable(_AWAY) from cause
        return entry is not None and entry.outcome is Outcome.SEALED


@dataclass(frozen=True, slots=True)
class RecordedFacts:
    """The verifier's facts about issued documents, told again from ledger and register."""

    restating: Restating

    def printed(self, document_number: str) -> Facts | None:
        """The machine data of that document, or None when they cannot be told now."""
        try:
            told = self.restating.extract_json(document_number)
        except (CredentialError, RegisterError):
            return None
        return facts_of(told) if told else None


_STATUS = {
    DocumentStatus.ACTIVE: Status.GOOD,
    DocumentStatus.SUPERSEDED: Status.SUPERSEDED,
    DocumentStatus.WITHDRAWN: Status.WITHDRAWN,
}


@dataclass(frozen=True, slots=True)
class RegisterStatus:
    """The verifier's source of statuses, answered by ledger and register."""

    asked: Callable[[str], DocumentStatus | None]
    """How the document under a number stands; None when none was issued."""

    def status(self, document_number: str) -> Status:
        """Whether the document still stands.

        Raises:
            StatusUnavailable: nobody can say now, or the number is not known.
        """
        try:
            found = self.asked(document_number)
        except CredentialError as cause:
            raise StatusUnavailable("The status cannot be asked now.") from cause
        if found is None:
            raise StatusUnavailable("The status cannot be asked now.")
        return _STATUS[found]


@dataclass(frozen=True, slots=True)
class LedgerBuckets:
    """The verifier's buckets of one kind of hash, answered by ledger and register."""

    standings: Standings
    mark: Mark
    clock: Callable[[], datetime]

    def as_of(self) -> datetime:
        """Now: the register is asked each time."""
        return self.clock()

    def sizes(self) -> Mapping[int, int]:
        """How many hashes begin with each sixteen bits.

        Raises:
            IndexUnavailable: the ledger cannot be read.
        """
        try:
            counted = self.standings.sizes(self.mark)
        except CredentialError as cause:
            raise IndexUnavailable(_AWAY) from cause
        return {int(head, 16): size for head, size in counted.items()}

    def between(self, first: str, last: str) -> Sequence[HashStatus]:
        """The hashes between these two; raises as `sizes`."""
        try:
            found = self.standings.between(self.mark, first, last)
        except CredentialError as cause:
            raise IndexUnavailable(_AWAY) from cause
        return [HashStatus(one.sha256, _STATUS[one.status]) for one in found]


@dataclass(frozen=True, slots=True)
class ServiceKey:
    """The key by which this service signs what it says of one kind."""

    opened: Callable[[], SealSigner]
    """The key of now: another one after a rotation."""
    kind: str

    def sign(self, payload: Mapping[str, object]) -> bytes:
        """A flattened JWS of this kind over the payload.

        Raises:
            KeysError: there is no such key, or it cannot be used now.
        """
        return publishing.signed(payload, self.opened(), kind=self.kind)


class KeyForReceipts:
    """The verifier's signer of receipts, answered by a key of this instance."""

    def __init__(self, open_signer: Callable[[], SealSigner]) -> None:
        self._key = ServiceKey(open_signer, TYPE)

    def sign(self, payload: Mapping[str, object]) -> bytes:
        """A receipt as a flattened JWS.

        Raises:
            ReceiptsUnavailable: this role has no key for receipts, or cannot use it now.
        """
        try:
            return self._key.sign(payload)
        except KeysError as cause:
            raise ReceiptsUnavailable(NOT_NOW) from cause


class LedgerCount:
    """How many documents the ledger holds, as of about a minute ago at most.

    To count a whole ledger takes long, so one does it; who comes meanwhile gets the last count.
    """

    def __init__(self, ledger: Ledger, clock: Callable[[], datetime]) -> None:
        self._ledger = ledger
        self._clock = clock
        self._seen: tuple[datetime, int] | None = None
        self._counting = threading.Lock()

    def __call__(self) -> int | None:
        """The count; None when the ledger cannot be asked."""
        seen = self._seen
        if not self._counting.acquire(blocking=seen is None):
            return seen and seen[1]
        try:
            return self._counted()
        finally:
            self._counting.release()

    def _counted(self) -> int | None:
        now, seen = self._clock(), self._seen
        if seen is not None and abs(now - seen[0]) < timedelta(minutes=1):
            return seen[1]
        try:
            self._seen = (now, self._ledger.count_sealed())
        except CredentialError:
            return None
        return self._seen[1]
