"""Proof of who asks: a JWT that a client signed for this very address (RFC 7523 3).

The client is found by what the token claims; nothing it says counts until its signature
fits one of that client's keys, with that client's one algorithm. The token never chooses.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from joserfc import jwt
from joserfc.errors import JoseError

from employers.clients import Client, ClientState
from employers.errors import ClientRefused

LONGEST = timedelta(minutes=5)
"""How far ahead an assertion may end."""
SKEW = timedelta(seconds=30)
MAX_SIZE = 8 * 1024
HEADER = frozenset({"alg", "kid", "typ"})
"""All that a header may say: `jwk`, `jku`, `x5u`, `x5c` and `crit` choose no key here."""
CLIENT_ID = re.compile(r"[0-9a-f]{32}")
"""As `new_client_id` makes them; nothing else is looked up."""


class Clients(Protocol):
    """Where clients and their used assertions are kept."""

    def client(self, client_id: str) -> Client | None:
        """The client of exactly this name."""
        ...

    def use_once(self, client_id: str, jti_digest: str, until: datetime) -> bool:
        """Remember an assertion until it ends; False when it was seen before."""
        ...


@dataclass(frozen=True, slots=True)
class Doorkeeper:
    """Decides whether an assertion is good."""

    clients: Clients
    audiences: Collection[str]
    """Our addresses that an assertion may be made for."""

    def admit(self, assertion: str, now: datetime, *, client_id: str = "") -> Client:
        """The client who made this assertion, which is thereby used up.

        Raises:
            ClientRefused: anything at all does not fit; what, is not told.
        """
        claimed = _claimed_client(assertion)
        client = self.clients.client(claimed)
        if client is None or client.state is not ClientState.ACTIVE:
            raise ClientRefused
        if client_id not in {"", claimed}:
            raise ClientRefused
        claims = _verified(assertion, client)
        ends = self._ends(claims, client, now)
        digest = hashlib.sha256(claims["jti"].encode("utf-8", "surrogatepass")).hexdigest()
        if not self.clients.use_once(client.client_id, digest, ends + SKEW):
            raise ClientRefused
        return client

    def _ends(self, claims: dict[str, Any], client: Client, now: datetime) -> datetime:
        audience, jti = claims.get("aud"), claims.get("jti")
        named = [audience] if isinstance(audience, str) else audience
        rules = (
            claims.get("iss") == client.client_id == claims.get("sub"),
            isinstance(named, list) and len(named) == 1 and named[0] in self.audiences,
            isinstance(jti, str) and 1 <= len(jti) <= 200,  # noqa: PLR2004 - room for any UUID
            _not_after(claims.get("iat"), now + SKEW),
            _not_after(claims.get("nbf"), now + SKEW),
        )
        ends = _moment(claims.get("exp"))
        if not all(rules) or ends is None or not now - SKEW < ends <= now + LONGEST + SKEW:
            raise ClientRefused
        return ends


def _verified(assertion: str, client: Client) -> dict[str, Any]:
    header = _part(assertion, 0)
    kid = header.get("kid")
    key = client.key(kid) if isinstance(kid, str) else None
    if key is None or not set(header) <= HEADER or header.get("alg") != client.algorithm:
        raise ClientRefused
    try:
        claims: dict[str, Any] = jwt.decode(assertion, key, algorithms=[client.algorithm]).claims
    except (JoseError, ValueError, TypeError, RecursionError) as cause:
        raise ClientRefused from cause
    return claims


def _claimed_client(assertion: str) -> str:
    found = _part(assertion, 1).get("sub")
    return found if isinstance(found, str) and CLIENT_ID.fullmatch(found) else ""


def _part(assertion: str, place: int) -> dict[str, Any]:
    parts = assertion.split(".")
    if len(assertion) > MAX_SIZE or len(parts) != 3:  # noqa: PLR2004 - RFC 7515 7.1
        raise ClientRefused
    try:
        read = json.loads(base64.urlsafe_b64decode(parts[place] + "=" * (-len(parts[place]) % 4)))
    except (ValueError, RecursionError) as cause:
        raise ClientRefused from cause
    if not isinstance(read, dict):
        raise ClientRefused
    return read


def _moment(value: object) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _not_after(value: object, latest: datetime) -> bool:
    """A claim that may be absent, and must not lie later."""
    found = _moment(value)
    return value is None or (found is not None and found <= latest)
