"""Access tokens: short, opaque, and kept as a hash. Limits by the minute and by the day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from callers.tokens import digest, new_token, token_in
from employers.assertions import Doorkeeper
from employers.clients import Client, ClientState
from employers.errors import AccessRefused, TooManyRequests

LIFETIME = timedelta(minutes=10)
SCOPE = "verification-jobs"
REQUESTS_A_MINUTE = 120


class Counted(StrEnum):
    """What is counted of a client."""

    REQUESTS = "requests"
    DOCUMENTS = "documents"


class Tokens(Protocol):
    """Where tokens and counts are kept, for all processes of this service."""

    def add_token(self, digest: str, client_id: str, until: datetime) -> None:
        """Keep the hash of a token."""
        ...

    def client_of_token(self, digest: str, now: datetime) -> Client | None:
        """Whose living token this is."""
        ...

    def count(
        self, client_id: str, what: Counted, window: datetime, amount: int, most: int
    ) -> bool:
        """Add to a count unless that would pass the most; whether it was added."""
        ...


@dataclass(frozen=True, slots=True)
class Access:
    """The desk where programs get in."""

    doorkeeper: Doorkeeper
    tokens: Tokens
    clock: Callable[[], datetime]
    requests_a_minute: int = REQUESTS_A_MINUTE

    def grant(self, assertion: str, *, client_id: str = "") -> str:
        """A new access token for whoever made this assertion.

        Raises:
            ClientRefused: the assertion is not good.
            TooManyRequests: this client asks too often.
        """
        now = self.clock()
        client = self.doorkeeper.admit(assertion, now, client_id=client_id)
        self._count(client, now)
        token = new_token()
        self.tokens.add_token(digest(token), client.client_id, now + LIFETIME)
        return token

    def client(self, authorization: str) -> Client:
        """Whose request this is, by its Authorization header (RFC 6750 2.1).

        Raises:
            AccessRefused: no token, or one that has ended.
            TooManyRequests: this client asks too often.
        """
        token, now = token_in(authorization), self.clock()
        client = self.tokens.client_of_token(digest(token), now) if token else None
        if client is None or client.state is not ClientState.ACTIVE:
            raise AccessRefused
        self._count(client, now)
        return client

    def _count(self, client: Client, now: datetime) -> None:
        minute = now.replace(second=0, microsecond=0)
        if not self.tokens.count(
            client.client_id, Counted.REQUESTS, minute, 1, self.requests_a_minute
        ):
            raise TooManyRequests(
                "You sent more requests in a minute than we agreed.", 60 - now.second
            )


def day_of(now: datetime) -> datetime:
    """The day that a document counts for."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def seconds_left(now: datetime) -> int:
    """Until the day ends."""
    return int((day_of(now) + timedelta(days=1) - now).total_seconds()) + 1
