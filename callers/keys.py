"""Public keys of programs: read once, when a program is registered, and held to one algorithm."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from callers.errors import KeysRefused

MOST_KEYS = 5
MIN_RSA_BITS = 2048
MAX_JWKS = 32 * 1024
MAX_KID = 100
ALGORITHMS = {"EC": ("ES256",), "RSA": ("RS256", "PS256")}
PRIVATE = frozenset({"d", "p", "q", "dp", "dq", "qi", "k", "oth"})
Key = ECKey | RSAKey
Jwk = Mapping[str, Any]


def keys_in(data: bytes) -> tuple[str, tuple[Jwk, ...]]:
    """The algorithm and the public keys of a JWK set, or of one public key in PEM.

    Raises:
        KeysRefused: private, weak, of an unknown kind, or not all for one algorithm.
    """
    if len(data) > MAX_JWKS:
        raise KeysRefused("The file with keys is too large.")
    found = (_of_pem(data),) if data.lstrip().startswith(b"-----BEGIN") else _of_json(data)
    keys = tuple(_accepted(one) for one in found)
    algorithms = {one["alg"] for one in keys}
    if not 1 <= len(keys) <= MOST_KEYS or len({one["kid"] for one in keys}) != len(keys):
        raise KeysRefused("Give 1 to 5 keys, each with a kid of its own.")
    if len(algorithms) != 1:
        raise KeysRefused("All keys of a client are for one algorithm.")
    return algorithms.pop(), keys


def imported(jwk: Jwk) -> Key:
    """A key that `keys_in` gave, for use."""
    members = dict(jwk)
    return ECKey.import_key(members) if jwk["kty"] == "EC" else RSAKey.import_key(members)


def _of_json(data: bytes) -> tuple[Jwk, ...]:
    try:
        listed = json.loads(data)
    except (ValueError, RecursionError) as cause:
        raise KeysRefused("The file holds neither a JWK set nor a PEM key.") from cause
    keys = listed.get("keys", [listed]) if isinstance(listed, dict) else []
    if not isinstance(keys, list) or not all(isinstance(one, dict) for one in keys):
        raise KeysRefused("The file holds neither a JWK set nor a PEM key.")
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
    raise KeysRefused("This is not a public key that is used here.")


def _accepted(jwk: Jwk) -> Jwk:
    """The members that matter, of a key that may be used."""
    if PRIVATE & set(jwk):
        raise _private()
    permitted = ALGORITHMS.get(str(jwk.get("kty")), ())
    algorithm = jwk.get("alg") or next(iter(permitted), None)
    if algorithm not in permitted or jwk.get("use", "sig") != "sig":
        raise KeysRefused("Keys are for ES256, RS256 or PS256, and for signatures.")
    kid = jwk.get("kid")
    if not isinstance(kid, str) or not 1 <= len(kid) <= MAX_KID:
        raise KeysRefused("Every key needs a kid of at most 100 characters.")
    members = ("kty", "crv", "x", "y") if algorithm == "ES256" else ("kty", "n", "e")
    key = {name: jwk.get(name) for name in members}
    if not _is_strong(key):
        raise KeysRefused("Keys are P-256, or RSA of at least 2048 bits.")
    return {**key, "kid": kid, "alg": algorithm, "use": "sig"}


def _is_strong(jwk: Jwk) -> bool:
    if jwk["kty"] == "EC" and jwk["crv"] != "P-256":
        return False
    try:
        key = imported(jwk)
        size = key.raw_value.key_size
    except (JoseError, ValueError, TypeError, AttributeError):
        return False
    return isinstance(key, ECKey) or size >= MIN_RSA_BITS


def _private() -> KeysRefused:
    return KeysRefused("This is a private key. It stays with its owner; send the public one.")
