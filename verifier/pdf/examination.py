"""One file under a verified signature of ours: what of it holds, and what does not.

The order: is there anything beside the seal; when was it made; does it speak for
exactly these bytes; was the key ours then; what does it say to machines.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from verifier.ourkeys import details_of
from verifier.pdf import (
    archive,
    bytecheck,
    cms,
    machine_data,
    outline,
    revisions,
    stamps,
    validation_data,
)
from verifier.pdf.syntax import Refused
from verifier.verdict import Check, CheckName, Evidence, failed, not_done, passed

if TYPE_CHECKING:
    from datetime import datetime

    from keys.trust import KeyEntry, TrustList
    from verifier.verdict import Details, Facts


@dataclass(frozen=True, slots=True)
class Case:
    """What is judged, by which list of keys, and at what time."""

    data: bytes
    strict: revisions.PdfFile | None
    """What our strict reader made of it, if it did; else `problem` says why not."""
    problem: str
    seen: outline.Outline
    trust: TrustList
    now: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """A signature in the file that a key on our list made, by its own attributes."""

    container: cms.Container
    entry: KeyEntry
    signature: outline.Signature


class Examination:
    """Collects what holds and what does not; each check builds on those before it."""

    def __init__(self, case: Case, claim: Claim) -> None:
        self._case = case
        self._claim = claim
        self._file: revisions.PdfFile | None = None
        self._archive: tuple[bytecheck.SignaturePlace, ...] = ()
        self._covered: bytecheck.Covered | None = None
        self._at: datetime | None = None
        self._proven: stamps.Stamp | None = None

    def evidence(self, found: Check) -> Evidence:
        """All checks, each made only when those that it builds on held."""
        added = self._added()
        stamp = self._stamp()
        intact = self._intact(added)
        ours = self._ours()
        data, facts = self._machine_data(intact, added)
        return Evidence(
            checks=(found, ours, intact, added, stamp, data),
            our_signature=True,
            covered_digest=self._covered.sha256.hex() if self._covered else None,
            document_number=facts.get("number") if facts else None,
            facts=facts,
            details=self._details(),
        )

    def _details(self) -> Details:
        """For experts: whose key, over what, and since when that is proven."""
        known = details_of(self._case.trust, self._claim.entry)
        covered = self._covered.sha256.hex() if self._covered else None
        proven = self._proven
        return replace(
            known,
            covered_sha256=covered,
            time_stamped_at=proven.at if proven else None,
            time_stamp_authority=proven.authority if proven else None,
        )

    def _added(self) -> Check:
        """Every byte is accounted for, and after the seal comes archive data of ours at most."""
        name = CheckName.NOTHING_ADDED
        try:
            self._file = self._strict()
            bytecheck.require_seal(self._file)
            self._archive = archive.require_archival(self._file)
        except Refused as refusal:
            return failed(name, refusal.reason)
        try:
            validation_data.require_ours(self._file, self._case.trust)
        except Refused as refusal:  # what we sealed is whole: nobody changed it
            return not_done(name, refusal.reason)
        return passed(name, "nothing_added")

    def _strict(self) -> revisions.PdfFile:
        if self._case.strict is None:
            raise Refused(self._case.problem)
        return self._case.strict

    def _stamp(self) -> Check:
        """When the seal was made: proven by time-stamps, or no longer of any matter."""
        name = CheckName.TIME_STAMP
        try:
            known_by = self._existed_at()
            proven = stamps.of_seal(self._claim.container, self._case.trust, known_by=known_by)
        except Refused as refusal:
            return failed(name, refusal.reason)
        if proven is not None:
            self._at, self._proven = proven.at, proven
            return passed(name, "time_proven")
        return self._without_stamp(known_by)

    def _without_stamp(self, known_by: datetime) -> Check:
        """A seal at B-B exists since some unknown time; its key must be in order to this day."""
        name = CheckName.TIME_STAMP
        if not self._case.trust.trusts(self._claim.entry, known_by):
            return failed(name, "no_time_stamp")
        self._at = known_by
        return passed(name, "key_still_good")

    def _existed_at(self) -> datetime:
        case = self._case
        if self._file is None:
            return case.now
        return stamps.existed_at(self._file, self._archive, case.trust, case.now)

    def _ours(self) -> Check:
        """The key was ours at the proven time (and never after it was compromised)."""
        if self._at is None:
            return passed(CheckName.SEAL_OURS, "key_on_list")
        if not self._case.trust.trusts(self._claim.entry, self._at):
            return failed(CheckName.SEAL_OURS, "key_not_trusted_then")
        return passed(CheckName.SEAL_OURS, "key_on_list")

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
        """The seal at its one place is the one that was recognised, over exactly these bytes."""
        container = self._claim.container
        if covered.contents != self._claim.signature.contents:
            raise Refused("readers_disagree")
        algorithm = cms.digest_algorithm(container)
        if not hmac.compare_digest(covered.digest(algorithm), cms.message_digest(container)):
            raise Refused("digest_differs")

    def _intact_as_far_as_seen(self) -> Check:
        """The strict reader gave up; the seal's own byte range may still tell what happened."""
        name, container = CheckName.SEAL_INTACT, self._claim.container
        try:
            stated = cms.message_digest(container)
            digest = self._claim.signature.digest(self._case.data, cms.digest_algorithm(container))
        except Refused as refusal:
            return failed(name, refusal.reason)
        if not hmac.compare_digest(digest, stated):
            return failed(name, "digest_differs")
        return passed(name, "digest_matches")

    def _machine_data(self, intact: Check, added: Check) -> tuple[Check, Facts | None]:
        name = CheckName.MACHINE_DATA
        if self._file is None or intact.result != "pass" or added.result != "pass":
            return not_done(name, "not_reached"), None
        try:
            return passed(name, "machine_data_read"), machine_data.read_facts(self._file)
        except Refused as refusal:
            return not_done(name, refusal.reason), None
