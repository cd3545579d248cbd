"""Making receipts of finished checks, and saying years later what they are worth today.

Nothing is kept: whoever wants a receipt later has to have taken it along.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from keys import trust
from keys.errors import TrustListInvalid
from verifier.asking import Sources
from verifier.errors import ReceiptsUnavailable, UnknownFingerprint
from verifier.intake import kind_of
from verifier.ports import IssuedIndex, Status, StatusSource
from verifier.receipts.form import (
    SEEN_BY_FINGERPRINT,
    Receipt,
    compact,
    new_id,
    payload_of,
    short_code,
)
from verifier.receipts.judging import Judged, judge
from verifier.verdict import VERIFIER_VERSION, CheckResult, Verdict, VerdictCode

TODAY: Mapping[str, VerdictCode] = {
    "good": VerdictCode.GENUINE_CURRENT,
    Status.SUPERSEDED.value: VerdictCode.SUPERSEDED,
    Status.WITHDRAWN.value: VerdictCode.WITHDRAWN,
}
"""By the reason of the check of the status; any other one says that nobody could tell."""


class ReceiptSigner(Protocol):
    """The key for receipts, wherever it is."""

    def sign(self, payload: Mapping[str, object]) -> bytes:
        """A flattened JWS of type `echt-receipt+jws` over the payload.

        Raises:
            ReceiptsUnavailable: there is no such key, or it cannot be used now.
        """
        ...


@dataclass(frozen=True, slots=True)
class IssuedReceipt:
    """A receipt on its way to the person who made the check."""

    receipt: Receipt
    token: str

    @property
    def short_code(self) -> str:
        """A few letters that tie a print to this receipt."""
        return short_code(self.token)


@dataclass(frozen=True, slots=True)
class Answer:
    """A receipt judged, and what the same file would be told today."""

    judged: Judged
    today: VerdictCode | None = None
    """None: the ledger does not know this file, or nobody could ask."""

    @property
    def holds(self) -> bool | None:
        """Whether the verdict of then still holds; None where only the file itself could tell."""
        receipt = self.judged.receipt
        if receipt is None or self.today in {None, VerdictCode.GENUINE_STATUS_UNKNOWN}:
            return None
        was_open = receipt.code is VerdictCode.GENUINE_STATUS_UNKNOWN
        return self.today is (VerdictCode.GENUINE_CURRENT if was_open else receipt.code)

    def to_json(self) -> dict[str, object]:
        """The answer as the API and `echt verify --json` tell it."""
        receipt = self.judged.receipt
        return {
            "standing": self.judged.standing.value,
            "reason": self.judged.reason,
            "content": payload_of(receipt) if receipt else None,
            "today": self.today.value if self.today else None,
            "stillHolds": self.holds,
        }


@dataclass(frozen=True, slots=True)
class Receipts:
    """Receipts of one verifier. Without a signer it checks them and makes none."""

    trust: Callable[[], bytes | None]
    clock: Callable[[], datetime]
    signer: ReceiptSigner | None = None
    index: IssuedIndex | None = None
    statuses: StatusSource | None = None
    ledger_count: Callable[[], int | None] = lambda: None

    def issue(self, data: bytes, verdict: Verdict) -> IssuedReceipt:
        """A receipt of a check that was just finished.

        Raises:
            ReceiptsUnavailable: no receipt can be signed here, or not now.
        """
        sha256 = verdict.details.file_sha256 or hashlib.sha256(data).hexdigest()
        serial = verdict.details.trust_list_serial
        return self._sign(sha256, verdict.code, kind_of(data).value, verdict.checked_at, serial)

    def issue_if_possible(self, data: bytes, verdict: Verdict) -> IssuedReceipt | None:
        """As `issue`; a page with a verdict is worth more than an error about its receipt."""
        try:
            return self.issue(data, verdict)
        except ReceiptsUnavailable:
            return None

    def seen_by_fingerprint(self, verdict: Verdict) -> IssuedReceipt | None:
        """A receipt of a finished check by fingerprint; None where none can be signed."""
        sha256 = verdict.details.file_sha256
        if sha256 is None:
            return None
        try:
            return self._sign(sha256, verdict.code, SEEN_BY_FINGERPRINT, verdict.checked_at)
        except ReceiptsUnavailable:
            return None

    def issue_by_fingerprint(self, sha256: str) -> IssuedReceipt:
        """A receipt for a file of ours that stays where it is; its SHA-256 is enough.

        Raises:
            UnknownFingerprint: we issued no such file, or cannot ask now.
            ReceiptsUnavailable: no receipt can be signed here, or not now.
        """
        today = self.today(sha256)
        if today is None:
            raise UnknownFingerprint("No file with this fingerprint is known here.")
        return self._sign(sha256, today, SEEN_BY_FINGERPRINT, self.clock())

    def check(self, token: str, *, offline: bool = False) -> Answer:
        """Say whether a receipt is ours and whether its verdict still holds. Never raises."""
        judged = judge(token, self._sources().trust_list(), self.clock())
        if judged.receipt is None or offline:
            return Answer(judged)
        return Answer(judged, self.today(judged.receipt.sha256))

    def today(self, sha256: str) -> VerdictCode | None:
        """What a check of exactly these bytes would say now, as far as the ledger knows them."""
        sources = self._sources()
        identity, number = sources.identity(sha256)
        if identity.result is not CheckResult.PASS:
            return None
        return TODAY.get(sources.status(number).reason, VerdictCode.GENUINE_STATUS_UNKNOWN)

    def _sources(self) -> Sources:
        return Sources(self.index, self.statuses, None, self.trust)

    def _sign(
        self, sha256: str, code: VerdictCode, kind: str, at: datetime, serial: int | None = None
    ) -> IssuedReceipt:
        if self.signer is None:
            raise ReceiptsUnavailable(
                "This service has no key for receipts, so it can only check them."
            )
        receipt = Receipt(
            receipt_id=new_id(),
            checked_at=at.replace(microsecond=0),
            code=code,
            sha256=sha256,
            document_type=kind,
            trust_serial=self.serial() if serial is None else serial,
            ledger_count=self.ledger_count(),
            verifier_version=VERIFIER_VERSION,
        )
        return IssuedReceipt(receipt, compact(self.signer.sign(payload_of(receipt))))

    def known(self, sha256: str) -> CheckResult:
        """Whether the ledger knows exactly these bytes; not done where it cannot be asked."""
        return self._sources().identity(sha256)[0].result

    def serial(self) -> int:
        """Of the list of now, where none was needed to judge. Without one there is no receipt.

        Raises:
            ReceiptsUnavailable: there is no list, or none that holds now.
        """
        data = self._sources().trust_list()
        try:
            return trust.read(data or b"", now=self.clock()).serial
        except TrustListInvalid as cause:
            raise ReceiptsUnavailable("There is no trust list to judge with now.") from cause
