"""Custody in files, for development and tests only.

The key is read and checked once; every signature after that is one call into the
cryptographic library. A process in production refuses this custody before it
opens any file (platform.md 3.11).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from keys import durable
from keys.algorithms import HASHES, MIN_RSA_BITS, PrivateKey, algorithm_of, prove, verifies
from keys.custody import KeyRef, PublicKey
from keys.errors import KeyRefused, KeyUnavailable

__all__ = [
    "FileCustody",
    "FileSigner",
    "PrivateKey",
    "algorithm_of",
    "load_chain",
    "load_private",
    "new_private_key",
    "refuse_in_production",
    "verifies",
]

OTHERS = 0o077
MAX_FILE = 64 * 1024


class FileCustody:
    """Private keys in a folder: `<kid>.key` each, PKCS#8 without a password, mode 0600.

    Raises:
        KeyRefused: the process runs in production.
    """

    __slots__ = ("_folder",)

    def __init__(self, folder: Path, *, production: bool = False) -> None:
        refuse_in_production(production=production)
        self._folder = folder

    def generate(self, kid: str, algorithm: str) -> PublicKey:
        """Make a key under a new name, and hand out its public half.

        Raises:
            KeyUnavailable: there is a key of that name already, or the disk refuses.
        """
        private = new_private_key(algorithm)
        pem = private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        try:
            durable.create(self._key_file(kid), pem, mode=durable.PRIVATE)
        except OSError as cause:
            raise KeyUnavailable(
                f"The key {kid} cannot be written ({cause.strerror}): nothing was made."
            ) from cause
        return private.public_key()

    def signer(self, kid: str, chain_file: Path) -> FileSigner:
        """Open a key with its certificates; raises as `FileSigner`."""
        return FileSigner(kid, key_file=self._key_file(kid), chain_file=chain_file)

    def _key_file(self, kid: str) -> Path:
        if Path(kid).name != kid:
            raise KeyUnavailable("The name of a key is not the name of a file.")
        return self._folder / f"{kid}.key"


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
        self._size = HASHES[algorithm].digest_size
        self._sign = _signing(private, HASHES[algorithm])
        self._chain = load_chain(chain_file)
        prove(self)

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


def new_private_key(algorithm: str) -> PrivateKey:
    """Make a key that signs by this algorithm (JOSE name).

    Raises:
        KeyUnavailable: an algorithm that Echt does not use.
    """
    match algorithm:
        case "ES256":
            return ec.generate_private_key(ec.SECP256R1())
        case "ES384":
            return ec.generate_private_key(ec.SECP384R1())
        case "RS256":
            return rsa.generate_private_key(public_exponent=65537, key_size=MIN_RSA_BITS)
        case _:
            raise KeyUnavailable("No key of that algorithm is used here.")


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
