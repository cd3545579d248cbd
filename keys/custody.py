"""Who may sign, and with what. Nothing here knows what a diploma is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


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
