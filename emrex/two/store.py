"""Grants in SQL: only hashes of codes and tokens are written, and each is used once."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import BigInteger, ColumnElement, Text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, SQLModel, col, delete, select, update

from emrex.two.grant import Grant, Token
from storage.engine import unit_of_work


class GrantRow(SQLModel, table=True):
    """One grant; its code and its token come later."""

    __tablename__ = "emrex_grant"

    tid: str = Field(primary_key=True, max_length=32)
    client_id: str = Field(max_length=100)
    redirect_uri: str = Field(sa_type=Text)
    state: str = Field(sa_type=Text)
    challenge: str = Field(max_length=43)
    created: int = Field(index=True, sa_type=BigInteger)
    """Seconds since 1970 UTC, as every moment here."""
    person_id: str = Field(default="", max_length=64)
    has_results: bool = False
    code: str | None = Field(default=None, max_length=64, unique=True)
    code_until: int | None = Field(default=None, sa_type=BigInteger)
    spent: int | None = Field(default=None, sa_type=BigInteger)
    token: str | None = Field(default=None, max_length=64, unique=True)
    token_until: int | None = Field(default=None, sa_type=BigInteger)


class AssertionRow(SQLModel, table=True):
    """One assertion that was used, until it would have ended anyway."""

    __tablename__ = "emrex_assertion"

    client_id: str = Field(primary_key=True, max_length=100)
    jti_digest: str = Field(primary_key=True, max_length=64)
    until: int = Field(index=True, sa_type=BigInteger)


class SqlGrants:
    """Grants of all processes that share one database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, grant: Grant) -> None:
        """Keep a new grant."""
        row = GrantRow(
            tid=grant.tid,
            client_id=grant.client_id,
            redirect_uri=grant.redirect_uri,
            state=grant.state,
            challenge=grant.challenge,
            created=_seconds(grant.created),
        )
        with unit_of_work(self._engine, writes=True) as work:
            work.add(row)

    def find(self, tid: str) -> Grant | None:
        """The grant of a transfer."""
        return self._one(col(GrantRow.tid) == tid)

    def give_code(self, after: Grant, code: str) -> None:
        """Keep the hash of its code and what hangs on it, unless there is one already."""
        until = after.code_until
        first = (col(GrantRow.tid) == after.tid, col(GrantRow.code).is_(None))
        given = update(GrantRow).where(*first)
        given = given.values(
            code=code,
            code_until=_seconds(until) if until else None,
            person_id=after.person_id,
            has_results=after.has_results,
        )
        with unit_of_work(self._engine, writes=True) as work:
            work.exec(given)

    def by_code(self, code: str) -> Grant | None:
        """The grant of the code with that hash, spent ones too."""
        return self._one(col(GrantRow.code) == code)

    def spend(self, tid: str, now: datetime, token: Token | None) -> bool:
        """Spend the code, with a token for it or without; False when it was spent before."""
        unspent = (col(GrantRow.tid) == tid, col(GrantRow.spent).is_(None))
        taken = update(GrantRow).where(*unspent)
        taken = taken.values(
            spent=_seconds(now),
            token=token.digest if token else None,
            token_until=_seconds(token.until) if token else None,
        )
        with unit_of_work(self._engine, writes=True) as work:
            return work.exec(taken).rowcount == 1

    def revoke(self, tid: str) -> None:
        """End the token of a grant."""
        ended = update(GrantRow).where(col(GrantRow.tid) == tid).values(token=None)
        with unit_of_work(self._engine, writes=True) as work:
            work.exec(ended)

    def by_token(self, token: str) -> Grant | None:
        """The grant of the token with that hash, ended ones too, revoked ones not."""
        return self._one(col(GrantRow.token) == token)

    def use_once(self, client_id: str, jti_digest: str, until: datetime) -> bool:
        """Remember an assertion until it ends; False when it was seen before."""
        row = AssertionRow(client_id=client_id, jti_digest=jti_digest, until=_seconds(until))
        try:
            with unit_of_work(self._engine, writes=True) as work:
                work.add(row)
        except IntegrityError:
            return False
        return True

    def forget(self, before: datetime) -> int:
        """Remove grants that began and assertions that ended before a moment; says how many."""
        moment = _seconds(before)
        with unit_of_work(self._engine, writes=True) as work:
            return sum(
                work.exec(delete(row).where(col(when) < moment)).rowcount
                for row, when in ((GrantRow, GrantRow.created), (AssertionRow, AssertionRow.until))
            )

    def _one(self, where: ColumnElement[bool]) -> Grant | None:
        with unit_of_work(self._engine) as work:
            row = work.exec(select(GrantRow).where(where)).first()
            return _from_row(row) if row else None


def _from_row(row: GrantRow) -> Grant:
    return Grant(
        row.tid,
        row.client_id,
        row.redirect_uri,
        row.state,
        row.challenge,
        _moment(row.created),
        row.person_id,
        row.has_results,
        _moment(row.code_until) if row.code_until is not None else None,
        _moment(row.spent) if row.spent is not None else None,
        _moment(row.token_until) if row.token_until is not None else None,
    )


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
