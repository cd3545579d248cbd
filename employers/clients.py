"""A client: one program of one employer, known by its public keys and nothing else.

There is no shared secret. A client signs a statement with its own private key (RFC 7523),
with the one algorithm that its keys were registered for.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from employers.errors import RegistrationRefused

MOST_KEYS = 5
MIN_RSA_BITS = 2048
MAX_JWKS = 32 * 1024
ALGORITHMS = {"EC": ("ES256",), "RSA": ("RS256", "PS256")}
PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "k", "oth"})
Key = ECKey | RSAKey
Jwk = Mapping[str, Any]


class ClientState(StrEnum):
    """Whether a client may ask for access."""

    ACTIVE = "active"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class Client:
    """A registered program."""

    client_id: str
    name: str
    """Of the employer; for the operator's own list."""
    algorithm: str
    """The one JOSE algorithm that its assertions carry."""
    keys: tuple[Jwk, ...]
    """Public keys (RFC 7517), each with a `kid`."""
    quota: int
    """Documents a day (UTC)."""
    webhook: str
    """Where word of finished jobs goes; empty for nowhere."""
    state: ClientState
    created_at: datetime

    def key(self, kid: str) -> Key | None:
        """The public key of exactly this name."""
        for one in self.keys:
            if one["kid"] == kid:
                return _imported(one)
        return None


def new_client_id() -> str:
    """A random name of 128 bits."""
    return secrets.token_hex(16)


def keys_in(data: bytes) -> tuple[str, tuple[Jwk, ...]]:
    """The algorithm and the public keys of a JWK set, or of one public key in PEM.

    Raises:
        RegistrationRefused: private, weak, of an unknown kind, or not all for one algorithm.
    """
    if len(data) > MAX_JWKS:
        raise RegistrationRefused("The file with keys is too large.")
    found = (_of_pem(data),) if data.lstrip().startswith(b"-----BEGIN") else _of_json(data)
    keys = tuple(_accepted(one) for one in found)
    algorithms = {one["alg"] for one in keys}
    if not 1 <= len(keys) <= MOST_KEYS or len({one["kid"] for one in keys}) != len(keys):
        raise RegistrationRefused("Give 1 to 5 keys, each with a kid of its own.")
    if len(algorithms) != 1:
        raise RegistrationRefused("All keys of a client are for one algorithm.")
    return algorithms.pop(), keys


def _of_json(data: bytes) -> tuple[Jwk, ...]:
    try:
        listed = json.loads(data)
    except (ValueError, RecursionError) as cause:
        raise RegistrationRefused("The file holds neither a JWK set nor a PEM key.") from cause
    keys = listed.get("keys", [listed]) if isinstance(listed, dict) else []
    if not isinstance(keys, list) or not all(isinstance(one, dict) for one in keys):
        raise RegistrationRefused("The file holds neither a JWK set nor a PEM key.")
    return tuple(keys)


def _of_pem(data: bytes) -> Jwk:
    if b"PRIVATE" in data:
        raise _private()
    for kind in (ECKey, RSAKey):
        try:
            key = kind.import_key(data)
        except (JoseError, ValueError, TypeError):
            continue
        return {**key.as_dict(private=False), "kid": key.thumbprint()}
    raise RegistrationRefused("This is not a public key that is used here.")


def _accepted(jwk: Jwk) -> Jwk:
    """The members that matter, of a key that may be used."""
    if PRIVATE & set(jwk):
        raise _private()
    permitted = ALGORITHMS.get(str(jwk.get("kty")), ())
    algorithm = jwk.get("alg") or next(iter(permitted), None)
    if algorithm not in permitted or jwk.get("use", "sig") != "sig":
        raise RegistrationRefused("Keys are for ES256, RS256 or PS256, and for signatures.")
    kid = jwk.get("kid")
    if not isinstance(kid, str) or not 1 <= len(kid) <= 100:  # noqa: PLR2004 - fits a column
        raise RegistrationRefused("Every key needs a kid of at most 100 characters.")
    members = ("kty", "crv", "x", "y") if algorithm == "ES256" else ("kty", "n", "e")
    key = {name: jwk.get(name) for name in members}
    if not _is_strong(key):
        raise RegistrationRefused("Keys are P-256, or RSA of at least 2048 bits.")
    return {**key, "kid": kid, "alg": algorithm, "use": "sig"}


def _is_strong(jwk: Jwk) -> bool:
    if jwk["kty"] == "EC" and jwk["crv"] != "P-256":
        return False
    try:
        key = _imported(jwk)
        size = key.raw_value.key_size
    except (JoseError, ValueError, TypeError, AttributeError):
        return False
    return isinstance(key, ECKey) or size >= MIN_RSA_BITS


def _imported(jwk: Jwk) -> Key:
    members = dict(jwk)
    return ECKey.import_key(members) if jwk["kty"] == "EC" else RSAKey.import_key(members)


def _private() -> RegistrationRefused:
    return RegistrationRefused(
        "This is a private key. It stays with the employer; send the public."
    )
