"""The outer form that X.509 gives to everything signed: content, algorithm, signature.

Certificates, revocation lists and OCSP responses share it (RFC 5280 4.1.1). The key
signs a digest, so that it may be anywhere: in a file or in a hardware token.
"""

from __future__ import annotations

import functools
import hashlib
from dataclasses import dataclass
from typing import Any

from asn1crypto import algos, core, x509

from keys.custody import SealSigner

_KINDS = {
    "ES256": ("sha256", "sha256_ecdsa"),
    "ES384": ("sha384", "sha384_ecdsa"),
    "RS256": ("sha256", "sha256_rsa"),
}


@dataclass(frozen=True, slots=True)
class Authority:
    """Who signs, as the signed object names it."""

    signer: SealSigner

    @property
    def certificate(self) -> Any:  # noqa: ANN401 - asn1crypto has no types
        """Its own certificate, parsed."""
        return _parsed(self.signer.chain[0])

    @property
    def algorithm(self) -> Any:  # noqa: ANN401 - asn1crypto has no types
        """AlgorithmIdentifier of its signatures; parameters absent for ECDSA (RFC 5758 3.2)."""
        return algos.SignedDigestAlgorithm({"algorithm": _KINDS[self.signer.key.algorithm][1]})

    def sign(self, content: bytes) -> Any:  # noqa: ANN401 - asn1crypto has no types
        """Sign the DER of the content; a BIT STRING.

        Raises:
            KeyUnavailable: custody cannot reach the key now.
        """
        digest = hashlib.new(_KINDS[self.signer.key.algorithm][0], content).digest()
        return core.OctetBitString(self.signer.sign_digest(digest))


@functools.lru_cache(maxsize=16)
def _parsed(der: bytes) -> Any:  # noqa: ANN401 - asn1crypto has no types
    return x509.Certificate.load(der)
