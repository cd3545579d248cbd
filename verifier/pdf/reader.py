"""From the bytes of a PDF to evidence. Every judgement here is by the trust list alone.

The order: is there a seal; is it ours (positive evidence: our key verifiably signed
the attributes). What a seal of ours is worth is `examination`'s to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier import imitation
from verifier.ourkeys import read_list
from verifier.pdf import cms, outline, revisions
from verifier.pdf.examination import Case, Claim, Examination
from verifier.pdf.syntax import Refused
from verifier.verdict import Check, CheckName, Evidence, failed, not_done, passed

if TYPE_CHECKING:
    from datetime import datetime


class PdfReader:
    """Reads PDF files that may or may not be ours."""

    def read(self, data: bytes, trust: bytes | None, now: datetime) -> Evidence:
        """Evidence about the file; anything unforeseen is raised and means CANNOT_CHECK."""
        strict, problem = strictly(data)
        try:
            seen = outline.outline(data, strict)
        except Refused as refusal:
            return Evidence((not_done(CheckName.SEAL_PRESENT, refusal.reason),))
        if not seen.signatures:
            return Evidence((failed(CheckName.SEAL_PRESENT, "no_seal"),))
        found = passed(CheckName.SEAL_PRESENT, "seal_found")
        listed, unlisted = read_list(trust, now)
        if listed is None:
            return Evidence((found, not_done(CheckName.SEAL_OURS, unlisted)))
        return _judge(Case(data, strict, problem, seen, listed, now), found)


def strictly(data: bytes) -> tuple[revisions.PdfFile | None, str]:
    """What our strict reader makes of a file, or nothing and the reason why."""
    try:
        return revisions.parse(data), ""
    except Refused as refusal:
        return None, refusal.reason


def _judge(case: Case, found: Check) -> Evidence:
    containers = [_container(one) for one in case.seen.signatures]
    claim = _our_claim(case, containers)
    if claim is None:
        return _foreign(case, containers, found)
    if claim.entry.purpose != cms.SEAL_PURPOSE:
        return Evidence((found, failed(CheckName.SEAL_OURS, "key_has_other_purpose")))
    if not cms.is_signed_by_its_certificate(
        claim.container, cms.pinned_by(claim.container, claim.entry)
    ):
        return Evidence((found, not_done(CheckName.SEAL_OURS, "seal_damaged")))
    return Examination(case, claim).evidence(found)


def _container(signature: outline.Signature) -> cms.Container | None:
    """The signature's container; None for one that cannot be read."""
    try:
        return cms.read(signature.contents)
    except Refused:
        return None


def _our_claim(case: Case, containers: list[cms.Container | None]) -> Claim | None:
    for signature, container in zip(case.seen.signatures, containers, strict=True):
        entry = None if container is None else cms.entry_for(container, case.trust)
        if container is not None and entry is not None:
            return Claim(container, entry, signature)
    return None


def _foreign(case: Case, containers: list[cms.Container | None], found: Check) -> Evidence:
    """Somebody else's seal; one that is broken even by its own word proves nothing."""
    shown = zip(case.seen.signatures, containers, strict=True)
    in_form = [container for signature, container in shown if signature.in_form]
    if not in_form:
        return Evidence((failed(CheckName.SEAL_PRESENT, "no_seal"),))
    container, trust = in_form[0], case.trust
    if container is None or None in in_form:
        raise Refused("damaged")
    bent = cms.is_signed_by_one_of(container, trust)  # our key signed; its certificate was damaged
    if bent or not cms.is_signed_by_its_certificate(container):
        return Evidence((found, not_done(CheckName.SEAL_OURS, "seal_damaged")))
    if trust.issued(container.certificate):  # an honest document, and a list that is too old
        return Evidence((found, not_done(CheckName.SEAL_OURS, "key_not_on_list_yet")))
    dressed = imitation.imitates_us(container.certificate, case.seen.title, trust)
    flags = ("imitation",) if dressed else ()
    return Evidence((found, failed(CheckName.SEAL_OURS, "other_key")), flags=flags)
