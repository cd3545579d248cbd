"""JWS by hand (RFC 7515), so that every part of it can be wrong on purpose."""

from __future__ import annotations

import hashlib
import json
from typing import Any, Protocol

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature
from jwcrypto.jwk import JWK

from keys.jws import encode


class Signs(Protocol):
    """Whatever signs a digest with ECDSA, in DER."""

    def sign_digest(self, digest: bytes) -> bytes:
        """The signature."""
        ...


def parts(header: dict[str, Any] | str, payload: bytes, signer: Signs) -> list[str]:
    """Protected header, payload and signature, signed as custody signs (ES256)."""
    told = header if isinstance(header, str) else json.dumps(header)
    covered = f"{encode(told.encode())}.{encode(payload)}"
    r, s = decode_dss_signature(signer.sign_digest(hashlib.sha256(covered.encode()).digest()))
    return [*covered.split("."), encode(r.to_bytes(32, "big") + s.to_bytes(32, "big"))]


def compact(header: dict[str, Any] | str, payload: bytes, signer: Signs) -> bytes:
    """The compact form."""
    return ".".join(parts(header, payload, signer)).encode()


def flattened(header: dict[str, Any], payload: bytes, signer: Signs) -> dict[str, Any]:
    """The flattened JSON form."""
    names = ("protected", "payload", "signature")
    return dict(zip(names, parts(header, payload, signer), strict=True))


class Stranger:
    """A key of nobody we know."""

    def __init__(self) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())

    def sign_digest(self, digest: bytes) -> bytes:
        """Sign as custody does."""
        return self.private.sign(digest, ec.ECDSA(Prehashed(hashes.SHA256())))

    @property
    def jwk(self) -> dict[str, Any]:
        """The public half, for a header that brings its own key along."""
        return dict(json.loads(JWK.from_pyca(self.private.public_key()).export_public()))
