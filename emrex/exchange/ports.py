"""Where transfers are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from emrex.exchange.receipt import Receipt
from emrex.exchange.transaction import Transaction


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
        """Everything that a holder ever shared, newest first."""
        ...

    def withdraw(self, person_id: str, receipt_id: str, now: datetime) -> None:
        """Write down, once, that the holder takes their yes back for the future."""
        ...

    def expire(self, touched_before: datetime, created_before: datetime) -> int:
        """End every transfer that nobody went on with; says how many. Signed ones stay."""
        ...

    def erase(self, handed_over_before: datetime) -> int:
        """Erase documents that were handed over before that moment; says how many."""
        ...
