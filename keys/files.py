"""Custody in files, for development and tests only.

The key is read and checked once; every signature after that is one call into the
cryptographic library. A process in production refuses this custody before it
opens any file (platform.md 3.11).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from keys.custody import KeyRef
from keys.errors import KeyRefused, KeyUnavailable

OTHERS = 0o077
MAX_FILE = 64 * 1024
MIN_RSA_BITS = 3072
"""Shortest RSA modulus that is used beyond 2030 (NIST SP 800-57 part 1, table 2)."""

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "ES256": hashes.SHA256(),
    "ES384": hashes.SHA384(),
    "RS256": hashes.SHA256(),
}


class FileSigner:
    """One key from a PEM file, proven at construction to belong to its certificate.

    Raises:
        KeyRefused: the process runs in production.
        KeyUnavailable: a file is missing, readable by others, garbled, or the key
            is not the certificate's.
    """

    __slots__ = ("_chain", "_key", "_sign", "_size")

    def __init__(
        self, kid: str, *, key_file: Path, chain_file: Path, production: bool = False
    ) -> None:
        refuse_in_production(production=production)
        private = _load_key(key_file)
        algorithm = algorithm_of(private)
        self._key = KeyRef(kid, algorithm)
        self._size = _HASHES[algorithm].digest_size
        self._sign = _signing(private, _HASHES[algorithm])
        self._chain = load_chain(chain_file)
        self._prove()

    @property
    def key(self) -> KeyRef:
        """Name of the key in use."""
        return self._key

    @property
    def chain(self) -> tuple[bytes, ...]:
        """Certificates in DER: the key's own first, then its issuers up to the root."""
        return self._chain

    def sign_digest(self, digest: bytes) -> bytes:
        """Sign a digest of the algorithm's hash; DER for ECDSA, PKCS#1 v1.5 for RSA."""
        if len(digest) != self._size:
            raise ValueError(f"{self._key.algorithm} signs a digest of {self._size} bytes")
        return self._sign(digest)

    def __repr__(self) -> str:
        """Name the key, and nothing of its private half."""
        return f"FileSigner({self._key.kid!r}, {self._key.algorithm!r})"

    def _prove(self) -> None:
        """Sign once and check with the certificate: a wrong pair stops here, not at a document."""
        digest = hashlib.new(_HASHES[self._key.algorithm].name, b"echt trial signature").digest()
        public = x509.load_der_x509_certificate(self._chain[0]).public_key()
        if not verifies(public, self._key.algorithm, self._sign(digest), digest):
            raise KeyUnavailable(
                f"The key and the certificate of {self._key.kid} do not belong together: "
                "restore both from the same backup."
            )


def refuse_in_production(*, production: bool) -> None:
    """Let nothing but development and tests past.

    Raises:
        KeyRefused: the process runs in production.
    """
    if production:
        raise KeyRefused(
            "Keys in files are for development and tests: "
            "configure a hardware token before starting in production."
        )


def algorithm_of(key: PrivateKey) -> str:
    """JOSE name of what this key signs with.

    Raises:
        KeyUnavailable: a curve or key length that Echt does not use.
    """
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= MIN_RSA_BITS:
        return "RS256"
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return "ES256"
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP384R1):
        return "ES384"
    raise KeyUnavailable("The key file holds a key of a kind that is not used here.")


def verifies(public: object, algorithm: str, signature: bytes, digest: bytes) -> bool:
    """Tell whether a signature over a digest was made by the owner of a public key."""
    prehashed = Prehashed(_HASHES[algorithm])
    try:
        match public:
            case ec.EllipticCurvePublicKey():
                public.verify(signature, digest, ec.ECDSA(prehashed))
            case rsa.RSAPublicKey():
                public.verify(signature, digest, padding.PKCS1v15(), prehashed)
            case _:
                return False
    except (InvalidSignature, ValueError):
        return False
    return True


def load_chain(path: Path) -> tuple[bytes, ...]:
    """Read a PEM file of certificates, in the order of the file, as DER.

    Raises:
        KeyUnavailable: missing, unreadable, or not certificates.
    """
    try:
        found = x509.load_pem_x509_certificates(_read(path, "certificate"))
    except ValueError:
        raise KeyUnavailable(
            "A certificate file is damaged: restore the key folder from its backup."
        ) from None
    return tuple(one.public_bytes(serialization.Encoding.DER) for one in found)


def load_private(path: Path) -> PrivateKey:
    """Read an unencrypted PKCS#8 key that nobody but its owner can read.

    Raises:
        KeyUnavailable: missing, unreadable, readable by others, or not such a key.
    """
    return _load_key(path)


def _load_key(path: Path) -> PrivateKey:
    data = _read(path, "key")
    if path.stat().st_mode & OTHERS:
        raise KeyUnavailable("A key file can be read by others: set its mode to 0600.")
    try:
        loaded = serialization.load_pem_private_key(data, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        # The library's message could quote the file: cut the chain of causes here.
        raise KeyUnavailable(
            "A key file is damaged: restore the key folder from its backup."
        ) from None
    if not isinstance(loaded, PrivateKey):
        raise KeyUnavailable("The key file holds a key of a kind that is not used here.")
    return loaded


def _read(path: Path, what: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE)
    except OSError as cause:
        raise KeyUnavailable(
            f"The {what} file {path.name} cannot be read ({cause.strerror}): "
            "run `echt keys init`, or restore the key folder from its backup."
        ) from cause


def _signing(key: PrivateKey, algorithm: hashes.HashAlgorithm) -> Callable[[bytes], bytes]:
    prehashed = Prehashed(algorithm)
    if isinstance(key, rsa.RSAPrivateKey):
        return lambda digest: key.sign(digest, padding.PKCS1v15(), prehashed)
    scheme = ec.ECDSA(prehashed)
    return lambda digest: key.sign(digest, scheme)
