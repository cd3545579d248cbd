"""The three algorithms that Echt signs with, by their JOSE names: ES256, ES384, RS256."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from keys.custody import SealSigner
from keys.errors import KeyUnavailable

MIN_RSA_BITS = 3072
"""Shortest RSA modulus that is used beyond 2030 (NIST SP 800-57 part 1, table 2)."""

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
HASHES: Mapping[str, hashes.HashAlgorithm] = {
    "ES256": hashes.SHA256(),
    "ES384": hashes.SHA384(),
    "RS256": hashes.SHA256(),
}


def algorithm_of(key: object) -> str:
    """JOSE name of what this key signs with, by its private or its public half.

    Raises:
        KeyUnavailable: a curve or key length that Echt does not use.
    """
    match key:
        case rsa.RSAPrivateKey() | rsa.RSAPublicKey() if key.key_size >= MIN_RSA_BITS:
            return "RS256"
        case ec.EllipticCurvePrivateKey() | ec.EllipticCurvePublicKey():
            return _by_curve(key.curve)
        case _:
            raise _unused()


def verifies(public: object, algorithm: str, signature: bytes, digest: bytes) -> bool:
    """Tell whether a signature over a digest was made by the owner of a public key."""
    return verification(public, algorithm)(signature, digest)


def verification(public: object, algorithm: str) -> Callable[[bytes, bytes], bool]:
    """The check of signatures over digests by one public key: for who does it many times."""
    prehashed = Prehashed(HASHES[algorithm])
    match public:
        case ec.EllipticCurvePublicKey():
            scheme = ec.ECDSA(prehashed)
            return _holding(lambda signed, digest: public.verify(signed, digest, scheme))
        case rsa.RSAPublicKey():
            pad = padding.PKCS1v15()
            return _holding(lambda signed, digest: public.verify(signed, digest, pad, prehashed))
        case _:
            return lambda _signature, _digest: False


def _holding(verify: Callable[[bytes, bytes], None]) -> Callable[[bytes, bytes], bool]:
    """Tell by an answer what the library tells by an exception."""

    def holds(signature: bytes, digest: bytes) -> bool:
        try:
            verify(signature, digest)
        except (InvalidSignature, ValueError):
            return False
        return True

    return holds


def prove(signer: SealSigner) -> None:
    """Sign once and check with the certificate: a wrong pair stops here, not at a document.

    Raises:
        KeyUnavailable: the key and the certificate do not belong together.
    """
    kid, algorithm = signer.key.kid, signer.key.algorithm
    digest = hashlib.new(HASHES[algorithm].name, b"echt trial signature").digest()
    public = x509.load_der_x509_certificate(signer.chain[0]).public_key()
    if not verifies(public, algorithm, signer.sign_digest(digest), digest):
        raise KeyUnavailable(
            f"The key and the certificate of {kid} do not belong together: "
            "restore both from the same backup."
        )


def _by_curve(curve: ec.EllipticCurve) -> str:
    match curve:
        case ec.SECP256R1():
            return "ES256"
        case ec.SECP384R1():
            return "ES384"
        case _:
            raise _unused()


def _unused() -> KeyUnavailable:
    return KeyUnavailable("This is a key of a kind that is not used here.")
