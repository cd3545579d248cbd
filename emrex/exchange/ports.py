"""What a transfer needs of others: diplomas, a signed document, and where transfers are kept."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from emrex.elmo.profiles import Version
from emrex.exchange.receipt import Receipt
from emrex.exchange.transaction import Transaction
from emrex.making import Made
from register.records import AwardRecord


class Awards(Protocol):
    """Where diplomas are registered."""

    def awards_of(self, person_id: str) -> Sequence[AwardRecord]:
        """Everything of a person, withdrawn diplomas too.

        Raises:
            RegisterError: the register does not answer.
            StorageUnavailable: what it is kept in does not.
        """
        ...


class Documents(Protocol):
    """What makes signed documents; `Maker` does, and `RemoteMaker` asks one that does."""

    def document(
        self,
        records: Sequence[AwardRecord],
        version: Version,
        receiver: str,
        transaction: str = "",
    ) -> Made:
        """The signed document about these records of one person; raises as `Maker.document`."""
        ...


class Transfers(Protocol):
    """Transfers, their documents and their receipts. Moments are UTC in whole seconds.

    Every method raises `StorageUnavailable` where the store cannot be used.
    """

    def add(self, transaction: Transaction, browser: str) -> None:
        """Keep a new transfer; `browser` is the hash of the secret that its browser holds."""
        ...

    def find(self, tid: str, browser: str) -> Transaction | None:
        """The transfer by that id, for the browser that began it and for no other."""
        ...

    def change(self, before: Transaction, after: Transaction) -> bool:
        """Keep the next state, unless somebody else took a step from the same one first."""
        ...

    def keep_signed(
        self, before: Transaction, after: Transaction, document: bytes, receipt: Receipt
    ) -> bool:
        """Keep state, document and receipt together or not at all; as `change` otherwise."""
        ...

    def document(self, tid: str) -> bytes | None:
        """The signed document, until it is erased."""
        ...

    def receipts(self, person_id: str) -> tuple[Receipt, ...]:
        """Everything that a holder said yes to, newest first, and whether it was handed over."""
        ...

    def withdraw(self, person_id: str, receipt_id: str, now: datetime) -> None:
        """Write down, once, that the holder takes their yes back for the future."""
        ...

    def expire(self, touched_before: datetime, created_before: datetime) -> int:
        """End every transfer that nobody went on with; says how many. Signed ones stay."""
        ...

    def erase(self, handed_over_before: datetime, signed_before: datetime) -> int:
        """Erase documents handed over before one moment, or signed before another and left.

        Says how many.
        """
        ...


class Redirects(Protocol):
    """How transfers are answered that no form began; `Authorising` of EMREX 2.0 does."""

    def address(self, transfer: Transaction, secret: str) -> str:
        """Where the browser goes with the answer, by the secret that it holds.

        Raises:
            NoSuchTransfer: it began too long ago.
            WrongState: it has not ended, or was handed over already.
        """
        ...
