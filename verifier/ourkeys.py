"""Our published keys, as every reader needs them: the list or why not, and what to tell of it."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from dataclasses import replace
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from keys import trust as trust_lists
from keys.errors import TrustListInvalid
from verifier.verdict import Details

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

    from keys.trust import KeyEntry, TrustList


KEPT = 4
_ELLIPTIC: dict[str, tuple[hashes.HashAlgorithm, int]] = {
    "ES256": (hashes.SHA256(), 32),
    "ES384": (hashes.SHA384(), 48),
}
"""Hash, and octets of r and of s (RFC 7518 3.4)."""


class KeyLists:
    """Reads trust lists; the ones last seen are not proven again, for they cannot change."""

    def __init__(self) -> None:
        self._kept: OrderedDict[bytes, TrustList] = OrderedDict()
        self._lock = threading.Lock()

    def read(self, data: bytes | None, now: datetime) -> tuple[TrustList | None, str]:
        """The list if it is good for a verdict now, else the reason why it is not."""
        if data is None:
            return None, "no_trust_list"
        try:
            with self._lock:
                listed = self._proven(data, now)
        except TrustListInvalid:
            return None, "trust_list_invalid"
        if listed.issued_at > now + trust_lists.CLOCK_SKEW:
            return None, "trust_list_invalid"
        return (None, "trust_list_expired") if now >= listed.expires_at else (listed, "")

    def _proven(self, data: bytes, now: datetime) -> TrustList:
        """The same object for the same bytes; time is judged anew on every call.

        Raises:
            TrustListInvalid: not a list of ours.
        """
        name = hashlib.sha256(data).digest()
        if name in self._kept:
            self._kept.move_to_end(name)
            return self._kept[name]
        listed = replace(trust_lists.read(data, now=now), expired=False)
        self._kept[name] = listed
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return listed


read_list = KeyLists().read
"""For every reader of this process."""


def signed_by(entry: KeyEntry, signature: bytes, covered: bytes) -> bool:
    """Whether this key of the list signed these octets, as JOSE and COSE write signatures."""
    key = public_key(entry)
    try:
        match key:
            case ec.EllipticCurvePublicKey() if entry.algorithm in _ELLIPTIC:
                digest, octets = _ELLIPTIC[entry.algorithm]
                if len(signature) != 2 * octets:
                    return False
                r, s = (
                    int.from_bytes(half, "big") for half in (signature[:octets], signature[octets:])
                )
                key.verify(encode_dss_signature(r, s), covered, ec.ECDSA(digest))
            case rsa.RSAPublicKey() if entry.algorithm == "RS256":
                key.verify(signature, covered, padding.PKCS1v15(), hashes.SHA256())
            case _:
                return False
    except InvalidSignature:
        return False
    return True


def public_key(entry: KeyEntry) -> PublicKeyTypes:
    """The key that an entry's own certificate carries."""
    return x509.load_der_x509_certificate(entry.certificates[0]).public_key()


def details_of(listed: TrustList, entry: KeyEntry | None = None) -> Details:
    """What an expert may know of the list, and of the key of ours where one signed."""
    if entry is None:
        return Details(trust_list_serial=listed.serial, trust_list_issued_at=listed.issued_at)
    subject = x509.load_der_x509_certificate(entry.certificates[0]).subject
    return Details(
        signature_algorithm=entry.algorithm,
        key_id=entry.kid,
        key_subject=subject.rfc4514_string(),
        trust_list_serial=listed.serial,
        trust_list_issued_at=listed.issued_at,
    )
