"""Custody in a hardware token: keys are made inside it, sign inside it, and stay there.

A token is opened once per process. It signs digests: hashing is done here, so that
kilobytes need not travel to the token, and every token offers the raw mechanisms
(platform.md 2.6). A token that was pulled out, or lost its sessions, is connected
afresh at the next signature; nobody has to restart the process.
"""

from __future__ import annotations

from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from keys.algorithms import HASHES, algorithm_of, prove
from keys.cryptoki import Cryptoki
from keys.custody import KeyRef, PublicKey
from keys.errors import KeyUnavailable
from keys.files import load_chain
from keys.sessions import Driver, SessionPool, TokenLost

SESSIONS = 4
PATIENCE_SECONDS = 10.0
MOST_WAITING = 256


class Token:
    """One token, logged in once, with a fixed number of sessions.

    Args:
        driver: reaches the token.
        sessions: how many signatures may be made at the same time.
        patience: seconds that a signature waits for a session.
        waiting: how many signatures may wait.
    """

    __slots__ = ("_driver", "_pool")

    def __init__(
        self,
        driver: Driver,
        *,
        sessions: int = SESSIONS,
        patience: float = PATIENCE_SECONDS,
        waiting: int = MOST_WAITING,
    ) -> None:
        self._driver = driver
        self._pool = SessionPool(driver, size=sessions, patience=patience, waiting=waiting)

    def __repr__(self) -> str:
        """Name the token, and nothing of its PIN."""
        return f"Token({self._driver!r})"

    def sign(self, kid: str, algorithm: str, digest: bytes) -> bytes:
        """The token's own form of a signature, after one more attempt where it was lost.

        Raises:
            KeyUnavailable: the token is busy or out of reach, or holds no such key.
            KeyRefused: this key could leave the token, so it is not used.
        """
        try:
            return self._sign_once(kid, algorithm, digest)
        except TokenLost:
            pass  # the pool connects afresh
        try:
            return self._sign_once(kid, algorithm, digest)
        except TokenLost as cause:
            raise KeyUnavailable(
                f"The token cannot sign with {kid}, also after a new login ({cause}): check the "
                "token and its log. It is tried again at the next document."
            ) from cause

    def generate(self, kid: str, algorithm: str) -> PublicKey:
        """Make a key inside the token, named `kid`, that can never be taken out.

        It is not attempted twice: after a failure the operator looks whether it is there.

        Raises:
            KeyUnavailable: there is a key of that name already, or the token is out of reach.
        """
        try:
            with self._pool.session() as session:
                return session.generate(kid, algorithm)
        except TokenLost as cause:
            raise KeyUnavailable(
                f"The token did not make the key {kid} ({cause}): look whether it is there "
                "before you try again."
            ) from cause

    def signer(self, kid: str, chain: tuple[bytes, ...]) -> Pkcs11Signer:
        """Open a key with its certificates in DER, its own first; raises as `Pkcs11Signer`."""
        return Pkcs11Signer(self, kid, chain)

    def close(self) -> None:
        """Log out and end every session; the next use connects again."""
        self._pool.close()

    def _sign_once(self, kid: str, algorithm: str, digest: bytes) -> bytes:
        with self._pool.session() as session:
            return session.sign(kid, algorithm, digest)


class Pkcs11Signer:
    """One key in a token, proven at construction to belong to its certificate.

    Raises:
        KeyUnavailable: the token is out of reach, holds no such key, or the key is not
            the certificate's.
        KeyRefused: the key could leave the token.
    """

    __slots__ = ("_chain", "_key", "_size", "_token")

    def __init__(self, token: Token, kid: str, chain: tuple[bytes, ...]) -> None:
        algorithm = algorithm_of(x509.load_der_x509_certificate(chain[0]).public_key())
        self._token = token
        self._chain = chain
        self._key = KeyRef(kid, algorithm)
        self._size = HASHES[algorithm].digest_size
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
        """Sign a digest of the algorithm's hash; DER for ECDSA, PKCS#1 v1.5 for RSA.

        Raises:
            KeyUnavailable: the token is busy or out of reach.
        """
        if len(digest) != self._size:
            raise ValueError(f"{self._key.algorithm} signs a digest of {self._size} bytes")
        signature = self._token.sign(self._key.kid, self._key.algorithm, digest)
        return signature if self._key.algorithm == "RS256" else _der(signature)

    def __repr__(self) -> str:
        """Name the key, and nothing of its private half."""
        return f"Pkcs11Signer({self._key.kid!r}, {self._key.algorithm!r})"


class TokenCustody:
    """Private keys in a token, each under its own name."""

    __slots__ = ("_token",)

    def __init__(self, token: Token) -> None:
        self._token = token

    def generate(self, kid: str, algorithm: str) -> PublicKey:
        """Make a key under a new name; raises as `Token.generate`."""
        return self._token.generate(kid, algorithm)

    def signer(self, kid: str, chain_file: Path) -> Pkcs11Signer:
        """Open a key with its certificates; raises as `Pkcs11Signer`."""
        return self._token.signer(kid, load_chain(chain_file))


def open_token(
    module: Path, label: str, pin_file: Path, *, sessions: int = SESSIONS, patience: float = 10.0
) -> Token:
    """The token of a PKCS#11 module; nothing is reached until the first use.

    Args:
        module: the vendor's library.
        label: which of its tokens.
        pin_file: holds the PIN; mode 0600.
        sessions: how many signatures may be made at the same time.
        patience: seconds that a signature waits for a session.
    """
    return Token(Cryptoki(module, label, pin_file), sessions=sessions, patience=patience)


def _der(raw: bytes) -> bytes:
    """ECDSA as CMS wants it: r and s side by side become SEQUENCE(r, s) (RFC 5753 7.2)."""
    half = len(raw) // 2
    return encode_dss_signature(int.from_bytes(raw[:half]), int.from_bytes(raw[half:]))
