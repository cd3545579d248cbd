"""Reads a document that anybody may have made, in the order of the accept profile (emrex.md 3.5).

The signature and the form are two separate results: national providers send documents that
break the schema and are genuine, and a document in perfect form may be anybody's.
"""

from __future__ import annotations

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cryptography import x509
from lxml import etree

from emrex.elmo.rules import Finding, findings
from emrex.elmo.writing import NAMESPACE
from emrex.errors import PayloadRefused
from emrex.packing import MAX_PLAIN
from xmlsig import profile, verifying
from xmlsig.errors import NotRead, XmlSigError
from xmlsig.parsing import parse, parser

if TYPE_CHECKING:
    from lxml.etree import _Element, _ElementTree


class SignatureVerdict(enum.StrEnum):
    """What the signature proves."""

    VALID = "valid"
    VALID_LEGACY = "valid-legacy"
    """SHA-1 was used, or the certificate expired after signing."""
    INVALID = "invalid"
    UNSIGNED = "unsigned"


@dataclass(frozen=True, slots=True)
class Accepted:
    """What was read, and what it is worth."""

    verdict: SignatureVerdict
    reason: str
    """A stable key where the verdict is not `valid`; else empty."""
    findings: tuple[Finding, ...]
    root: _Element | None
    """The verified document; the document as it came where it is unsigned; None where invalid."""


def accept(document: bytes, certificates: Sequence[bytes]) -> Accepted:
    """Read an ELMO document; trust these certificates (DER) of the registry and no other.

    Raises:
        PayloadRefused: it is not XML that we read, or not ELMO.
    """
    if len(document) > MAX_PLAIN:
        raise PayloadRefused("The document is larger than 32 MB.", "too-large")
    try:
        tree = parse(document)
    except NotRead as cause:
        raise PayloadRefused("This is not XML as EMREX sends it.", cause.reason) from cause
    if etree.QName(tree.getroot()).localname != "elmo":
        raise PayloadRefused("This XML file is not ELMO.", "not-elmo")
    verdict, reason, root = _judged(tree, certificates)
    return Accepted(verdict, reason, tuple(findings(tree.getroot())), root)


def _judged(
    tree: _ElementTree, certificates: Sequence[bytes]
) -> tuple[SignatureVerdict, str, _Element | None]:
    try:
        found = [one for one in profile.signatures(tree) if not _in_supplement(one)]
        if not found:
            return SignatureVerdict.UNSIGNED, "no-signature", tree.getroot()
        if len(found) > 1:
            return SignatureVerdict.INVALID, "two-signatures", None
        return _checked(found[0], certificates)
    except XmlSigError as cause:
        return SignatureVerdict.INVALID, cause.reason, None


def _in_supplement(signature: _Element) -> bool:
    """A diploma supplement may have a signature of its own."""
    return next(signature.iterancestors(f"{{{NAMESPACE}}}diplomaSupplement"), None) is not None


def _checked(
    signature: _Element, certificates: Sequence[bytes]
) -> tuple[SignatureVerdict, str, _Element | None]:
    reference, info = profile.reference(signature), profile.signed_info(signature)
    if profile.holds_more(signature):
        return SignatureVerdict.INVALID, "structure", None
    signer = next((one for one in _loaded(certificates) if _signed_by(info, one)), None)
    if signer is None:
        return SignatureVerdict.INVALID, "signer-not-in-registry", None
    written = verifying.verified_document(signature, reference)
    if written is None:
        return SignatureVerdict.INVALID, "changed", None
    root = etree.fromstring(written, parser())
    reason = _legacy(info, reference) or _dated(signer, root)
    if reason == "not-yet-valid":
        return SignatureVerdict.INVALID, reason, None
    verdict = SignatureVerdict.VALID_LEGACY if reason else SignatureVerdict.VALID
    return verdict, reason, root


def _loaded(certificates: Sequence[bytes]) -> list[x509.Certificate]:
    return [x509.load_der_x509_certificate(one) for one in certificates]


def _signed_by(info: profile.SignedInfo, certificate: x509.Certificate) -> bool:
    return verifying.is_signed_by(info, certificate.public_key())


def _legacy(info: profile.SignedInfo, reference: profile.Reference) -> str:
    return "sha1" if verifying.is_legacy(info, reference) else ""


def _dated(certificate: x509.Certificate, root: _Element) -> str:
    """Whether the certificate was valid when the document says that it was made, and is now."""
    made = _generated(root)
    if made is not None and made < certificate.not_valid_before_utc:
        return "not-yet-valid"
    until = certificate.not_valid_after_utc
    if until < datetime.now(UTC) or (made is not None and until < made):
        return "expired"
    return ""


def _generated(root: _Element) -> datetime | None:
    written = root.findtext(f"{{{NAMESPACE}}}generatedDate", "").strip()
    try:
        found = datetime.fromisoformat(written)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
