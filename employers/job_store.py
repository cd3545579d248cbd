"""Jobs, their items and the word about them in SQL: hashes and verdicts, nothing of anybody."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Text, UniqueConstraint, func
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, Session, SQLModel, col, delete, select, update

from employers.access import Counted, day_of, seconds_left
from employers.errors import KeyReused, QuotaExceeded
from employers.jobs import KEPT, LEASE, Item, Job, JobState
from employers.store import ClientRow, counted, moment, seconds
from storage.engine import unit_of_work


class JobRow(SQLModel, table=True):
    """One batch. Its key is kept as a hash: a client may put anything into it."""

    __tablename__ = "verification_job"
    __table_args__ = (UniqueConstraint("client_id", "key_digest", name="uq_verification_job_key"),)

    job_id: str = Field(primary_key=True, max_length=32)
    client_id: str = Field(max_length=32)
    key_digest: str = Field(max_length=64)
    content_digest: str = Field(max_length=64)
    created_at: int = Field(index=True, sa_type=BigInteger)
    alive_until: int = Field(sa_type=BigInteger)
    """The process with the files has to move this; a moment that passed means it is gone."""
    finished_at: int | None = Field(default=None, sa_type=BigInteger)
    state: str = Field(max_length=16, index=True)
    total: int


class ItemRow(SQLModel, table=True):
    """One document of a batch."""

    __tablename__ = "verification_job_item"

    job_id: str = Field(primary_key=True, max_length=32, foreign_key="verification_job.job_id")
    position: int = Field(primary_key=True)
    sha256: str = Field(max_length=64)
    code: str = Field(default="", max_length=32)
    told: str = Field(default="", sa_type=Text)
    """JSON of reasons and flags: fixed words of ours."""
    checked_at: int | None = Field(default=None, sa_type=BigInteger)


class DeliveryState(StrEnum):
    """How far a webhook is."""

    UNSIGNED = "unsigned"
    DUE = "due"
    DELIVERED = "delivered"
    DEAD = "dead"


class DeliveryRow(SQLModel, table=True):
    """One word to a client that a job is over."""

    __tablename__ = "webhook_delivery"

    delivery_id: str = Field(primary_key=True, max_length=32)
    job_id: str = Field(max_length=32)
    client_id: str = Field(max_length=32)
    state: str = Field(max_length=16)
    body: str = Field(default="", sa_type=Text)
    signature: str = Field(default="", sa_type=Text)
    tries: int = 0
    due_at: int = Field(index=True, sa_type=BigInteger)


class SqlJobs:
    """Jobs of all processes that share one database; `StorageUnavailable` as everywhere."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def begin(self, job: Job, key: str, hashes: Sequence[str], quota: int) -> tuple[Job, bool]:
        """Write a new job down with all its items and count it, or find the one of that key.

        Returns the job, and whether it is new.

        Raises:
            KeyReused: the key belongs to a job with other documents.
            QuotaExceeded: it is more than the client has left today.
        """
        key_digest, content = _digest(key), _digest("\n".join(hashes))
        known = self._known(job, key_digest, content)
        if known is not None:
            return known, False
        try:
            with unit_of_work(self._engine, writes=True) as session:
                row = _to_row(job, key_digest, content)
                session.add(row)
                session.flush()  # the key first: whoever comes second is charged nothing
                _charge(session, job, quota)
                session.add_all(
                    ItemRow(job_id=job.job_id, position=place, sha256=one)
                    for place, one in enumerate(hashes, start=1)
                )
        except IntegrityError:  # the same key at the same moment
            known = self._known(job, key_digest, content)
            if known is None:
                raise
            return known, False
        return job, True

    def _known(self, new: Job, key_digest: str, content: str) -> Job | None:
        """The job of that key as it stands at the moment of the new one."""
        query = select(JobRow).where(
            col(JobRow.client_id) == new.client_id, col(JobRow.key_digest) == key_digest
        )
        with unit_of_work(self._engine) as session:
            row = session.exec(query).one_or_none()
            if row is None:
                return None
            if row.content_digest != content:
                raise KeyReused("This Idempotency-Key was used for other documents.")
            return _standing(row, counts_of(session, row.job_id), new.created_at)

    def find(self, job_id: str, client_id: str, now: datetime) -> Job | None:
        """A job of this client, as it truly stands: one whose process is gone is interrupted."""
        with unit_of_work(self._engine) as session:
            row = session.get(JobRow, job_id)
            if row is None or row.client_id != client_id:
                return None
            if row.created_at + int(KEPT.total_seconds()) <= seconds(now):
                return None
            return _standing(row, counts_of(session, job_id), now)

    def items(self, job_id: str, first: int, most: int) -> tuple[Item, ...]:
        """Items from a position on."""
        query = (
            select(ItemRow)
            .where(col(ItemRow.job_id) == job_id, col(ItemRow.position) >= first)
            .order_by(col(ItemRow.position))
            .limit(most)
        )
        with unit_of_work(self._engine) as session:
            return tuple(_to_item(row) for row in session.exec(query))

    def record(self, job_id: str, item: Item) -> None:
        """Write a verdict down, once."""
        told = json.dumps({"reasons": item.reasons, "flags": item.flags})
        checked = seconds(item.checked_at) if item.checked_at else None
        with unit_of_work(self._engine, writes=True) as session:
            session.exec(
                update(ItemRow)
                .where(
                    col(ItemRow.job_id) == job_id,
                    col(ItemRow.position) == item.position,
                    col(ItemRow.code) == "",
                )
                .values(code=item.code, told=told, checked_at=checked)
            )

    def keep_alive(self, job_ids: Collection[str], now: datetime) -> None:
        """Say that the process which holds the files of these jobs lives."""
        if job_ids:
            with unit_of_work(self._engine, writes=True) as session:
                session.exec(
                    update(JobRow)
                    .where(
                        col(JobRow.job_id).in_(job_ids), col(JobRow.state) == JobState.RUNNING.value
                    )
                    .values(alive_until=seconds(now + LEASE))
                )

    def end(self, job_id: str, state: JobState, now: datetime) -> bool:
        """Close a job and, where its client has a webhook, put the word about it in the queue.

        Whether it was closed by this call.
        """
        with unit_of_work(self._engine, writes=True) as session:
            return _end(session, job_id, state, now)

    def settle(self, now: datetime) -> int:
        """Close jobs whose process is gone; says how many."""
        lost = select(JobRow.job_id).where(
            col(JobRow.state) == JobState.RUNNING.value, col(JobRow.alive_until) < seconds(now)
        )
        with unit_of_work(self._engine, writes=True) as session:
            return sum(
                _end(session, job_id, JobState.INTERRUPTED, now)
                for job_id in session.exec(lost).all()
            )

    def forget(self, created_before: datetime) -> int:
        """Remove jobs with their items and deliveries; says how many jobs."""
        old = select(JobRow.job_id).where(col(JobRow.created_at) < seconds(created_before))
        with unit_of_work(self._engine, writes=True) as session:
            session.exec(delete(ItemRow).where(col(ItemRow.job_id).in_(old)))
            session.exec(delete(DeliveryRow).where(col(DeliveryRow.job_id).in_(old)))
            condition = col(JobRow.created_at) < seconds(created_before)
            return session.exec(delete(JobRow).where(condition)).rowcount


def _charge(session: Session, job: Job, quota: int) -> None:
    day = day_of(job.created_at)
    if not counted(session, job.client_id, Counted.DOCUMENTS, day, job.total, quota):
        raise QuotaExceeded(
            "This is more than the documents that you have left today.",
            seconds_left(job.created_at),
        )


def _end(session: Session, job_id: str, state: JobState, now: datetime) -> bool:
    closed = session.exec(
        update(JobRow)
        .where(col(JobRow.job_id) == job_id, col(JobRow.state) == JobState.RUNNING.value)
        .values(state=state.value, finished_at=seconds(now))
    )
    if not closed.rowcount:
        return False
    job = session.get(JobRow, job_id)
    client = session.get(ClientRow, job.client_id) if job else None
    if client is not None and client.webhook:
        session.add(
            DeliveryRow(
                delivery_id=secrets.token_hex(16),
                job_id=job_id,
                client_id=client.client_id,
                state=DeliveryState.UNSIGNED.value,
                due_at=seconds(now),
            )
        )
    return True


def counts_of(session: Session, job_id: str) -> Mapping[str, int]:
    """How many items of a job got each verdict."""
    query = (
        select(ItemRow.code, func.count())
        .where(col(ItemRow.job_id) == job_id, col(ItemRow.code) != "")
        .group_by(col(ItemRow.code))
    )
    return dict(session.exec(query).all())


def _standing(row: JobRow, counts: Mapping[str, int], now: datetime) -> Job:
    """A job as it truly stands: one whose process is gone is interrupted, whatever the row says."""
    job = to_job(row, counts)
    gone = job.state is JobState.RUNNING and row.alive_until < seconds(now)
    return replace(job, state=JobState.INTERRUPTED) if gone else job


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _to_row(job: Job, key_digest: str, content: str) -> JobRow:
    return JobRow(
        job_id=job.job_id,
        client_id=job.client_id,
        key_digest=key_digest,
        content_digest=content,
        created_at=seconds(job.created_at),
        alive_until=seconds(job.created_at + LEASE),
        state=job.state.value,
        total=job.total,
    )


def to_job(row: JobRow, counts: Mapping[str, int]) -> Job:
    """From the table to the noun."""
    return Job(
        job_id=row.job_id,
        client_id=row.client_id,
        created_at=moment(row.created_at),
        total=row.total,
        state=JobState(row.state),
        finished_at=moment(row.finished_at) if row.finished_at is not None else None,
        counts=counts,
    )


def _to_item(row: ItemRow) -> Item:
    told = json.loads(row.told) if row.told else {"reasons": [], "flags": []}
    return Item(
        position=row.position,
        sha256=row.sha256,
        code=row.code,
        reasons=tuple(told["reasons"]),
        flags=tuple(told["flags"]),
        checked_at=moment(row.checked_at) if row.checked_at is not None else None,
    )
