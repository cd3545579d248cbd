"""A code for a token: only for the client that asked, once, and never told why not."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from callers.assertions import Door
from callers.errors import AssertionRefused
from callers.tokens import digest, new_token
from emrex.errors import CodeRefused, UnprovenClient
from emrex.two.clients import Registered
from emrex.two.grant import TOKEN_LIVES, Token
from emrex.two.ports import Grants


@dataclass(frozen=True, slots=True)
class Presented:
    """What a client brings to the token endpoint."""

    assertion: str
    client_id: str
    """As it stands beside the assertion; may be empty."""
    code: str
    redirect_uri: str
    verifier: str


@dataclass(frozen=True, slots=True)
class Redeeming:
    """Exchanges codes of one instance for tokens."""

    grants: Grants
    clients: Mapping[str, Registered]
    audiences: Collection[str]
    """Our addresses that an assertion may be made for."""
    clock: Callable[[], datetime]

    def token(self, presented: Presented) -> str:
        """A new access token.

        A code that comes a second time ends the token that it gave (RFC 6749 4.1.2).

        Raises:
            UnprovenClient: the assertion is not good; the code was not looked at.
            CodeRefused: the code is unknown, spent, late, or brought by or for somebody else.
        """
        now = self.clock().replace(microsecond=0)
        client = self._admit(presented, now)
        grant = self.grants.by_code(digest(presented.code))
        if grant is None:
            raise CodeRefused
        address, verifier = presented.redirect_uri, presented.verifier
        fits = grant.fits(client.client_id, address, verifier, now)
        token = new_token()
        given = Token(digest(token), now + TOKEN_LIVES) if fits else None
        if not self.grants.spend(grant.tid, now, given):
            self.grants.revoke(grant.tid)
            raise CodeRefused
        if not fits:
            raise CodeRefused
        return token

    def _admit(self, presented: Presented, now: datetime) -> Registered:
        """The client who made this assertion, which is thereby used up."""
        door = Door(self.clients.get, self.grants.use_once, self.audiences)
        try:
            return door.admit(presented.assertion, now, client_id=presented.client_id)
        except AssertionRefused as cause:
            raise UnprovenClient from cause
