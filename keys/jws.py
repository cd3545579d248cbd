"""One strict form of signed JSON: flattened JWS, ES256, exactly one byte sequence per content.

RFC 7515 allows white space, member order and sloppy base64 to vary. Here they may
not: the reader writes the envelope again and compares, so a changed byte is a
refused list, wherever it stands.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NoReturn

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import Certificate
from jwcrypto.common import JWException
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS

from keys.errors import TrustListInvalid

TYPE = "echt-trust+jws"
MAX_SIZE = 1_000_000
MEMBERS = {"payload", "protected", "signature"}
HEADER = {"alg", "kid", "typ", "x5c"}
"""All that a header may say. `jwk`, `jku`, `x5u` and `crit` (RFC 7515 4.1) are thereby out."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A signed object whose signature has not been checked yet."""

    data: bytes
    kid: str
    chain: tuple[bytes, ...]
    payload: bytes


def open_envelope(data: bytes, *, kind: str = TYPE) -> Envelope:
    """Take a flattened JWS of one kind (`typ`) apart; nothing in it is trusted yet.

    Raises:
        TrustListInvalid: too large, another form, or a header that says more than it may.
    """
    if len(data) > MAX_SIZE:
        raise TrustListInvalid("the list is larger than a trust list can be")
    envelope = parse(data)
    if set(envelope) != MEMBERS or canonical(envelope) != data:
        raise TrustListInvalid("not a flattened JWS in its canonical form")
    header = parse(decode(envelope["protected"]))
    if set(header) != HEADER or (header["alg"], header["typ"]) != ("ES256", kind):
        raise TrustListInvalid("the signature header is not the one of a trust list")
    decode(envelope["signature"])  # its last character has spare bits that jwcrypto overlooks
    payload = decode(envelope["payload"])
    return Envelope(data, text(header["kid"]), certificates(header["x5c"]), payload)


def verify(envelope: Envelope, certificate: Certificate) -> Mapping[str, object]:
    """Return the payload if the certificate's key signed exactly this envelope.

    Raises:
        TrustListInvalid: another key, or changed content.
    """
    public = certificate.public_key()
    if not isinstance(public, ec.EllipticCurvePublicKey):
        raise TrustListInvalid("a trust list is signed with ES256")
    key = JWK.from_pem(public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo))
    token = JWS()
    token.allowed_algs = ["ES256"]
    try:
        token.deserialize(envelope.data.decode(), key)
    except (JWException, ValueError) as cause:
        raise TrustListInvalid("the signature does not belong to this list") from cause
    return parse(envelope.payload)


def parse(data: bytes) -> dict[str, object]:
    """Read one JSON object; a member that stands twice makes it no object at all.

    Raises:
        TrustListInvalid: not UTF-8, not JSON, not an object, or a double member.
    """
    try:
        value = json.loads(data.decode(), object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as cause:
        raise TrustListInvalid("the list is not well-formed JSON") from cause
    if not isinstance(value, dict):
        raise TrustListInvalid("the list is not a JSON object")
    return value


def text(value: object) -> str:
    """Narrow a JSON value to a string.

    Raises:
        TrustListInvalid: it is something else.
    """
    if not isinstance(value, str):
        raise TrustListInvalid("a string is missing in the list")
    return value


def certificates(value: object) -> tuple[bytes, ...]:
    """Narrow a JSON value to a list of certificates in base64 (RFC 7515 4.1.6).

    Raises:
        TrustListInvalid: it is something else.
    """
    if not isinstance(value, list):
        raise TrustListInvalid("a list of certificates is missing")
    try:
        return tuple(base64.b64decode(text(one), validate=True) for one in value)
    except (binascii.Error, ValueError) as cause:
        raise TrustListInvalid("a certificate is not base64") from cause


def _once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member stands twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def canonical(value: Mapping[str, object]) -> bytes:
    """The one way in which this format writes a JSON object."""
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def encode(data: bytes) -> str:
    """The one way in which this format writes bytes: base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(value: object) -> bytes:
    """Read bytes that `encode` wrote; whatever it would have written otherwise is refused.

    Raises:
        TrustListInvalid: not base64url, or not its one canonical form.
    """
    encoded = text(value)
    try:
        data = base64.urlsafe_b64decode(encoded.encode("ascii") + b"=" * (-len(encoded) % 4))
    except (binascii.Error, ValueError) as cause:
        raise TrustListInvalid("a part of the list is not base64url") from cause
    if encode(data) != encoded:  # spare bits or stray characters that a decoder overlooks
        raise TrustListInvalid("a part of the list is not canonical base64url")
    return data
