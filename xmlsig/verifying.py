"""The two questions of an XML signature: did this key sign, and is this what it signed.

They are asked apart on purpose. A key that verifiably signed, over a document that no
longer has that digest, is positive evidence of a change; a signature that nobody's key
fits is evidence of nothing.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from xmlsig import canonical
from xmlsig.errors import OutOfProfile
from xmlsig.profile import Reference, SignedInfo

if TYPE_CHECKING:
    from lxml.etree import _Element

MIN_RSA_BITS = 2048
"""Below this a signature is invalid (emrex.md 3.5)."""
LEGACY = "sha1"
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),  # noqa: S303 - old documents are read and told apart, never made
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}


def is_signed_by(info: SignedInfo, key: object) -> bool:
    """Whether the owner of this RSA key signed this SignedInfo."""
    return isinstance(key, rsa.RSAPublicKey) and not _is_weak(key) and _fits(info, key)


def is_signed_weakly_by(info: SignedInfo, key: object) -> bool:
    """Whether this RSA key signed it, and is so short that this proves nothing."""
    return isinstance(key, rsa.RSAPublicKey) and _is_weak(key) and _fits(info, key)


def names_another_key(info: SignedInfo, key: rsa.RSAPublicKey) -> bool:
    """Whether KeyInfo says that another key signed (emrex.md 3.5.5).

    Certificates of one key may differ, and those of a chain stand beside its own.
    """
    numbers = key.public_numbers()
    if any(_numbers(value) != (numbers.n, numbers.e) for value in info.key_values):
        return True
    return bool(info.certificates) and key not in map(key_in, info.certificates)


def key_in(der: bytes) -> object:
    """The key of a certificate that anybody may have made; None where it is none."""
    try:
        return x509.load_der_x509_certificate(der).public_key()
    except (ValueError, TypeError, x509.InvalidVersion, UnsupportedAlgorithm):
        return None  # what bytes that are no certificate give


def _numbers(value: tuple[bytes, bytes]) -> tuple[int, int]:
    modulus, exponent = value
    return int.from_bytes(modulus), int.from_bytes(exponent)


def _is_weak(key: rsa.RSAPublicKey) -> bool:
    return key.key_size < MIN_RSA_BITS


def _fits(info: SignedInfo, key: rsa.RSAPublicKey) -> bool:
    try:
        key.verify(info.value, info.octets, padding.PKCS1v15(), _HASHES[info.hash_name])
    except (InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def verified_document(signature: _Element, reference: Reference) -> bytes | None:
    """The octets that the reference is over, if they still have its digest; else None.

    Read facts from these octets and from nothing else: whatever stands only in the
    signature, or was given a second meaning elsewhere in the tree, is not among them.
    """
    try:
        written = canonical.of_document_without(signature, method=reference.canonical)
    except OutOfProfile:  # what has no canonical form was never signed
        return None
    found = hashlib.new(reference.hash_name, written).digest()
    return written if hmac.compare_digest(found, reference.digest) else None


def is_legacy(info: SignedInfo, reference: Reference) -> bool:
    """Whether a digest is used that nobody should rely on any more (SHA-1)."""
    return LEGACY in {info.hash_name, reference.hash_name}
