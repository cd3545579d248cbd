"""Who may sign, and with what. Nothing here knows what a diploma is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric import ec, rsa

PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey


@dataclass(frozen=True, slots=True)
class KeyRef:
    """A signing key by its public name; the private half never leaves custody."""

    kid: str
    algorithm: str
    """JOSE name: ES256, ES384, or RS256."""


class SealSigner(Protocol):
    """One signing key, held in a file, a PKCS#11 token or a remote service."""

    @property
    def key(self) -> KeyRef:
        """Name of the key in use."""
        ...

    @property
    def chain(self) -> tuple[bytes, ...]:
        """Certificates in DER: the key's own first, then its issuers up to the root."""
        ...

    def sign_digest(self, digest: bytes) -> bytes:
        """Sign a digest of the algorithm's hash; DER for ECDSA, PKCS#1 v1.5 for RSA.

        Raises:
            KeyUnavailable: custody cannot reach the key now.
        """
        ...


class Custody(Protocol):
    """The place where private keys live: a folder, or a hardware token.

    A key is made inside and never comes out; there is no way to bring one in.
    """

    def generate(self, kid: str, algorithm: str) -> PublicKey:
        """Make a key under a new name, and hand out its public half.

        Raises:
            KeyRefused: this custody may not be used here (files in production).
            KeyUnavailable: there is a key of that name already, or custody cannot be used.
        """
        ...

    def signer(self, kid: str, chain_file: Path) -> SealSigner:
        """Open a key with its certificates, proven to belong together by one trial signature.

        Raises:
            KeyRefused: this custody may not be used here (files in production).
            KeyUnavailable: no such key, or it is not the certificate's.
        """
        ...
