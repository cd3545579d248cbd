"""Reading an ID token: the signature first, then every claim (OpenID Connect Core 3.1.3.7).

The algorithm comes from our configuration, never from the token. `none` and the
HMAC family cannot be configured at all: with them a public key would be a password.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeGuard

from jwcrypto.common import JWException
from jwcrypto.jwk import JWK, JWKSet
from jwcrypto.jws import JWS

from web.errors import LoginRefused

PERMITTED = frozenset({"ES256", "RS256", "PS256"})
_KEY_TYPES: Mapping[str, str] = {"ES256": "EC", "RS256": "RSA", "PS256": "RSA"}

Claims = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Expected:
    """What a token must say for us to believe it."""

    issuer: str
    client_id: str
    nonce: str
    now: datetime
    skew: int
    """Seconds that the clocks of the two servers may differ."""
    access_token: str = ""
    since: int = 0
    """Seconds since 1970 before which nobody may have logged in; 0 where that does not matter."""


def key_id(token: str) -> str:
    """The key that a token names; unverified, and used only to look that key up.

    Raises:
        LoginRefused: this is not a signed token.
    """
    return str(_header(token).get("kid", ""))


def _header(token: str) -> Mapping[str, Any]:
    try:
        first = token.split(".", maxsplit=1)[0]
        read = json.loads(base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    except ValueError as cause:
        raise LoginRefused from cause
    if not isinstance(read, dict):
        raise LoginRefused
    return read


def verified_claims(token: str, keys: JWKSet, algorithms: Collection[str]) -> Claims:
    """The claims of a token whose signature fits one published key and a permitted algorithm.

    Raises:
        LoginRefused: the key, the algorithm, the signature or the content does not fit.
    """
    header = _header(token)
    algorithm = header.get("alg")
    if algorithm not in PERMITTED & set(algorithms):
        raise LoginRefused
    try:
        signed = JWS()
        signed.allowed_algs = [algorithm]
        signed.deserialize(token)
        signed.verify(_key(header, keys, algorithm), algorithm)
        claims = json.loads(signed.payload)
    except (JWException, ValueError) as cause:
        raise LoginRefused from cause
    if not isinstance(claims, dict):
        raise LoginRefused
    return claims


def _key(header: Mapping[str, Any], keys: JWKSet, algorithm: str) -> JWK:
    """The key by that name, and of the family that the algorithm belongs to."""
    named = header.get("kid")
    fitting = [key for key in keys["keys"] if _fits(key, algorithm, named)]
    if len(fitting) != 1:
        raise LoginRefused
    return fitting[0]


def _fits(published: JWK, algorithm: str, named: object) -> bool:
    if not published.has_public:
        return False
    key: Mapping[str, Any] = published.export_public(as_dict=True)
    rules = (
        key.get("kty") == _KEY_TYPES[algorithm],
        key.get("use", "sig") == "sig",
        key.get("alg", algorithm) == algorithm,
        named is None or key.get("kid") == named,
    )
    return all(rules)


def check_claims(claims: Claims, expected: Expected) -> None:
    """Compare every claim that says whom a token is by, for, about and until when.

    Raises:
        LoginRefused: at least one does not fit.
    """
    rules = (
        claims.get("iss") == expected.issuer,
        _for_us(claims, expected.client_id),
        _same(claims.get("nonce"), expected.nonce),
        _in_time(claims, expected),
        isinstance(claims.get("sub"), str) and bool(claims["sub"]),
        _access_token_fits(claims, expected.access_token),
        _anew(claims, expected),
    )
    if not all(rules):
        raise LoginRefused


def _for_us(claims: Claims, client_id: str) -> bool:
    """Steps 3 to 5: we are the audience; several audiences need `azp`, and it is us."""
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    if not isinstance(audiences, list) or client_id not in audiences:
        return False
    authorised = claims.get("azp", client_id if len(audiences) == 1 else None)
    return bool(authorised == client_id)


def _same(found: object, expected: str) -> bool:
    return isinstance(found, str) and hmac.compare_digest(found.encode(), expected.encode())


def _in_time(claims: Claims, expected: Expected) -> bool:
    now = expected.now.timestamp()
    ends, begins = claims.get("exp"), claims.get("iat")
    if not _is_moment(ends) or not _is_moment(begins):
        return False
    not_before = claims.get("nbf", begins)
    if not _is_moment(not_before):
        return False
    return max(begins, not_before) - expected.skew <= now < ends + expected.skew


def _anew(claims: Claims, expected: Expected) -> bool:
    """Step 13: `auth_time`, where we asked for a login that begins with us."""
    if not expected.since:
        return True
    moment = claims.get("auth_time")
    latest = expected.now.timestamp() + expected.skew
    return _is_moment(moment) and expected.since - expected.skew <= moment <= latest


def _is_moment(value: object) -> TypeGuard[float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _access_token_fits(claims: Claims, access_token: str) -> bool:
    """`at_hash`, where there is one: the left half of the hash (Core 3.1.3.6)."""
    if "at_hash" not in claims:
        return True
    half = hashlib.sha256(access_token.encode()).digest()[:16]
    expected = base64.urlsafe_b64encode(half).rstrip(b"=").decode()
    return _same(claims["at_hash"], expected)
