"""The provider's side of a transfer: from a client's request to the answer, over any store.

Each step is taken from the stored state and stored only if that state still stands, so two
tabs, two clicks or two processes never take it twice. Whatever goes wrong inside us, the
transfer ends, and the client is answered (emrex.md 3.2).
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from emrex.errors import EmrexError, NoSuchTransfer, NotYourRecord, WrongState
from emrex.exchange import transaction as steps
from emrex.exchange.answering import Answer, answer
from emrex.exchange.ports import Transfers
from emrex.exchange.receipt import TEXT_VERSION, Receipt
from emrex.exchange.request import request_of
from emrex.exchange.states import State
from emrex.exchange.transaction import ERASED_AFTER, Holder, Transaction
from emrex.making import Maker
from keys.errors import KeysError
from register.errors import RegisterError
from register.ports import Register
from register.records import AwardRecord, AwardStatus
from storage.errors import StorageUnavailable

RANDOM_BYTES = 16
FAULTS = (EmrexError, KeysError, RegisterError, StorageUnavailable)
"""What may be wrong with us while a document is made; none of it is the client's business."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """Transfers of one instance."""

    transfers: Transfers
    register: Register
    maker: Maker
    clock: Callable[[], datetime]
    local: bool = False
    """Whether answers may go to this machine, as in development."""

    def begin(self, fields: Sequence[tuple[str, str]]) -> tuple[str, str]:
        """Take a client's request in; returns the transfer's id and the browser's secret.

        Raises:
            RequestRefused: nobody could answer it safely.
        """
        request = request_of(fields, local=self.local)
        self.tidy()
        tid, secret = (secrets.token_urlsafe(RANDOM_BYTES) for _ in range(2))
        self.transfers.add(steps.begun(tid, request, self._now()), _digest(secret))
        return tid, secret

    def find(self, tid: str, secret: str) -> Transaction:
        """The transfer as it stands now; one whose time is over ends here.

        Raises:
            NoSuchTransfer: not in this browser.
        """
        found = self.transfers.find(tid, _digest(secret))
        if found is None:
            raise NoSuchTransfer("There is no transfer here. Start again at the university.")
        now = self._now()
        if steps.is_overdue(found, now):
            return self._took(found, steps.ended(found, State.EXPIRED, now))
        return found

    def send_to_log_in(self, transfer: Transaction) -> Transaction:
        """The holder leaves to log in, or leaves once more after a login that failed."""
        if transfer.state is State.AUTHENTICATING:
            return transfer
        return self._took(transfer, steps.logging_in(transfer, self._now()))

    def let_in(self, transfer: Transaction, holder: Holder) -> Transaction:
        """The holder is known; where the register has nothing to send, the transfer ends."""
        now = self._now()
        try:
            has_results = bool(self._sendable(holder.person_id))
        except (RegisterError, StorageUnavailable):
            return self._took(transfer, steps.ended(transfer, State.FAILED, now))
        known = self._took(transfer, steps.logged_in(transfer, holder, now))
        if has_results:
            return known
        return self._took(known, steps.ended(known, State.NO_RESULTS, now))

    def offered(self, transfer: Transaction) -> Sequence[AwardRecord]:
        """Everything that the register has of the holder, withdrawn diplomas too.

        Raises:
            WrongState: nobody logged in for this transfer.
        """
        if transfer.holder is None:
            raise WrongState("Log in first.", transfer.state)
        return self.register.awards_of(transfer.holder.person_id)

    def chosen(self, transfer: Transaction) -> Sequence[AwardRecord]:
        """The records that will be sent, in the order of the register."""
        chosen = set(transfer.records)
        return [one for one in self.offered(transfer) if one.award.award_id in chosen]

    def choose(self, transfer: Transaction, records: Sequence[str]) -> Transaction:
        """The holder chose whole diplomas.

        Raises:
            NotYourRecord: one of them was not offered.
            WrongState: nothing was chosen, or it is too late.
        """
        offered = {
            one.award.award_id: one.award.status is not AwardStatus.WITHDRAWN
            for one in self.offered(transfer)
        }
        if not all(offered.get(one, False) for one in records):
            raise NotYourRecord("That is not one of the diplomas that you can choose.")
        wanted = list(offered) if not transfer.may_choose else records
        ordered = tuple(one for one, sendable in offered.items() if sendable and one in wanted)
        return self._took(transfer, steps.chosen(transfer, ordered, self._now()))

    def choose_again(self, transfer: Transaction) -> Transaction:
        """Back from the preview to the choice."""
        return self._took(transfer, steps.choosing_again(transfer, self._now()))

    def consent(self, transfer: Transaction, language: str) -> Transaction:
        """The holder says yes to what the preview showed, and the document is made."""
        agreed = self._took(transfer, steps.consented(transfer, self._now()))
        return self.finish(agreed, language)

    def finish(self, transfer: Transaction, language: str) -> Transaction:
        """Make and keep the document of a transfer that was said yes to; ends it on a fault.

        Called again after a process was killed in between: nothing was sent then.
        """
        try:
            receiver = transfer.request.return_url.origin
            document = self.maker.document(self.chosen(transfer), transfer.version, receiver)
            signed = steps.signed(transfer, self._now())
            receipt = self._receipt(signed, document, language)
        except FAULTS:
            return self._took(transfer, steps.ended(transfer, State.FAILED, self._now()))
        if not self.transfers.keep_signed(transfer, signed, document, receipt):
            raise WrongState("This step was taken already.", transfer.state)
        return signed

    def stop(self, transfer: Transaction, state: State) -> Transaction:
        """The holder goes back without sending, or after a login that failed."""
        return self._took(transfer, steps.ended(transfer, state, self._now()))

    def hand_over(self, transfer: Transaction) -> Answer:
        """The answer for the client. With a document: once, and once more within two minutes.

        Raises:
            WrongState: it has not ended, or was handed over already.
        """
        if transfer.state not in {State.SIGNED, State.HANDED_OVER}:
            return answer(transfer)
        fetched = self._took(transfer, steps.fetched(transfer, self._now()))
        return answer(fetched, self.transfers.document(fetched.tid))

    def tidy(self) -> None:
        """End what nobody goes on with, and erase documents that were handed over."""
        now = self._now()
        self.transfers.expire(now - steps.IDLE, now - steps.TOTAL)
        self.transfers.erase(now - ERASED_AFTER)

    def _took(self, before: Transaction, after: Transaction) -> Transaction:
        if not self.transfers.change(before, after):
            raise WrongState("This step was taken already.", before.state)
        return after

    def _sendable(self, person_id: str) -> list[AwardRecord]:
        awards = self.register.awards_of(person_id)
        return [one for one in awards if one.award.status is not AwardStatus.WITHDRAWN]

    def _receipt(self, signed: Transaction, document: bytes, language: str) -> Receipt:
        if signed.holder is None:
            raise WrongState("Log in first.", signed.state)
        address = signed.request.return_url
        return Receipt(
            receipt_id=secrets.token_urlsafe(RANDOM_BYTES),
            tid=signed.tid,
            person_id=signed.holder.person_id,
            text_version=TEXT_VERSION,
            language=language,
            receiver=address.host,
            origin=address.origin,
            records=signed.records,
            sha256=hashlib.sha256(document).hexdigest(),
            certificate=hashlib.sha256(self.maker.signer().chain[0]).hexdigest(),
            signed_at=signed.touched,
        )

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
