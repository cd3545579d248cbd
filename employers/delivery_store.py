"""The queue of webhooks in SQL: signed where the keys are, sent where the network is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.engine import Engine
from sqlmodel import col, select, update

from employers.job_store import DeliveryRow, DeliveryState, JobRow, counts_of, to_job
from employers.jobs import Job
from employers.store import ClientRow, moment, seconds
from storage.engine import unit_of_work


@dataclass(frozen=True, slots=True)
class Delivery:
    """One word to one client."""

    delivery_id: str
    job: Job
    url: str
    body: str
    signature: str
    tries: int
    created_at: datetime


class SqlDeliveries:
    """The queue of all processes that share one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def unsigned(self, most: int = 50) -> tuple[Delivery, ...]:
        """What waits for a signature."""
        query = (
            select(DeliveryRow, JobRow, ClientRow)
            .join(JobRow, col(JobRow.job_id) == col(DeliveryRow.job_id))
            .join(ClientRow, col(ClientRow.client_id) == col(DeliveryRow.client_id))
            .where(col(DeliveryRow.state) == DeliveryState.UNSIGNED.value)
            .order_by(col(DeliveryRow.due_at))
            .limit(most)
        )
        with unit_of_work(self._engine) as session:
            return tuple(
                _to_delivery(row, to_job(job, counts_of(session, job.job_id)), client.webhook)
                for row, job, client in session.exec(query).all()
            )

    def sign(self, delivery_id: str, body: str, signature: str) -> None:
        """Put body and signature down; it may be sent from now on."""
        self._change(
            delivery_id,
            DeliveryState.UNSIGNED,
            {"body": body, "signature": signature},
            DeliveryState.DUE,
        )

    def claim(self, now: datetime, until: datetime) -> Delivery | None:
        """Take the oldest that is due; nobody else gets it until the claim ends."""
        due = (
            select(DeliveryRow)
            .where(
                col(DeliveryRow.state) == DeliveryState.DUE.value,
                col(DeliveryRow.due_at) <= seconds(now),
            )
            .order_by(col(DeliveryRow.due_at))
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        with unit_of_work(self._engine, writes=True) as session:
            row = session.exec(due).first()
            if row is None:
                return None
            row.tries += 1
            row.due_at = seconds(until)
            session.add(row)
            job, client = session.get(JobRow, row.job_id), session.get(ClientRow, row.client_id)
            if job is None or client is None:
                return None
            return _to_delivery(row, to_job(job, {}), client.webhook)

    def delivered(self, delivery_id: str) -> None:
        """It arrived."""
        self._change(delivery_id, DeliveryState.DUE, {}, DeliveryState.DELIVERED)

    def failed(self, delivery_id: str, again_at: datetime | None) -> None:
        """It did not arrive: try again then, or never."""
        if again_at is None:
            self._change(delivery_id, DeliveryState.DUE, {}, DeliveryState.DEAD)
        else:
            values: dict[str, object] = {"due_at": seconds(again_at)}
            self._change(delivery_id, DeliveryState.DUE, values, DeliveryState.DUE)

    def states(self, client_id: str) -> tuple[tuple[str, int], ...]:
        """State and tries of every word to a client, oldest first."""
        query = select(DeliveryRow).where(col(DeliveryRow.client_id) == client_id)
        with unit_of_work(self._engine) as session:
            rows = session.exec(query.order_by(col(DeliveryRow.due_at))).all()
            return tuple((row.state, row.tries) for row in rows)

    def _change(
        self,
        delivery_id: str,
        before: DeliveryState,
        values: dict[str, object],
        after: DeliveryState,
    ) -> None:
        with unit_of_work(self._engine, writes=True) as session:
            session.exec(
                update(DeliveryRow)
                .where(
                    col(DeliveryRow.delivery_id) == delivery_id,
                    col(DeliveryRow.state) == before.value,
                )
                .values({**values, "state": after.value})
            )


def _to_delivery(row: DeliveryRow, job: Job, url: str) -> Delivery:
    return Delivery(
        delivery_id=row.delivery_id,
        job=job,
        url=url,
        body=row.body,
        signature=row.signature,
        tries=row.tries,
        created_at=job.finished_at or moment(row.due_at),
    )
