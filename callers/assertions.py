"""Proof of who asks: a JWT that a program signed for this very address (RFC 7523 3).

The program is found by what the token claims; nothing it says counts until its signature
fits one of that program's keys, with that program's one algorithm. The token never chooses.
Whoever lets the program in remembers the proof until it ends, so that it opens nothing twice.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from joserfc import jwt
from joserfc.errors import JoseError

from callers.errors import AssertionRefused
from callers.keys import Key

LONGEST = timedelta(minutes=5)
"""How far ahead an assertion may end."""
SKEW = timedelta(seconds=30)
MAX_SIZE = 8 * 1024
HEADER = frozenset({"alg", "kid", "typ"})
"""All that a header may say: `jwk`, `jku`, `x5u`, `x5c` and `crit` choose no key here."""
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class Caller(Protocol):
    """A program that is registered."""

    @property
    def client_id(self) -> str:
        """Its name."""
        ...

    @property
    def algorithm(self) -> str:
        """The one JOSE algorithm that its assertions carry."""
        ...

    def key(self, kid: str) -> Key | None:
        """Its public key of that name; empty where the assertion named none."""
        ...


@dataclass(frozen=True, slots=True)
class Proof:
    """An assertion that holds, to be used once."""

    jti_digest: str
    until: datetime
    """When it can be forgotten."""


def claimed_by(assertion: str) -> str:
    """Which program this says it is; empty where it says nothing of the kind.

    Raises:
        AssertionRefused: it is no JWT.
    """
    found = _part(assertion, 1).get("sub")
    return found if isinstance(found, str) else ""


def proven(assertion: str, caller: Caller, audiences: Collection[str], now: datetime) -> Proof:
    """That this program made this assertion, now and for one of these addresses.

    Raises:
        AssertionRefused: anything at all does not fit; what, is not told.
    """
    claims = _verified(assertion, caller)
    audience, jti = claims.get("aud"), claims.get("jti")
    named = [audience] if isinstance(audience, str) else audience
    rules = (
        claims.get("iss") == caller.client_id == claims.get("sub"),
        isinstance(named, list) and len(named) == 1 and named[0] in audiences,
        isinstance(jti, str) and 1 <= len(jti) <= 200,  # noqa: PLR2004 - room for any UUID
        _not_after(claims.get("iat"), now + SKEW),
        _not_after(claims.get("nbf"), now + SKEW),
    )
    ends = _moment(claims.get("exp"))
    if not all(rules) or ends is None or not now - SKEW < ends <= now + LONGEST + SKEW:
        raise AssertionRefused
    digest = hashlib.sha256(claims["jti"].encode("utf-8", "surrogatepass")).hexdigest()
    return Proof(digest, ends + SKEW)


def _verified(assertion: str, caller: Caller) -> dict[str, Any]:
    header = _part(assertion, 0)
    kid = header.get("kid", "")
    key = caller.key(kid) if isinstance(kid, str) else None
    if key is None or not set(header) <= HEADER or header.get("alg") != caller.algorithm:
        raise AssertionRefused
    try:
        claims: dict[str, Any] = jwt.decode(assertion, key, algorithms=[caller.algorithm]).claims
    except (JoseError, ValueError, TypeError, RecursionError) as cause:
        raise AssertionRefused from cause
    return claims


def _part(assertion: str, place: int) -> dict[str, Any]:
    parts = assertion.split(".")
    if len(assertion) > MAX_SIZE or len(parts) != 3:  # noqa: PLR2004 - RFC 7515 7.1
        raise AssertionRefused
    try:
        read = json.loads(base64.urlsafe_b64decode(parts[place] + "=" * (-len(parts[place]) % 4)))
    except (ValueError, RecursionError) as cause:
        raise AssertionRefused from cause
    if not isinstance(read, dict):
        raise AssertionRefused
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
