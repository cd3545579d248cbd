"""Reads a document that anybody may have made, in the order of the accept profile (emrex.md 3.5).

The signature and the form are two separate results: national providers send documents that
break the schema and are genuine, and a document in perfect form may be anybody's.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from lxml import etree

from emrex.certified import expired, out_of_date_by, signer_of
from emrex.elmo.rules import Finding, findings
from emrex.elmo.schemas import RULES_ALONE, Schemas, version_of
from emrex.elmo.writing import NAMESPACE
from emrex.errors import PayloadRefused
from emrex.packing import MAX_PLAIN
from xmlsig import profile, verifying
from xmlsig.errors import NotRead, XmlSigError
from xmlsig.parsing import parse, parse_for_looking, parser

if TYPE_CHECKING:
    from lxml.etree import _Element, _ElementTree


REMARKS = frozenset({"comment", "instruction"})
"""What no document that is believed may hold, and many an example does."""


INCLUSION = "{http://www.w3.org/2001/XInclude}*"
"""What some reader after us may follow, to what nobody signed (emrex.md item 64)."""


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
    """The verified document, to read facts from and from nothing else; None where none is."""
    version: str = ""
    """The oldest version of ELMO that has everything in it."""
    fits: tuple[str, ...] = ()
    """The published schemas that it is valid against."""


Rules = Callable[["_Element"], Iterator[Finding]]
Judged = tuple[SignatureVerdict, str, "_Element | None"]
"""What a signature proves, why no more, and what of the document is believed."""


def accept(
    document: bytes,
    certificates: Sequence[bytes],
    now: datetime,
    schemas: Schemas = RULES_ALONE,
    rules: Rules = findings,
) -> Accepted:
    """Read an ELMO document; trust these certificates (DER) of the registry and no other.

    `now` tells which certificates are out of date; `rules` are what its form is held to.

    Raises:
        PayloadRefused: it is not XML that we read, or not ELMO.
    """
    if len(document) > MAX_PLAIN:
        raise PayloadRefused("The document is larger than 32 MB.", "too-large")
    tree, remarked = _read(document)
    if etree.QName(tree.getroot()).localname != "elmo":
        raise PayloadRefused("This XML file is not ELMO.", "not-elmo")
    if remarked:
        judged = _not_believed(tree, remarked)
        return _looked_at(tree, judged, schemas, rules, Finding("remark", "elmo"))
    return _looked_at(tree, _judged(tree, certificates, now), schemas, rules)


def _read(document: bytes) -> tuple[_ElementTree, str]:
    """The document, and what was taken out of it before anything could be made of it."""
    try:
        try:
            return parse(document), ""
        except NotRead as refused:
            if refused.reason not in REMARKS:
                raise
            return parse_for_looking(document), refused.reason
    except NotRead as cause:
        raise PayloadRefused("This is not XML as EMREX sends it.", cause.reason) from cause


def _not_believed(tree: _ElementTree, remarked: str) -> Judged:
    """A comment can hide a part of a name and leave every signature right (emrex.md 3.7)."""
    signed = next(tree.iter(profile.SIGNATURE), None) is not None
    if signed:
        return SignatureVerdict.INVALID, remarked, None
    return SignatureVerdict.UNSIGNED, "no-signature", None


def _looked_at(
    tree: _ElementTree, judged: Judged, schemas: Schemas, rules: Rules, *more: Finding
) -> Accepted:
    """With what can be said of the form, whatever the signature is worth."""
    root = tree.getroot()
    fits, against = schemas.judged(root)
    found = (*more, *against, *rules(root))
    return Accepted(*judged[:2], found, judged[2], version_of(root), fits)


def _judged(tree: _ElementTree, certificates: Sequence[bytes], now: datetime) -> Judged:
    try:
        found = [one for one in profile.signatures(tree) if not _in_supplement(one)]
        if not found:
            return SignatureVerdict.UNSIGNED, "no-signature", None
        if next(tree.iter(INCLUSION), None) is not None:
            return SignatureVerdict.INVALID, "inclusion", None
        if len(found) > 1:
            return SignatureVerdict.INVALID, "two-signatures", None
        return _checked(found[0], certificates, now)
    except XmlSigError as cause:
        return SignatureVerdict.INVALID, cause.reason, None


def _in_supplement(signature: _Element) -> bool:
    """A diploma supplement may have a signature of its own."""
    return next(signature.iterancestors(f"{{{NAMESPACE}}}diplomaSupplement"), None) is not None


def _checked(signature: _Element, certificates: Sequence[bytes], now: datetime) -> Judged:
    reference, info = profile.reference(signature), profile.signed_info(signature)
    if profile.holds_more(signature):
        return SignatureVerdict.INVALID, "structure", None
    signer = signer_of(info, certificates)
    if isinstance(signer, str):
        return SignatureVerdict.INVALID, signer, None
    written = verifying.verified_document(signature, reference)
    if written is None:
        return SignatureVerdict.INVALID, "changed", None
    root = etree.fromstring(written, parser())
    out_of_date = out_of_date_by(signer, root, now)
    if out_of_date:
        return SignatureVerdict.INVALID, out_of_date, None
    reason = _legacy(info, reference) or expired(signer, now)
    verdict = SignatureVerdict.VALID_LEGACY if reason else SignatureVerdict.VALID
    return verdict, reason, root


def _legacy(info: profile.SignedInfo, reference: profile.Reference) -> str:
    return "sha1" if verifying.is_legacy(info, reference) else ""
