"""Clients, tokens and counts in SQL. Only hashes of what a client holds are ever written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from sqlalchemy import BigInteger, Text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, Session, SQLModel, col, delete, select, update

from employers.access import Counted
from employers.clients import Client, ClientState
from employers.errors import NoSuchClient
from storage.engine import unit_of_work


class ClientRow(SQLModel, table=True):
    """One registered program."""

    __tablename__ = "employer_client"

    client_id: str = Field(primary_key=True, max_length=32)
    name: str = Field(max_length=200)
    algorithm: str = Field(max_length=8)
    keys: str = Field(sa_type=Text)
    """JSON of the public keys."""
    quota: int
    webhook: str = Field(max_length=500)
    state: str = Field(max_length=16)
    created_at: int = Field(sa_type=BigInteger)
    """Seconds since 1970 UTC, as every moment here."""


class AssertionRow(SQLModel, table=True):
    """One assertion that was used, until it would have ended anyway."""

    __tablename__ = "employer_assertion"

    client_id: str = Field(primary_key=True, max_length=32)
    jti_digest: str = Field(primary_key=True, max_length=64)
    until: int = Field(index=True, sa_type=BigInteger)


class TokenRow(SQLModel, table=True):
    """One access token, by its hash."""

    __tablename__ = "employer_token"

    digest: str = Field(primary_key=True, max_length=64)
    client_id: str = Field(max_length=32)
    until: int = Field(index=True, sa_type=BigInteger)


class UsageRow(SQLModel, table=True):
    """How much of something a client used in one window of time."""

    __tablename__ = "employer_usage"

    client_id: str = Field(primary_key=True, max_length=32)
    what: str = Field(primary_key=True, max_length=16)
    begins: int = Field(primary_key=True, sa_type=BigInteger)
    used: int


class SqlClients:
    """Clients, tokens and counts of all processes that share one database.

    Every method raises `StorageUnavailable` when the database cannot be used.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, client: Client) -> None:
        """Register a client."""
        with unit_of_work(self._engine, writes=True) as session:
            session.add(_to_row(client))

    def all(self) -> tuple[Client, ...]:
        """Every client, oldest first."""
        query = select(ClientRow).order_by(col(ClientRow.created_at), col(ClientRow.client_id))
        with unit_of_work(self._engine) as session:
            return tuple(_to_client(row) for row in session.exec(query))

    def change(self, client_id: str, values: Mapping[str, object]) -> None:
        """Change what is kept of a client, and end the tokens it has.

        Raises:
            NoSuchClient: there is no such client.
        """
        stored = {**values, "keys": _written(values["keys"])} if "keys" in values else dict(values)
        query = update(ClientRow).where(col(ClientRow.client_id) == client_id).values(stored)
        with unit_of_work(self._engine, writes=True) as session:
            if not session.exec(query).rowcount:
                raise NoSuchClient("There is no client of that name: see `echt employers list`.")
            session.exec(delete(TokenRow).where(col(TokenRow.client_id) == client_id))

    def client(self, client_id: str) -> Client | None:
        """The client of exactly this name."""
        with unit_of_work(self._engine) as session:
            row = session.get(ClientRow, client_id)
            return _to_client(row) if row else None

    def use_once(self, client_id: str, jti_digest: str, until: datetime) -> bool:
        """Remember an assertion until it ends; False when it was seen before."""
        row = AssertionRow(client_id=client_id, jti_digest=jti_digest, until=seconds(until))
        try:
            with unit_of_work(self._engine, writes=True) as session:
                session.add(row)
        except IntegrityError:
            return False
        return True

    def add_token(self, digest: str, client_id: str, until: datetime) -> None:
        """Keep the hash of a token."""
        with unit_of_work(self._engine, writes=True) as session:
            session.add(TokenRow(digest=digest, client_id=client_id, until=seconds(until)))

    def client_of_token(self, digest: str, now: datetime) -> Client | None:
        """Whose living token this is."""
        with unit_of_work(self._engine) as session:
            token = session.get(TokenRow, digest)
            if token is None or token.until <= seconds(now):
                return None
            row = session.get(ClientRow, token.client_id)
            return _to_client(row) if row else None

    def count(
        self, client_id: str, what: Counted, window: datetime, amount: int, most: int
    ) -> bool:
        """Add to a count unless that would pass the most; whether it was added."""
        with unit_of_work(self._engine, writes=True) as session:
            return counted(session, client_id, what, window, amount, most)

    def used(self, client_id: str, what: Counted, window: datetime) -> int:
        """How much was counted in a window."""
        with unit_of_work(self._engine) as session:
            row = session.get(UsageRow, (client_id, what.value, seconds(window)))
            return row.used if row else 0

    def forget(self, before: datetime) -> int:
        """Remove assertions, tokens and counts that ended before a moment; says how many rows."""
        moment = seconds(before)
        with unit_of_work(self._engine, writes=True) as session:
            return sum(
                session.exec(delete(row).where(col(ends) < moment)).rowcount
                for row, ends in (
                    (AssertionRow, AssertionRow.until),
                    (TokenRow, TokenRow.until),
                    (UsageRow, UsageRow.begins),
                )
            )


def counted(  # noqa: PLR0913, PLR0917 - what one count is made of
    session: Session, client_id: str, what: Counted, window: datetime, amount: int, most: int
) -> bool:
    """Add to a count inside a transaction, unless that would pass the most."""
    begins = seconds(window)
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    first = {"client_id": client_id, "what": what.value, "begins": begins, "used": 0}
    table = SQLModel.metadata.tables[str(UsageRow.__tablename__)]
    session.exec(dialect.insert(table).values(first).on_conflict_do_nothing())
    added = session.exec(
        update(UsageRow)
        .where(
            col(UsageRow.client_id) == client_id,
            col(UsageRow.what) == what.value,
            col(UsageRow.begins) == begins,
            col(UsageRow.used) + amount <= most,
        )
        .values(used=col(UsageRow.used) + amount)
    )
    return bool(added.rowcount)


def seconds(moment: datetime) -> int:
    """A moment as every table here keeps it."""
    return int(moment.timestamp())


def moment(value: int) -> datetime:
    """A moment as the code has it."""
    return datetime.fromtimestamp(value, UTC)


def _written(keys: object) -> str:
    return json.dumps(keys, sort_keys=True)


def _to_row(client: Client) -> ClientRow:
    return ClientRow(
        client_id=client.client_id,
        name=client.name,
        algorithm=client.algorithm,
        keys=_written(client.keys),
        quota=client.quota,
        webhook=client.webhook,
        state=client.state.value,
        created_at=seconds(client.created_at),
    )


def _to_client(row: ClientRow) -> Client:
    return Client(
        client_id=row.client_id,
        name=row.name,
        algorithm=row.algorithm,
        keys=tuple(json.loads(row.keys)),
        quota=row.quota,
        webhook=row.webhook,
        state=ClientState(row.state),
        created_at=moment(row.created_at),
    )
