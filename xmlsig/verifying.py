"""The two questions of an XML signature: did this key sign, and is this what it signed.

They are asked apart on purpose. A key that verifiably signed, over a document that no
longer has that digest, is positive evidence of a change; a signature that nobody's key
fits is evidence of nothing.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

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
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < MIN_RSA_BITS:
        return False
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
