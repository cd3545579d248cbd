"""Whose signature it is by the registry's certificates, and whether they held (emrex.md 3.5.5).

A certificate inside the document is compared and never believed: who swaps it has the signature
of the one under the name of the other, for every reader that believes it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from emrex.elmo.writing import NAMESPACE
from xmlsig import verifying

if TYPE_CHECKING:
    from lxml.etree import _Element

    from xmlsig.profile import SignedInfo


def signer_of(info: SignedInfo, certificates: Sequence[bytes]) -> x509.Certificate | str:
    """The certificate (of these, in DER) whose key signed; a stable key where it is none."""
    for one in map(x509.load_der_x509_certificate, certificates):
        key = one.public_key()
        if isinstance(key, rsa.RSAPublicKey) and verifying.is_signed_by(info, key):
            return "other-key" if verifying.names_another_key(info, key) else one
    known = [*certificates, *info.certificates]
    if any(verifying.is_signed_weakly_by(info, verifying.key_in(one)) for one in known):
        return "weak-key"
    return "signer-not-in-registry"


def out_of_date_by(certificate: x509.Certificate, root: _Element, now: datetime) -> str:
    """Why the certificate was not valid when the document was made; empty where it was.

    A document without a date has that of today: whether an expired certificate signed while it
    was valid, nobody can tell.
    """
    written = generated(root)
    made = written or now
    if made < certificate.not_valid_before_utc:
        return "not-yet-valid"
    if made <= certificate.not_valid_after_utc:
        return ""
    return "no-longer-valid" if written else "undated"


def expired(certificate: x509.Certificate, now: datetime) -> str:
    """Whether the certificate has ended since it signed."""
    return "expired" if certificate.not_valid_after_utc < now else ""


def generated(root: _Element) -> datetime | None:
    """When the document says that it was made, in UTC where it names no zone."""
    written = root.findtext(f"{{{NAMESPACE}}}generatedDate", "").strip()
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
