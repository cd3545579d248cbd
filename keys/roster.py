"""Who may approve a ceremony, and which ceremonies were held: part of the key book."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

ApproverKey = ec.EllipticCurvePublicKey | ed25519.Ed25519PublicKey
APPROVALS = 2
"""How many different people a ceremony takes (platform.md 3.11)."""
ID = re.compile(r"[a-z][a-z0-9-]{0,39}")
MAX_TEXT = 100
_P = 2**255 - 19
_ORDER_8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
_SMALL_ORDER = {0, 1, _P - 1, _ORDER_8, _P - _ORDER_8}
"""The y of the eight points of edwards25519 whose order divides 8 (RFC 8032, 5.1.7 and 8.9)."""


@dataclass(frozen=True, slots=True)
class Approver:
    """A person who may approve ceremonies, and the key that speaks for that person."""

    id: str
    """Short name; stands in the name of the signature file."""
    name: str
    role: str
    key: str
    """Public key in PEM (SubjectPublicKeyInfo), P-256 or Ed25519."""

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the public key in DER, as hex."""
        der = self._public().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return hashlib.sha256(der).hexdigest()

    def approved(self, plan: bytes, signature: bytes) -> bool:
        """Tell whether this person's key signed exactly these bytes."""
        public = self._public()
        try:
            if isinstance(public, ec.EllipticCurvePublicKey):
                public.verify(signature, plan, ec.ECDSA(hashes.SHA256()))
            else:
                public.verify(signature, plan)
        except InvalidSignature:
            return False
        return True

    def _public(self) -> ApproverKey:
        return public_key(self.key)


@dataclass(frozen=True, slots=True)
class Held:
    """A ceremony that changed this key book."""

    name: str
    plan_sha256: str
    transcript_sha256: str


def public_key(pem: str) -> ApproverKey:
    """Read the public key of an approver.

    Raises:
        ValueError: not one, or of a kind that is not used here.
    """
    try:
        found = serialization.load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm) as cause:
        raise ValueError("not a public key in PEM") from cause
    if isinstance(found, ec.EllipticCurvePublicKey) and isinstance(found.curve, ec.SECP256R1):
        return found
    if isinstance(found, ed25519.Ed25519PublicKey):
        return _strong(found)
    raise ValueError("an approver's key is P-256 or Ed25519")


def problem_of(approvers: Sequence[Approver]) -> str:
    """What keeps these people from being a roster; empty when nothing does."""
    if len(approvers) < APPROVALS:
        return f"name at least {APPROVALS} approvers"
    for what, values in (
        ("id", [one.id for one in approvers]),
        ("name", [_folded(one.name) for one in approvers]),
        ("key", [one.fingerprint for one in approvers]),
    ):
        if len(set(values)) != len(values):
            return f"two approvers have the same {what}: they must be different people"
    return ""


def _strong(found: ed25519.Ed25519PublicKey) -> ed25519.Ed25519PublicKey:
    """A point of small order has signatures that nobody's private key made; libraries take it.

    And a y from p on is a second way to write a point (RFC 8032, 5.1.3), so a second key.
    """
    y = int.from_bytes(found.public_bytes_raw(), "little") & (2**255 - 1)
    if y >= _P or y in _SMALL_ORDER:
        raise ValueError("the key is weak: anybody can sign for it")
    return found


def _folded(name: str) -> str:
    """A name without what does not make it another name: width, capitals, white space."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def approver_of(member: Mapping[str, object]) -> Approver:
    """Read an approver from the key book.

    Raises:
        ValueError: not one.
    """
    approver = Approver(*(_text(member[name]) for name in ("id", "name", "role", "key")))
    public_key(approver.key)
    return approver


def held_of(member: Mapping[str, object]) -> Held:
    """Read a past ceremony from the key book.

    Raises:
        ValueError: not one.
    """
    names = ("name", "plan_sha256", "transcript_sha256")
    return Held(*(_text(member[name]) for name in names))


def member_of(entry: Approver | Held) -> dict[str, object]:
    """Write an approver or a past ceremony; `approver_of` and `held_of` read them back."""
    return asdict(entry)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("a text is missing")  # noqa: TRY004 - one kind of error for a damaged book
    return value
