"""From the bytes of a PDF to evidence. Every judgement here is by the trust list alone.

The order: is there a seal; is it ours (positive evidence: our key verifiably signed
the attributes); does it speak for exactly these bytes; is there anything else; when.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from keys import trust as trust_lists
from keys.errors import TrustListInvalid
from verifier.pdf import archive, bytecheck, cms, imitation, machine_data, opinion, revisions
from verifier.pdf.syntax import Refused
from verifier.verdict import Check, CheckName, Evidence, failed, not_done, passed

if TYPE_CHECKING:
    from datetime import datetime

    from keys.trust import KeyEntry, TrustList
    from verifier.verdict import Facts


@dataclass(frozen=True, slots=True)
class _Claim:
    """A signature in the file that a key on our list made, by its own attributes."""

    container: cms.Container
    entry: KeyEntry
    signature: Any


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
        return _judge(data, opened, listed, found)


def _trust_list(data: bytes | None, now: datetime) -> tuple[TrustList | None, str]:
    if data is None:
        return None, "no_trust_list"
    try:
        listed = trust_lists.read(data, now=now)
    except TrustListInvalid:
        return None, "trust_list_invalid"
    return (None, "trust_list_expired") if listed.expired else (listed, "")


def _judge(data: bytes, opened: opinion.Opened, trust: TrustList, found: Check) -> Evidence:
    containers = [cms.read(contents) for contents in opened.contents]
    claim = _our_claim(opened, containers, trust)
    if claim is None:
        return _foreign(opened, containers[0], trust, found)
    if claim.entry.purpose != cms.SEAL_PURPOSE:
        return Evidence((found, failed(CheckName.SEAL_OURS, "key_has_other_purpose")))
    if not cms.is_signed_by_its_certificate(claim.container, claim.entry.algorithm):
        return Evidence((found, not_done(CheckName.SEAL_OURS, "seal_damaged")))
    return _Examination(data, opened, trust, claim).evidence(found)


def _our_claim(
    opened: opinion.Opened, containers: list[cms.Container], trust: TrustList
) -> _Claim | None:
    for signature, container in zip(opened.regular, containers, strict=True):
        entry = cms.entry_for(container, trust)
        if entry is not None:
            return _Claim(container, entry, signature)
    return None


def _foreign(
    opened: opinion.Opened, container: cms.Container, trust: TrustList, found: Check
) -> Evidence:
    """Somebody else's seal; one that is broken even by its own word proves nothing."""
    bent = cms.is_signed_by_one_of(container, trust)  # our key signed; its certificate was damaged
    if bent or not cms.is_signed_by_its_certificate(container):
        return Evidence((found, not_done(CheckName.SEAL_OURS, "seal_damaged")))
    if trust.issued(container.certificate):  # an honest document, and a list that is too old
        return Evidence((found, not_done(CheckName.SEAL_OURS, "key_not_on_list_yet")))
    dressed = imitation.imitates_us(container.certificate, opinion.title_of(opened), trust)
    flags = ("imitation",) if dressed else ()
    return Evidence((found, failed(CheckName.SEAL_OURS, "other_key")), flags=flags)


class _Examination:
    """One file under a verified signature of ours; collects what holds and what does not."""

    def __init__(
        self, data: bytes, opened: opinion.Opened, trust: TrustList, claim: _Claim
    ) -> None:
        self._data = data
        self._opened = opened
        self._trust = trust
        self._claim = claim
        self._file: revisions.PdfFile | None = None
        self._covered: bytecheck.Covered | None = None
        self._at: datetime | None = None

    def evidence(self, found: Check) -> Evidence:
        """All checks, each made only when those that it builds on held."""
        stamp = self._stamp()
        added = self._added()
        intact = self._intact(added)
        ours = self._ours()
        if intact.result == added.result == stamp.result == ours.result == "pass":
            intact = self._second_opinion(intact)
        data, facts = self._machine_data(intact, added)
        return Evidence(
            checks=(found, ours, intact, added, stamp, data),
            our_signature=True,
            covered_digest=self._covered.sha256.hex() if self._covered else None,
            document_number=facts.get("number") if facts else None,
            facts=facts,
        )

    def _stamp(self) -> Check:
        container, name = self._claim.container, CheckName.TIME_STAMP
        imprint = hashlib.sha256(container.signature).digest()
        try:
            self._at = cms.stamped_at(cms.stamp_of(container), imprint, self._trust)
        except (Refused, ValueError, TypeError) as refusal:
            return failed(name, getattr(refusal, "reason", "time_stamp_broken"))
        return passed(name, "time_proven")

    def _ours(self) -> Check:
        """The key was ours at the proven time (and never after it was compromised)."""
        if self._at is None:
            return passed(CheckName.SEAL_OURS, "key_on_list")
        if not self._trust.trusts(self._claim.entry, self._at):
            return failed(CheckName.SEAL_OURS, "key_not_trusted_then")
        return passed(CheckName.SEAL_OURS, "key_on_list")

    def _added(self) -> Check:
        """Every byte is accounted for, and after the seal comes archive data at most."""
        try:
            self._file = revisions.parse(self._data)
            bytecheck.require_seal(self._file)
            archive.require_archival(self._file, self._trust)
        except Refused as refusal:
            return failed(CheckName.NOTHING_ADDED, refusal.reason)
        return passed(CheckName.NOTHING_ADDED, "nothing_added")

    def _intact(self, added: Check) -> Check:
        name = CheckName.SEAL_INTACT
        if self._file is None or added.result != "pass":
            return self._intact_as_far_as_seen()
        try:
            place = bytecheck.require_seal(self._file)
            self._covered = bytecheck.covered_by(self._file, place)
            self._require_same_seal(self._covered)
        except Refused as refusal:
            return failed(name, refusal.reason)
        return self._canonical()

    def _canonical(self) -> Check:
        """What the signature does not cover is as we write it; damage there changes no content."""
        try:
            cms.require_canonical(self._claim.container, self._claim.entry)
        except Refused:
            return not_done(CheckName.SEAL_INTACT, "seal_damaged")
        return passed(CheckName.SEAL_INTACT, "digest_matches")

    def _require_same_seal(self, covered: bytecheck.Covered) -> None:
        """Our reader and the library mean the same seal, over exactly these bytes."""
        container = self._claim.container
        if covered.contents != self._opened.contents[0]:
            raise Refused("readers_disagree")
        algorithm = container.signer["digest_algorithm"]["algorithm"].native
        if not hmac.compare_digest(covered.digest(algorithm), cms.message_digest(container)):
            raise Refused("digest_differs")

    def _intact_as_far_as_seen(self) -> Check:
        """The strict reader gave up; the seal's own byte range may still tell what happened."""
        name, signature = CheckName.SEAL_INTACT, self._claim.signature
        try:
            digest = signature.compute_digest()
        except (ValueError, TypeError, IndexError, OSError):
            return failed(name, "byte_range")
        if not hmac.compare_digest(digest, cms.message_digest(self._claim.container)):
            return failed(name, "digest_differs")
        return passed(name, "digest_matches")

    def _second_opinion(self, intact: Check) -> Check:
        if self._at is None:
            return intact
        claim = self._claim
        said = opinion.opinion_on(claim.signature, claim.entry, self._trust, self._at)
        if not said.unchanged:
            return failed(intact.name, "library_disagrees")
        return intact if said.trusted else not_done(intact.name, "library_disagrees")

    def _machine_data(self, intact: Check, added: Check) -> tuple[Check, Facts | None]:
        name = CheckName.MACHINE_DATA
        if self._file is None or intact.result != "pass" or added.result != "pass":
            return not_done(name, "not_reached"), None
        try:
            return passed(name, "machine_data_read"), machine_data.read_facts(self._file)
        except Refused as refusal:
            return not_done(name, refusal.reason), None
