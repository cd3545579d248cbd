"""Transfers in SQL: ids, states and moments; a document only for as long as it may be fetched."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, TypedDict

from sqlalchemy import (
    BigInteger,
    LargeBinary,
    Text,
    and_,
    bindparam,
    delete,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.engine import Connection, Engine, Row
from sqlmodel import Field, SQLModel, col

from emrex.exchange.receipt import NamedBy, Receipt, ShownReceiver
from emrex.exchange.request import Request, ReturnUrl
from emrex.exchange.states import State
from emrex.exchange.transaction import Holder, Transaction
from storage.engine import table_of
from storage.engine import transaction as in_one

MAX_NAME = 255
WAITING = tuple(state.value for state in State if state.can_expire)


class TransferRow(SQLModel, table=True):
    """One transfer."""

    __tablename__ = "emrex_transfer"

    tid: str = Field(primary_key=True, max_length=32)
    browser: str = Field(max_length=64)
    """Hash of the secret that the browser holds: nobody else sees this transfer."""
    session_id: str = Field(max_length=255)
    return_url: str = Field(sa_type=Text)
    host: str = Field(max_length=255)
    origin: str = Field(max_length=300)
    wishes: str = Field(sa_type=Text)
    state: str = Field(max_length=16, index=True)
    created: int = Field(sa_type=BigInteger)
    touched: int = Field(sa_type=BigInteger)
    person_id: str | None = Field(default=None, max_length=64)
    level: str = Field(default="", max_length=16)
    records: str = Field(default="[]", sa_type=Text)
    handed_over: int | None = Field(default=None, sa_type=BigInteger)
    fetched: int = 0


class DocumentRow(SQLModel, table=True):
    """A signed document on its way."""

    __tablename__ = "emrex_document"

    tid: str = Field(primary_key=True, max_length=32, foreign_key="emrex_transfer.tid")
    content: bytes = Field(sa_type=LargeBinary)


class ReceiptRow(SQLModel, table=True):
    """What was said yes to and sent."""

    __tablename__ = "emrex_receipt"

    receipt_id: str = Field(primary_key=True, max_length=32)
    tid: str = Field(max_length=32, unique=True)
    person_id: str = Field(max_length=64, index=True)
    text_version: str = Field(max_length=8)
    language: str = Field(max_length=2)
    receiver: str = Field(max_length=255)
    origin: str = Field(max_length=300)
    records: str = Field(sa_type=Text)
    sha256: str = Field(max_length=64)
    certificate: str = Field(max_length=64)
    signed_at: int = Field(sa_type=BigInteger)
    withdrawn_at: int | None = Field(default=None, sa_type=BigInteger)
    name: str = Field(default="", max_length=MAX_NAME, sa_column_kwargs={"server_default": ""})
    named_by: str = Field(default="", max_length=16, sa_column_kwargs={"server_default": ""})
    named_at: int | None = Field(default=None, sa_type=BigInteger)
    warned: bool | None = None


_TRANSFERS, _DOCUMENTS = table_of(TransferRow), table_of(DocumentRow)
_RECEIPTS = table_of(ReceiptRow)


class SqlTransfers:
    """Transfers of all processes that share one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, transaction: Transaction, browser: str) -> None:
        """Keep a new transfer."""
        with in_one(self._engine, writes=True) as work:
            work.execute(insert(_TRANSFERS), _columns(transaction, browser))

    def find(self, tid: str, browser: str) -> Transaction | None:
        """The transfer by that id, for its own browser."""
        with in_one(self._engine) as work:
            row = work.execute(_FOUND, {"tid": tid, "browser": browser}).first()
            return _from_row(row) if row else None

    def change(self, before: Transaction, after: Transaction) -> bool:
        """Keep the next state, unless somebody was first."""
        with in_one(self._engine, writes=True) as work:
            return _step(work, before, after)

    def keep_signed(
        self, before: Transaction, after: Transaction, document: bytes, receipt: Receipt
    ) -> bool:
        """Keep state, document and receipt together or not at all."""
        with in_one(self._engine, writes=True) as work:
            if not _step(work, before, after):
                return False
            work.execute(insert(_DOCUMENTS), {"tid": after.tid, "content": document})
            work.execute(insert(_RECEIPTS), _receipt_columns(receipt))
            return True

    def document(self, tid: str) -> bytes | None:
        """The signed document, until it is erased."""
        with in_one(self._engine) as work:
            content: bytes | None = work.execute(_CONTENT, {"tid": tid}).scalar()
            return content

    def receipts(self, person_id: str) -> tuple[Receipt, ...]:
        """Everything that a holder said yes to, newest first."""
        with in_one(self._engine) as work:
            return tuple(map(_from_receipt_row, work.execute(_MINE, {"person_id": person_id})))

    def withdraw(self, person_id: str, receipt_id: str, now: datetime) -> None:
        """Write down, once, that the holder takes their yes back."""
        mine = (
            col(ReceiptRow.receipt_id) == receipt_id,
            col(ReceiptRow.person_id) == person_id,
            col(ReceiptRow.withdrawn_at).is_(None),
        )
        with in_one(self._engine, writes=True) as work:
            work.execute(update(_RECEIPTS).where(*mine).values(withdrawn_at=_seconds(now)))

    def expire(self, touched_before: datetime, created_before: datetime) -> int:
        """End every transfer that nobody went on with."""
        late = or_(
            col(TransferRow.touched) < _seconds(touched_before),
            col(TransferRow.created) < _seconds(created_before),
        )
        overdue = update(_TRANSFERS).where(col(TransferRow.state).in_(WAITING), late)
        with in_one(self._engine, writes=True) as work:
            return work.execute(overdue.values(state=State.EXPIRED.value)).rowcount

    def erase(self, handed_over_before: datetime, signed_before: datetime) -> int:
        """Erase documents that were handed over, or waited, for too long."""
        waited = and_(
            col(TransferRow.state) == State.SIGNED.value,
            col(TransferRow.touched) < _seconds(signed_before),
        )
        over = col(TransferRow.handed_over) < _seconds(handed_over_before)
        old = select(col(TransferRow.tid)).where(or_(over, waited))
        with in_one(self._engine, writes=True) as work:
            return work.execute(delete(_DOCUMENTS).where(col(DocumentRow.tid).in_(old))).rowcount


def _step(work: Connection, before: Transaction, after: Transaction) -> bool:
    """Whether the stored transfer was still where this step began."""
    began = {"at": before.tid, "state_then": before.state.value, "fetched_then": before.fetched}
    return work.execute(_STEP, {**began, **_moving(after)}).rowcount == 1


class _Moving(TypedDict):
    """The columns that change on the way."""

    state: str
    touched: int
    person_id: str | None
    level: str
    records: str
    handed_over: int | None
    fetched: int


# Each is asked many times in a transfer: written once, it is put together and looked over once.
_FOUND = select(_TRANSFERS).where(
    col(TransferRow.tid) == bindparam("tid"), col(TransferRow.browser) == bindparam("browser")
)
_CONTENT = select(col(DocumentRow.content)).where(col(DocumentRow.tid) == bindparam("tid"))
_MINE = (
    select(_RECEIPTS, col(TransferRow.handed_over))
    .join_from(_RECEIPTS, _TRANSFERS, col(TransferRow.tid) == col(ReceiptRow.tid))
    .where(col(ReceiptRow.person_id) == bindparam("person_id"))
    .order_by(col(ReceiptRow.signed_at).desc(), col(ReceiptRow.tid))
)
_STEP = (
    update(_TRANSFERS)
    .where(
        col(TransferRow.tid) == bindparam("at"),
        col(TransferRow.state) == bindparam("state_then"),
        col(TransferRow.fetched) == bindparam("fetched_then"),
    )
    .values({name: bindparam(name) for name in _Moving.__annotations__})
)


def _moving(transaction: Transaction) -> _Moving:
    holder, sent = transaction.holder, transaction.handed_over
    return {
        "state": transaction.state.value,
        "touched": _seconds(transaction.touched),
        "person_id": holder.person_id if holder else None,
        "level": holder.level if holder else "",
        "records": json.dumps(transaction.records),
        "handed_over": _seconds(sent) if sent else None,
        "fetched": transaction.fetched,
    }


def _columns(transaction: Transaction, browser: str) -> dict[str, object]:
    request = transaction.request
    return {
        "tid": transaction.tid,
        "browser": browser,
        "session_id": request.session_id,
        "return_url": request.return_url.address,
        "host": request.return_url.host,
        "origin": request.return_url.origin,
        "wishes": json.dumps(dict(request.wishes)),
        "created": _seconds(transaction.created),
        **_moving(transaction),
    }


def _from_row(row: Row[Any]) -> Transaction:
    address = ReturnUrl(row.return_url, row.host, row.origin)
    return Transaction(
        row.tid,
        Request(row.session_id, address, json.loads(row.wishes)),
        State(row.state),
        _moment(row.created),
        _moment(row.touched),
        Holder(row.person_id, row.level) if row.person_id else None,
        tuple(json.loads(row.records)),
        _moment(row.handed_over) if row.handed_over is not None else None,
        row.fetched,
    )


def _receipt_columns(receipt: Receipt) -> dict[str, object]:
    shown = receipt.shown
    return {
        "receipt_id": receipt.receipt_id,
        "tid": receipt.tid,
        "person_id": receipt.person_id,
        "text_version": receipt.text_version,
        "language": receipt.language,
        "receiver": receipt.receiver,
        "origin": receipt.origin,
        "records": json.dumps(receipt.records),
        "sha256": receipt.sha256,
        "certificate": receipt.certificate,
        "signed_at": _seconds(receipt.signed_at),
        "name": shown.name[:MAX_NAME],
        "named_by": shown.named_by.value,
        "named_at": _seconds(shown.named_at) if shown.named_at else None,
        "warned": shown.warned,
    }


def _from_receipt_row(row: Row[Any]) -> Receipt:
    return Receipt(
        row.receipt_id,
        row.tid,
        row.person_id,
        row.text_version,
        row.language,
        row.receiver,
        row.origin,
        tuple(json.loads(row.records)),
        row.sha256,
        row.certificate,
        _moment(row.signed_at),
        _moment_or_none(row.withdrawn_at),
        _shown(row),
        _moment_or_none(row.handed_over),
    )


def _shown(row: Row[Any]) -> ShownReceiver:
    named_at = _moment_or_none(row.named_at)
    return ShownReceiver(row.name, NamedBy(row.named_by), named_at, row.warned)


def _moment_or_none(seconds: int | None) -> datetime | None:
    return None if seconds is None else _moment(seconds)


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
