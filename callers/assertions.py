"""Proof of who asks: a JWT that a program signed for this very address (RFC 7523 3).

The program is found by what the token claims; nothing it says counts until its signature
fits one of that program's keys, with that program's one algorithm. The token never chooses.
What was used is remembered until it ends, so that it opens nothing twice.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar

from joserfc import jwt
from joserfc.errors import JoseError

from callers.errors import AssertionRefused
from callers.keys import Key

LONGEST = timedelta(minutes=5)
"""How far ahead an assertion may end."""
SKEW = timedelta(seconds=30)
MAX_SIZE = 8 * 1024
MAX_JTI = 200
"""Room for any UUID."""
PARTS = 3
"""Of a signed token: RFC 7515 7.1."""
HEADER = frozenset({"alg", "kid", "typ"})
"""All that a header may say: `jwk`, `jku`, `x5u`, `x5c` and `crit` choose no key here."""


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


Known = TypeVar("Known", bound=Caller)


@dataclass(frozen=True, slots=True)
class Door(Generic[Known]):
    """Lets in the programs that one room knows."""

    known: Callable[[str], Known | None]
    """The program of that name, if it may come in."""
    use_once: Callable[[str, str, datetime], bool]
    """Remembers of a program the hash of a `jti` until a moment; False when it was seen before."""
    audiences: Collection[str]
    """Our addresses that an assertion may be made for."""

    def admit(self, assertion: str, now: datetime, *, client_id: str = "") -> Known:
        """The program that made this assertion, which is thereby used up.

        Args:
            assertion: as it came.
            now: what the time is.
            client_id: the name that stands beside the assertion; empty where none does.

        Raises:
            AssertionRefused: anything at all does not fit; what, is not told.
        """
        caller = self.known(_claimed_by(assertion))
        if caller is None or client_id not in {"", caller.client_id}:
            raise AssertionRefused
        jti_digest, until = _proven(assertion, caller, self.audiences, now)
        if not self.use_once(caller.client_id, jti_digest, until):
            raise AssertionRefused
        return caller


def _claimed_by(assertion: str) -> str:
    """Which program this says it is; empty where it says nothing of the kind."""
    found = _part(assertion, 1).get("sub")
    return found if isinstance(found, str) else ""


def _proven(
    assertion: str, caller: Caller, audiences: Collection[str], now: datetime
) -> tuple[str, datetime]:
    """That this program made this assertion, now and for one of these addresses.

    Returns the hash of its `jti`, and when that can be forgotten.
    """
    claims = _verified(assertion, caller)
    audience, jti = claims.get("aud"), claims.get("jti")
    named = [audience] if isinstance(audience, str) else audience
    rules = (
        claims.get("iss") == caller.client_id == claims.get("sub"),
        isinstance(named, list) and len(named) == 1 and named[0] in audiences,
        isinstance(jti, str) and 1 <= len(jti) <= MAX_JTI,
        _not_after(claims.get("iat"), now + SKEW),
        _not_after(claims.get("nbf"), now + SKEW),
    )
    ends = _moment(claims.get("exp"))
    if not all(rules) or ends is None or not now - SKEW < ends <= now + LONGEST + SKEW:
        raise AssertionRefused
    digest = hashlib.sha256(claims["jti"].encode("utf-8", "surrogatepass")).hexdigest()
    return digest, ends + SKEW


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
    if len(assertion) > MAX_SIZE or len(parts) != PARTS:
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
