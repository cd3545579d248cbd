"""From the bytes of a PDF to evidence. Every judgement here is by the trust list alone.

The order: is there a seal; is it ours (positive evidence: our key verifiably signed
the attributes). What a seal of ours is worth is `examination`'s to say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from keys import trust as trust_lists
from keys.errors import TrustListInvalid
from verifier.pdf import cms, imitation, opinion
from verifier.pdf.examination import Case, Claim, Examination
from verifier.pdf.syntax import Refused
from verifier.verdict import Check, CheckName, Evidence, failed, not_done, passed

if TYPE_CHECKING:
    from datetime import datetime

    from keys.trust import TrustList


class PdfReader:
    """Reads PDF files that may or may not be ours."""

    def claims(self, head: bytes) -> bool:
        """Whether it begins as a PDF does."""
        return head.startswith(b"%PDF-")

    def read(self, data: bytes, trust: bytes | None, now: datetime) -> Evidence:
        """Evidence about the file; anything unforeseen is raised and means CANNOT_CHECK."""
        try:
            opened = opinion.open_file(data)
        except Refused as refusal:
            return Evidence((not_done(CheckName.SEAL_PRESENT, refusal.reason),))
        if not opened.regular:
            return Evidence((failed(CheckName.SEAL_PRESENT, "no_seal"),))
        found = passed(CheckName.SEAL_PRESENT, "seal_found")
        listed, problem = _trust_list(trust, now)
        if listed is None:
            return Evidence((found, not_done(CheckName.SEAL_OURS, problem)))
        return _judge(Case(data, opened, listed, now), found)


def _trust_list(data: bytes | None, now: datetime) -> tuple[TrustList | None, str]:
    if data is None:
        return None, "no_trust_list"
    try:
        listed = trust_lists.read(data, now=now)
    except TrustListInvalid:
        return None, "trust_list_invalid"
    return (None, "trust_list_expired") if listed.expired else (listed, "")


def _judge(case: Case, found: Check) -> Evidence:
    containers = [cms.read(contents) for contents in case.opened.contents]
    claim = _our_claim(case, containers)
    if claim is None:
        return _foreign(case, containers[0], found)
    if claim.entry.purpose != cms.SEAL_PURPOSE:
        return Evidence((found, failed(CheckName.SEAL_OURS, "key_has_other_purpose")))
    if not cms.is_signed_by_its_certificate(
        claim.container, cms.pinned_by(claim.container, claim.entry)
    ):
        return Evidence((found, not_done(CheckName.SEAL_OURS, "seal_damaged")))
    return Examination(case, claim).evidence(found)


def _our_claim(case: Case, containers: list[cms.Container]) -> Claim | None:
    for signature, container in zip(case.opened.regular, containers, strict=True):
        entry = cms.entry_for(container, case.trust)
        if entry is not None:
            return Claim(container, entry, signature)
    return None


def _foreign(case: Case, container: cms.Container, found: Check) -> Evidence:
    """Somebody else's seal; one that is broken even by its own word proves nothing."""
    trust = case.trust
    bent = cms.is_signed_by_one_of(container, trust)  # our key signed; its certificate was damaged
    if bent or not cms.is_signed_by_its_certificate(container):
        return Evidence((found, not_done(CheckName.SEAL_OURS, "seal_damaged")))
    if trust.issued(container.certificate):  # an honest document, and a list that is too old
        return Evidence((found, not_done(CheckName.SEAL_OURS, "key_not_on_list_yet")))
    dressed = imitation.imitates_us(container.certificate, opinion.title_of(case.opened), trust)
    flags = ("imitation",) if dressed else ()
    return Evidence((found, failed(CheckName.SEAL_OURS, "other_key")), flags=flags)
