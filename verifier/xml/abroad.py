"""Results of providers abroad (emrex.md 3.5): whose they are, and whether they are as signed.

The keys are those of a registry, handed in from outside; certificates in the document are not
looked at. Nothing here makes a document ours: it says whose it is instead, and shows nothing of
it, because a file that somebody hands in may be old or of somebody else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cryptography import x509

from verifier.xml.elmo import NAMESPACE
from xmlsig import parsing, profile, verifying
from xmlsig.errors import OutOfProfile

if TYPE_CHECKING:
    from lxml.etree import _Element

    from verifier.ports import Provider
    from xmlsig.profile import SignedInfo

WHOLE, CHANGED = "emrex_provider", "emrex_provider_changed"
OUT_OF_DATE = "emrex_provider_out_of_date"


@dataclass(frozen=True, slots=True)
class Signer:
    """A provider, and the certificate that it signed by."""

    provider: Provider
    certificate: x509.Certificate


def signer_of(info: SignedInfo, providers: tuple[Provider, ...]) -> Signer | None:
    """Whose key verifiably signed this; None where it is nobody's in the registry."""
    for provider in providers:
        for der in provider.certificates:
            certificate = x509.load_der_x509_certificate(der)
            if verifying.is_signed_by(info, certificate.public_key()):
                return Signer(provider, certificate)
    return None


def worth(signature: _Element, signer: Signer) -> str:
    """Whether the document is what was signed, and was signed while the certificate held."""
    try:
        document = verifying.verified_document(signature, profile.reference(signature))
    except OutOfProfile:
        return CHANGED
    if document is None:
        return CHANGED
    return WHOLE if _held(signer.certificate, document) else OUT_OF_DATE


def _held(certificate: x509.Certificate, document: bytes) -> bool:
    """By the date in the document; one without a date we know only as signed."""
    written = parsing.parse(document).getroot().findtext(f"{{{NAMESPACE}}}generatedDate", "")
    try:
        found = datetime.fromisoformat(written.strip())
    except ValueError:
        return True
    made = found if found.tzinfo else found.replace(tzinfo=UTC)
    return certificate.not_valid_before_utc <= made <= certificate.not_valid_after_utc
