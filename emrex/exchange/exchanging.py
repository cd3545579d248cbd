"""The provider's side of a transfer: from a client's request to the answer, over any store.

Each step is taken from the stored state and stored only if that state still stands, so two
tabs, two clicks or two processes never take it twice. Whatever goes wrong inside us, the
transfer ends, and the client is answered (emrex.md 3.2).
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from credentials.errors import CredentialError
from emrex.elmo.mapping import PASSED
from emrex.elmo.saying import can_say
from emrex.errors import EmrexError, NoSuchTransfer, NotYourRecord, ShownOtherwise, WrongState
from emrex.exchange import transaction as steps
from emrex.exchange.answering import Answer, answer
from emrex.exchange.clients import Client, known_clients
from emrex.exchange.ports import Awards, Documents, Transfers
from emrex.exchange.receipt import TEXT_VERSION, Receipt, ShownReceiver
from emrex.exchange.request import Request
from emrex.exchange.showing import receiver_of
from emrex.exchange.states import State
from emrex.exchange.transaction import ERASED_AFTER, Holder, TimeLeft, Transaction
from emrex.exchange.watching import Watch
from emrex.making import Made
from keys.errors import KeysError
from register.errors import RegisterError
from register.records import AwardRecord, AwardStatus
from storage.errors import StorageUnavailable

RANDOM_BYTES = 16
FAULTS = (CredentialError, EmrexError, KeysError, RegisterError, StorageUnavailable)
"""What may be wrong with us while a document is made; none of it is the client's business."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What the register has of a holder for a client, withdrawn diplomas too."""

    records: Sequence[AwardRecord] = ()
    sendable: frozenset[str] = frozenset()
    """Ids of those that stand, and lack nothing that a document must have."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """Transfers of one instance."""

    transfers: Transfers
    register: Awards
    maker: Documents
    clock: Callable[[], datetime]
    clients: Mapping[str, Client] = field(default_factory=known_clients)
    """Whose name we know, by origin."""
    local: bool = False
    """Whether answers may go to this machine, as in development."""
    watch: Watch = field(default_factory=Watch)

    def open(self, request: Request) -> tuple[str, str]:
        """Begin a transfer that was asked for; returns its id and the browser's secret."""
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

    def let_in(self, transfer: Transaction, holder: Holder) -> tuple[Transaction, Offer]:
        """The holder is known; where the register has nothing to send, the transfer ends."""
        now = self._now()
        try:
            offer = self._offer(self._listed(transfer, holder))
        except (RegisterError, StorageUnavailable):
            return self._took(transfer, steps.ended(transfer, State.FAILED, now)), Offer()
        known = self._took(transfer, steps.logged_in(transfer, holder, now))
        if offer.sendable:
            return known, offer
        return self._took(known, steps.ended(known, State.NO_RESULTS, now)), offer

    def offered(self, transfer: Transaction) -> Offer:
        """What there is to choose from.

        Raises:
            WrongState: nobody logged in for this transfer.
        """
        return self._offer(self._of_holder(transfer))

    def _offer(self, records: Sequence[AwardRecord]) -> Offer:
        sendable = (one.award.award_id for one in records if self._is_sendable(one))
        return Offer(records, frozenset(sendable))

    def _is_sendable(self, record: AwardRecord) -> bool:
        return record.award.status is not AwardStatus.WITHDRAWN and can_say(record, self.clock())

    def chosen(self, transfer: Transaction) -> Sequence[AwardRecord]:
        """The records that will be sent, in the order of the register."""
        chosen = set(transfer.records)
        return [one for one in self._of_holder(transfer) if one.award.award_id in chosen]

    def choose(self, transfer: Transaction, records: Sequence[str]) -> Transaction:
        """The holder chose whole diplomas; also anew, from a page of before.

        Raises:
            NotYourRecord: one of them was not offered; an alarm, where it is not theirs at all.
            WrongState: nothing was chosen, or it is too late.
        """
        if transfer.state is State.PREVIEW:
            transfer = self.choose_again(transfer)
        offer = self.offered(transfer)
        if not offer.sendable.issuperset(records):
            self._look_whose(transfer, records)
            raise NotYourRecord("That is not one of the diplomas that you can choose.")
        wanted = offer.sendable.intersection(records) if transfer.may_choose else offer.sendable
        ids = (one.award.award_id for one in offer.records)
        ordered = tuple(one for one in ids if one in wanted)
        return self._took(transfer, steps.chosen(transfer, ordered, self._now()))

    def _look_whose(self, transfer: Transaction, records: Sequence[str]) -> None:
        """Raise the alarm unless all of it is the holder's own, withdrawn or not passed."""
        holder = transfer.holder
        mine = self.register.awards_of(holder.person_id) if holder else ()
        if not {one.award.award_id for one in mine}.issuperset(records):
            self.watch.forged(transfer.tid)

    def give_time(self, transfer: Transaction) -> Transaction:
        """The holder needs longer for this step; raises as `given_time`."""
        return self._took(transfer, steps.given_time(transfer, self._now()))

    def time_left(self, transfer: Transaction) -> TimeLeft:
        """How long the holder has."""
        return steps.time_left(transfer, self._now())

    def choose_again(self, transfer: Transaction) -> Transaction:
        """Back from the preview to the choice."""
        return self._took(transfer, steps.choosing_again(transfer, self._now()))

    def consent(self, transfer: Transaction, language: str, shown: str) -> Transaction:
        """The holder says yes to what the preview showed, and the document is made of just that.

        Raises:
            ShownOtherwise: `shown` is not the mark of what would be sent now.
            WrongState: there is nothing to say yes to, or it was said.
        """
        records = self.chosen(transfer)
        if mark(records) != shown:
            raise ShownOtherwise("Something has changed. Look again at what would be sent.")
        agreed = self._took(transfer, steps.consented(transfer, self._now()))
        return self._made_of(lambda: records, agreed, language)

    def finish(self, transfer: Transaction, language: str) -> Transaction:
        """Make and keep the document of a transfer that was said yes to; ends it on a fault.

        Called again after a process was killed in between: nothing was sent then.
        """
        return self._made_of(lambda: self.chosen(transfer), transfer, language)

    def _made_of(
        self, records: Callable[[], Sequence[AwardRecord]], transfer: Transaction, language: str
    ) -> Transaction:
        asked = transfer.request
        try:
            made = self.maker.document(
                records(), transfer.version, asked.return_url.origin, asked.transaction
            )
            signed = steps.signed(transfer, self._now())
            receipt = _receipt(signed, made, language, self._shown(signed, language))
        except FAULTS:
            return self._took(transfer, steps.ended(transfer, State.FAILED, self._now()))
        if not self.transfers.keep_signed(transfer, signed, made.content, receipt):
            raise WrongState("This step was taken already.", transfer.state)
        return signed

    def stop(self, transfer: Transaction, state: State) -> Transaction:
        """The holder goes back without sending, or after a login that failed."""
        return self._took(transfer, steps.ended(transfer, state, self._now()))

    def hand_over(self, transfer: Transaction) -> Answer:
        """The answer for the client. With a document: once, and once more within two minutes.

        Raises:
            WrongState: it has not ended, waited too long, or was handed over already.
        """
        if transfer.state not in {State.SIGNED, State.HANDED_OVER}:
            return answer(transfer, self._client(transfer))
        after = steps.fetched(transfer, self._now())
        # Read first: a store that fails here must not use up one of the two times.
        document = self.transfers.document(transfer.tid)
        return answer(self._took(transfer, after), self._client(transfer), document)

    def fetched(self, transfer: Transaction) -> Transaction:
        """The answer with a document is on its way; raises as `hand_over`."""
        return self._took(transfer, steps.fetched(transfer, self._now()))

    def tidy(self) -> None:
        """End what nobody goes on with, and erase documents that were handed over or left.

        Those that were left go a little after their time, so that an answer which began in time
        never loses its document on the way.
        """
        now = self._now()
        self.transfers.expire(now - steps.IDLE, now - steps.TOTAL)
        self.transfers.erase(now - ERASED_AFTER, now - steps.WAITS - steps.RETRY)

    def waited_too_long(self, transfer: Transaction) -> bool:
        """Whether what was signed was not fetched in time, so that nothing will be handed over."""
        return steps.waited_too_long(transfer, self._now())

    def _client(self, transfer: Transaction) -> Client | None:
        return self.clients.get(transfer.request.return_url.origin)

    def _shown(self, transfer: Transaction, language: str) -> ShownReceiver:
        return receiver_of(self.clients, transfer.request.return_url, language).shown()

    def _took(self, before: Transaction, after: Transaction) -> Transaction:
        if not self.transfers.change(before, after):
            raise WrongState("This step was taken already.", before.state)
        return after

    def _of_holder(self, transfer: Transaction) -> list[AwardRecord]:
        if transfer.holder is None:
            raise WrongState("Log in first.", transfer.state)
        return self._listed(transfer, transfer.holder)

    def _listed(self, transfer: Transaction, holder: Holder) -> list[AwardRecord]:
        awards = self.register.awards_of(holder.person_id)
        return [one for one in awards if one.award.result == PASSED or transfer.wants_not_passed]

    def _now(self) -> datetime:
        return self.clock().replace(microsecond=0)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def mark(records: Sequence[AwardRecord]) -> str:
    """Tells apart any two things that a preview could show of these records.

    Awards and people by their versions; institutions and programmes have none.
    """
    told = [
        (
            *(one.award.award_id, one.award.version, one.award.status.value, one.person.version),
            *map(repr, (one.institution, one.institution_today, one.programme)),
        )
        for one in records
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _receipt(signed: Transaction, made: Made, language: str, shown: ShownReceiver) -> Receipt:
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
        records=made.records,
        sha256=hashlib.sha256(made.content).hexdigest(),
        certificate=hashlib.sha256(made.certificate).hexdigest(),
        signed_at=signed.touched,
        shown=shown,
    )
