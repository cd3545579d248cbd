"""A token reached through its vendor's PKCS#11 module: login, keys, signatures."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pkcs11
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pkcs11 import Attribute, KeyType, Mechanism, MechanismFlag, ObjectClass
from pkcs11.exceptions import (
    NoSuchKey,
    NoSuchToken,
    PinExpired,
    PinIncorrect,
    PinInvalid,
    PinLenRange,
    PinLocked,
    PKCS11Error,
    UserPinNotInitialized,
)
from pkcs11.util.ec import encode_ec_public_key, encode_named_curve_parameters

from keys.algorithms import MIN_RSA_BITS
from keys.custody import PublicKey
from keys.errors import KeyRefused, KeyUnavailable
from keys.module import Module
from keys.pins import fingerprint, read_pin
from keys.sessions import TokenLost

PIN_REFUSED = (
    PinExpired,
    PinIncorrect,
    PinInvalid,
    PinLenRange,
    PinLocked,
    UserPinNotInitialized,
)
CURVES: Mapping[str, str] = {"ES256": "secp256r1", "ES384": "secp384r1"}
SHA256_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
"""DER that stands before a SHA-256 digest in an RSA signature, RFC 8017 9.2 note 1."""
INSIDE: Mapping[Attribute, bool] = {
    Attribute.PRIVATE: True,
    Attribute.SENSITIVE: True,
    Attribute.EXTRACTABLE: False,
}
"""What makes a key one that never leaves the token (PKCS#11 v2.40 base, 4.9)."""


class Cryptoki:
    """One token of one module. The PIN is read from its file at every login, and not kept.

    A PIN that was refused is not tried again until the file holds another: a token
    locks itself after a few wrong ones.
    """

    def __init__(self, module: Path, label: str, pin_file: Path) -> None:
        self._module = Module(module)
        self._path = module
        self._label = label
        self._pin_file = pin_file
        self._refused_pin = b""

    def __repr__(self) -> str:
        """Name the token, and nothing of its PIN."""
        return f"Cryptoki({self._label!r})"

    def connect(self, sessions: int) -> tuple[CryptokiSession, ...]:
        """End whatever was before, log in once, and open that many sessions.

        Raises:
            KeyUnavailable: the token is out of reach, or does not take the PIN.
        """
        self.disconnect()
        pin = self._pin()
        try:
            token = self._module.begin().get_token(token_label=self._label)
            first = token.open(user_pin=pin)
            others = (token.open() for _ in range(sessions - 1))
            return tuple(CryptokiSession(one) for one in (first, *others))
        except PIN_REFUSED as cause:
            self._refused_pin = fingerprint(pin)
            raise self._pin_refused(type(cause).__name__) from None
        except NoSuchToken as cause:
            raise KeyUnavailable(
                f"There is no token labelled {self._label}: insert it, or correct "
                "ECHT_TOKEN__LABEL. It is looked for again at the next document."
            ) from cause
        except OSError as cause:
            raise KeyUnavailable(
                f"The PKCS#11 module {self._path.name} cannot be loaded: the file is not there, or "
                "is no library for this machine. Correct ECHT_TOKEN__MODULE; it is the vendor's "
                "library, with its whole path."
            ) from cause
        except PKCS11Error as cause:
            raise KeyUnavailable(
                f"The token {self._label} is out of reach ({type(cause).__name__}): check that "
                "it is connected and that this user may use it. It is tried again at the next "
                "document."
            ) from cause

    def disconnect(self) -> None:
        """Log out and close every session; nothing happens where none is open."""
        self._module.end()

    def _pin(self) -> str:
        pin = read_pin(self._pin_file)
        if self._refused_pin == fingerprint(pin):
            raise self._pin_refused("not tried again")
        return pin

    def _pin_refused(self, how: str) -> KeyUnavailable:
        return KeyUnavailable(
            f"The token {self._label} does not take the PIN ({how}): correct "
            f"{self._pin_file.name}. It is not tried again until the file changes, or this "
            "process is started again."
        )


class CryptokiSession:
    """One session; keys are looked up once in each, since a handle belongs to its session."""

    __slots__ = ("_keys", "_session")

    def __init__(self, session: pkcs11.Session) -> None:
        self._session = session
        self._keys: dict[str, pkcs11.SignMixin] = {}

    def sign(self, kid: str, algorithm: str, digest: bytes) -> bytes:
        """The token's own form of a signature; raises as `TokenSession.sign`."""
        content, mechanism = digest, Mechanism.ECDSA
        if algorithm == "RS256":
            content, mechanism = SHA256_DIGEST_INFO + digest, Mechanism.RSA_PKCS
        try:
            key = self._keys.get(kid) or self._find(kid)
            return key.sign(content, mechanism=mechanism)
        except NoSuchKey as cause:
            raise TokenLost(f"the token holds no key named {kid}") from cause
        except PKCS11Error as cause:
            raise TokenLost(type(cause).__name__) from cause

    def generate(self, kid: str, algorithm: str) -> PublicKey:
        """Make a key that never leaves the token; raises as `TokenSession.generate`."""
        try:
            # Without a PIN: the login of the first session is that of the whole process.
            with self._session.token.open(rw=True) as writable:
                _refuse_second(writable, kid)
                public, private = _make_pair(writable, kid, algorithm)
                _require_inside(private, kid)
                return _public_key(public, algorithm)
        except PKCS11Error as cause:
            raise TokenLost(type(cause).__name__) from cause

    def _find(self, kid: str) -> pkcs11.SignMixin:
        found = self._session.get_key(object_class=ObjectClass.PRIVATE_KEY, label=kid)
        if not isinstance(found, pkcs11.SignMixin):
            raise NoSuchKey(kid)
        _require_inside(found, kid)
        self._keys[kid] = found
        return found


def _refuse_second(session: pkcs11.Session, kid: str) -> None:
    for _ in session.get_objects({Attribute.LABEL: kid}):
        raise KeyUnavailable(f"The token has a key named {kid} already: nothing was made.")


def _make_pair(
    session: pkcs11.Session, kid: str, algorithm: str
) -> tuple[pkcs11.PublicKey, pkcs11.PrivateKey]:
    if algorithm == "RS256":
        return session.generate_keypair(
            KeyType.RSA,
            MIN_RSA_BITS,
            id=kid.encode(),
            label=kid,
            store=True,
            capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY,
            private_template=dict(INSIDE),
        )
    if algorithm not in CURVES:
        raise KeyUnavailable("No key of that algorithm is used here.")
    curve = {Attribute.EC_PARAMS: encode_named_curve_parameters(CURVES[algorithm])}
    return session.create_domain_parameters(KeyType.EC, curve, local=True).generate_keypair(
        id=kid.encode(),
        label=kid,
        store=True,
        capabilities=MechanismFlag.SIGN | MechanismFlag.VERIFY,
        private_template=dict(INSIDE),
    )


def _require_inside(key: pkcs11.Object, kid: str) -> None:
    if key.get_attributes(list(INSIDE)) != INSIDE:
        raise KeyRefused(
            f"The key {kid} could be taken out of the token: make a new one with `echt keys`."
        )


def _public_key(public: pkcs11.PublicKey, algorithm: str) -> PublicKey:
    if algorithm == "RS256":
        modulus = int.from_bytes(public[Attribute.MODULUS])
        exponent = int.from_bytes(public[Attribute.PUBLIC_EXPONENT])
        return rsa.RSAPublicNumbers(exponent, modulus).public_key()
    loaded = load_der_public_key(encode_ec_public_key(public))
    if not isinstance(loaded, ec.EllipticCurvePublicKey):
        raise TokenLost("a public key of another kind")
    return loaded
