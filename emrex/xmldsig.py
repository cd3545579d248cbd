"""Signs an ELMO document in the one form that every known client reads (emrex.md 2.3 and 3.4).

The signature is the last child of the root and covers the whole document: inclusive C14N 1.0,
enveloped transform only, SHA-256 and RSA PKCS#1 v1.5. Checking is `xmlsig`'s, which also knows
the work-around for what lxml canonicalises wrong (2.7).
"""

from __future__ import annotations

import base64
import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree

from emrex.elmo.writing import octets
from emrex.errors import NotEmitted
from keys.custody import SealSigner
from xmlsig import canonical
from xmlsig.canonical import INCLUSIVE
from xmlsig.profile import DS, ENVELOPED

if TYPE_CHECKING:
    from lxml.etree import _Element

RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"
MIN_RSA_BITS = 3072
REMAINING = timedelta(days=1)
"""How long a certificate still has to be valid when it signs (emrex.md item 59)."""


def sign(root: _Element, signer: SealSigner, now: datetime) -> bytes:
    """The document with its signature, as it is sent. `root` gets the signature as a child.

    Raises:
        KeyUnavailable: custody cannot reach the key now.
        NotEmitted: the key is not RSA of at least 3072 bits, or its certificate is about to end.
    """
    certificate = x509.load_der_x509_certificate(signer.chain[0])
    _require_fit(certificate, now)
    signature = _element(None, "Signature", nsmap={None: DS})
    info = _signed_info(signature, _digest_of(root))
    value = _element(signature, "SignatureValue")
    _key_info(signature, certificate, signer.chain[0])
    root.append(signature)
    covered = canonical.of_part(info, method=INCLUSIVE)
    value.text = _base64(signer.sign_digest(hashlib.sha256(covered).digest()))
    return octets(root)


def _require_fit(certificate: x509.Certificate, now: datetime) -> None:
    key = certificate.public_key()
    if not isinstance(key, rsa.RSAPublicKey) or key.key_size < MIN_RSA_BITS:
        raise NotEmitted("EMREX documents are signed with RSA keys of 3072 bits.", "weak-key")
    if certificate.not_valid_after_utc - now < REMAINING:
        raise NotEmitted("The certificate for EMREX documents is about to end.", "expiring")


def _digest_of(root: _Element) -> bytes:
    """Of the whole document, before there is a signature in it."""
    written = etree.tostring(root.getroottree(), method="c14n", with_comments=False)
    return hashlib.sha256(written).digest()


def _signed_info(signature: _Element, digest: bytes) -> _Element:
    info = _element(signature, "SignedInfo")
    _element(info, "CanonicalizationMethod", Algorithm=INCLUSIVE)
    _element(info, "SignatureMethod", Algorithm=RSA_SHA256)
    reference = _element(info, "Reference", URI="")
    _element(_element(reference, "Transforms"), "Transform", Algorithm=ENVELOPED)
    _element(reference, "DigestMethod", Algorithm=SHA256)
    _element(reference, "DigestValue").text = _base64(digest)
    return info


def _key_info(signature: _Element, certificate: x509.Certificate, der: bytes) -> None:
    """An empty subject name crashes Java's readers; without it some find no certificate."""
    data = _element(_element(signature, "KeyInfo"), "X509Data")
    _element(data, "X509SubjectName").text = certificate.subject.rfc4514_string()
    _element(data, "X509Certificate").text = _base64(der)


def _element(
    parent: _Element | None, name: str, nsmap: dict[None, str] | None = None, **attributes: str
) -> _Element:
    if parent is None:
        return etree.Element(f"{{{DS}}}{name}", attributes, nsmap=nsmap)
    return etree.SubElement(parent, f"{{{DS}}}{name}", attributes)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
