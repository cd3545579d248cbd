"""What a process with the key signs for one without it: only what its own sources bear out.

Whoever has taken over a web process can ask here for true receipts about files of ours, and
for receipts that say nothing good about a file that nobody issued. There is no way to have
a file called genuine that is not, and no way to have other words signed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from verifier.errors import NotAReceipt, ReceiptsUnavailable
from verifier.intake import Kind
from verifier.receipts.desk import Receipts
from verifier.receipts.form import SEEN_BY_FINGERPRINT, Receipt, payload_of, receipt_of
from verifier.receipts.texts import NOT_NOW
from verifier.verdict import VERIFIER_VERSION, CheckResult, VerdictCode

RECEIPTS = "/receipts"
JUST_NOW = timedelta(minutes=2)
"""How long ago a check may have been made; and how far two clocks may be apart."""
KINDS = frozenset({*(kind.value for kind in Kind), SEEN_BY_FINGERPRINT})
OF_OTHERS = frozenset(
    {
        VerdictCode.ALTERED,
        VerdictCode.NOT_OURS,
        VerdictCode.NOT_ORIGINAL,
        VerdictCode.CANNOT_CHECK,
    }
)
"""What a file that the ledger does not know may be called on the word of whoever read it."""


@dataclass(frozen=True, slots=True)
class Vouching:
    """Signs receipts of checks that another process made."""

    desk: Receipts

    def signed(self, payload: Mapping[str, object]) -> bytes:
        """The receipt with exactly these members, as a flattened JWS.

        Raises:
            NotAReceipt: not the members of a receipt, or not what our own sources say.
            ReceiptsUnavailable: no receipt can be signed here, or not now.
        """
        if self.desk.signer is None:
            raise ReceiptsUnavailable(NOT_NOW)
        receipt = receipt_of(payload)
        if not (self._is_of_now(receipt) and self._is_true(receipt)):
            raise NotAReceipt("This is not a receipt of a check.")
        return self.desk.signer.sign(payload_of(receipt))

    def _is_of_now(self, receipt: Receipt) -> bool:
        own = receipt.document_type in KINDS and receipt.verifier_version == VERIFIER_VERSION
        age = abs(self.desk.clock() - receipt.checked_at)
        return own and age <= JUST_NOW and receipt.trust_serial <= self.desk.serial()

    def _is_true(self, receipt: Receipt) -> bool:
        """Whether the ledger and the register say so too; where nobody can tell, they do not."""
        known = self.desk.known(receipt.sha256)
        if known is CheckResult.FAIL:
            return receipt.code in OF_OTHERS
        today = self.desk.today(receipt.sha256)
        if today is VerdictCode.GENUINE_CURRENT:  # the register may have been away at the check
            return receipt.code in {today, VerdictCode.GENUINE_STATUS_UNKNOWN}
        return receipt.code is today
