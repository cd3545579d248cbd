"""The one form of signature that we accept (emrex.md 2.3 and 3.5.4), read out of the tree.

Everything that XMLDSig leaves to the signer is fixed here: one reference, to the whole
document, by three transforms at most. What a stranger may choose is which algorithm of
a short list, and even that is checked against the key afterwards.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from xmlsig.canonical import EXCLUSIVE, INCLUSIVE, of_part
from xmlsig.errors import OutOfProfile

if TYPE_CHECKING:
    from lxml.etree import _Element, _ElementTree

DS = "http://www.w3.org/2000/09/xmldsig#"
ENVELOPED = f"{DS}enveloped-signature"
SIGNATURE = f"{{{DS}}}Signature"
SIGNATURE_HASHES: Mapping[str, str] = {
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384": "sha384",
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512": "sha512",
    f"{DS}rsa-sha1": "sha1",
}
"""RSA PKCS#1 v1.5 (RFC 9231 2.3); SHA-1 counts as legacy."""
DIGESTS: Mapping[str, str] = {
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
    f"{DS}sha1": "sha1",
}
MAX_SIGNATURES = 20
_PARTS = {f"{{{DS}}}{name}" for name in ("SignedInfo", "SignatureValue", "KeyInfo")}
_CANONICAL = {INCLUSIVE, EXCLUSIVE}
_MAX_TRANSFORMS = 2


@dataclass(frozen=True, slots=True)
class SignedInfo:
    """What a signature says of itself; not trusted until it verifies."""

    octets: bytes
    """What the signature value is over, made canonical once."""
    hash_name: str
    value: bytes
    certificates: tuple[bytes, ...]
    """Embedded in KeyInfo: good for comparing, never for trusting."""
    key_values: tuple[tuple[bytes, bytes], ...] = ()
    """Modulus and exponent of the RSA keys in KeyInfo: as good as the certificates, and no more."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What the signature is over: always the whole document but for the signature."""

    canonical: str
    hash_name: str
    digest: bytes


def signatures(tree: _ElementTree) -> tuple[_Element, ...]:
    """Every signature in the document, wherever it stands.

    Raises:
        OutOfProfile: more than any honest document has.
    """
    found = tuple(tree.iter(SIGNATURE))
    if len(found) > MAX_SIGNATURES:
        raise OutOfProfile("too_many_signatures")
    return found


def signed_info(signature: _Element) -> SignedInfo:
    """The part that the key signs, with what is needed to check that.

    Raises:
        OutOfProfile: not exactly one of each of its parts, or an algorithm that is not on the
            list.
    """
    element = _only(signature, "SignedInfo")
    method = _algorithm(_only(element, "SignatureMethod"))
    canonical = _algorithm(_only(element, "CanonicalizationMethod"))
    if canonical not in _CANONICAL or len(_only(element, "CanonicalizationMethod")):
        raise OutOfProfile("canonicalization")
    if method not in SIGNATURE_HASHES:
        raise OutOfProfile("signature_method")
    return SignedInfo(
        of_part(element, method=canonical),
        SIGNATURE_HASHES[method],
        _octets(_only(signature, "SignatureValue")),
        tuple(_octets(one) for one in signature.iter(f"{{{DS}}}X509Certificate")),
        tuple(map(_key_value, signature.iter(f"{{{DS}}}RSAKeyValue"))),
    )


def holds_more(signature: _Element) -> bool:
    """Whether it has parts beside the three: an Object, for one, that no reference covers."""
    return any(child.tag not in _PARTS for child in signature)


def reference(signature: _Element) -> Reference:
    """The one reference, to the whole document.

    Raises:
        OutOfProfile: another place for the signature, more references, another target,
            transforms or algorithms beyond the profile.
    """
    root = signature.getroottree().getroot()
    if signature.getparent() is not root:
        raise OutOfProfile("signature_moved")
    found = _only(_only(signature, "SignedInfo"), "Reference")
    if found.get("URI") != "":
        raise OutOfProfile("reference_target")
    digest = _algorithm(_only(found, "DigestMethod"))
    if digest not in DIGESTS:
        raise OutOfProfile("digest_method")
    return Reference(_transforms(found), DIGESTS[digest], _octets(_only(found, "DigestValue")))


def _transforms(found: _Element) -> str:
    """The method by which the document is written before it is digested."""
    listed = list(_only(found, "Transforms"))
    names = [_algorithm(one) for one in listed]
    if len(names) > _MAX_TRANSFORMS or names[:1] != [ENVELOPED] or any(map(len, listed)):
        raise OutOfProfile("transforms")
    method = names[1] if len(names) == _MAX_TRANSFORMS else INCLUSIVE
    if method not in _CANONICAL:
        raise OutOfProfile("transforms")
    return method


def _key_value(element: _Element) -> tuple[bytes, bytes]:
    return _octets(_only(element, "Modulus")), _octets(_only(element, "Exponent"))


def _only(parent: _Element, name: str) -> _Element:
    found = parent.findall(f"{{{DS}}}{name}")
    if len(found) != 1:
        raise OutOfProfile("structure")
    return found[0]


def _algorithm(element: _Element) -> str:
    return str(element.get("Algorithm", ""))


def _octets(element: _Element) -> bytes:
    letters = "".join((element.text or "").split())
    if len(element):
        raise OutOfProfile("structure")
    try:
        return base64.b64decode(letters, validate=True)
    except (binascii.Error, ValueError) as cause:
        raise OutOfProfile("structure") from cause
