"""The issuing cycle: draft, lint, permit, intent, seal, archive, outcome, out.

The order is the safety property. A seal never exists without a ledger row that
was written before the key was touched, so a crash at any line leaves either no
seal, or a seal that the reconciler finds.

    1 draft    render the extract and lay it out for its seal
    2 lint     every rule of the format; all findings at once
    3 permit   one-shot, bound to bytes, key and profile
    4 intent   the ledger says durably what is about to be sealed
    5 seal     the key is used once; the result is checked
    6 archive  the sealed bytes are on disk
    7 outcome  the ledger says sealed, with the hash of the file
    8 out      the bytes leave
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Generic

import structlog

from credentials.archive import Archive
from credentials.attachment import statement_json
from credentials.errors import (
    ArchiveUnavailable,
    CredentialError,
    DocumentMissing,
    LedgerUnavailable,
    LintFailed,
    NothingToState,
    PermitSpent,
    SealingPaused,
)
from credentials.ledger import Conclusion, Intent, Ledger, Outcome, StatedAward, close
from credentials.lint import Lint
from credentials.overview import Document, Stated
from credentials.reconciling import GRACE
from credentials.sealing import Prepared, Sealer
from keys.custody import KeyRef
from register.records import AwardRecord, AwardStatus

LATE = GRACE / 3
"""A batch older than this uses the key no more: what it made must be recorded before `GRACE`."""
_PAUSED = "Sealing is paused. Nothing was issued."


Draw = Callable[[Stated], bytes]
"""Turns a document into the exact bytes that will be sealed: the same one gives the same bytes."""


@dataclass(frozen=True, slots=True)
class Draft(Generic[Stated]):
    """A document, laid out for its seal."""

    extract: Stated
    statement: str
    """What is stated, as `statement_of` says."""
    prepared: Prepared
    begun: float
    """When drawing it began, in seconds of the issuer's clock."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A document as it leaves: its number and its sealed bytes."""

    number: str
    document: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of permits that were redeemed together."""

    sealed: frozenset[str]
    """Numbers of documents that are sealed, stored and recorded."""
    refused: Mapping[str, CredentialError]
    """Numbers whose seal failed its own check, and how."""
    paused: CredentialError | None = None
    """Why the rest was given up; later, the same documents can be tried again."""
    late: frozenset[str] = frozenset()
    """Numbers given up before their seal, for want of time; to be tried again at once."""


class Permit(Generic[Stated]):
    """Proof that a draft passed lint: good once, for one key under one profile."""

    def __init__(self, draft: Draft[Stated], key: KeyRef, profile: str) -> None:
        self._draft: Draft[Stated] | None = draft
        self._bound_to = (key, profile)

    def redeem(self, key: KeyRef, profile: str) -> Draft[Stated]:
        """Hand over the draft and become void.

        Raises:
            PermitSpent: void already, or made for another key or profile.
        """
        draft, self._draft = self._draft, None
        if draft is None or (key, profile) != self._bound_to:
            raise PermitSpent("This document was already being issued.")
        return draft


def require_statable(record: AwardRecord) -> None:
    """Let only a record pass that may be stated today, whatever was stated before.

    Raises:
        NothingToState: the award is withdrawn.
    """
    if record.award.status is AwardStatus.WITHDRAWN:
        raise NothingToState("This diploma is withdrawn, so there is no extract of it.")


def statement_of(document: Document, profile: str, template: str = "") -> str:
    """SHA-256 hex over what is stated and how, without number and time.

    Two downloads of the same facts have the same statement; one corrected mark
    changes it. The record itself is part of it: people with the same name, birth
    date and diploma never share a document, and a correction that was taken back
    is a new version, because a document of the first one is superseded for good.
    """
    versions = " ".join(map(_versions, document.records))
    asked = f"{document.purpose} {template or document.template} {versions}"
    parts = (statement_json(document, template), asked.encode())
    digest = hashlib.sha256(profile.encode())
    for part in parts:
        digest.update(hashlib.sha256(part).digest())
    return digest.hexdigest()


def _versions(record: AwardRecord) -> str:
    award, person = record.award, record.person
    return f"{award.award_id} {award.version} {person.person_id} {person.version}"


class Issuer(Generic[Stated]):
    """Drives documents of one kind through the cycle. Holds no state between them."""

    def __init__(  # noqa: PLR0913 - one for each step, and the time they take
        self,
        draw: Draw[Stated],
        sealer: Sealer,
        ledger: Ledger,
        archive: Archive,
        lints: tuple[Lint[Stated], ...],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if not lints:
            raise ValueError("an issuer without lints would seal anything")
        self._draw: Draw[Stated] = draw
        self._sealer = sealer
        self._ledger = ledger
        self._archive = archive
        self._lints: tuple[Lint[Stated], ...] = lints
        self._clock = clock

    @property
    def profile(self) -> str:
        """Digest of the profile of every seal that this issuer makes."""
        return self._sealer.profile.digest

    def statement(self, extract: Stated) -> str:
        """What this issuer would state with this extract, as a digest."""
        return statement_of(extract, self._sealer.profile.digest)

    def prepare(self, extract: Stated, statement: str = "") -> Permit[Stated]:
        """Steps 1 to 3: draw, lint, permit. No key is used.

        Args:
            extract: what to state.
            statement: what `statement` said of it, where the caller has asked before.

        Raises:
            NothingToState: an award is withdrawn.
            UncoveredText: a letter cannot be drawn.
            LintFailed: at least one lint objected; every objection is listed.
        """
        for record in extract.records:
            require_statable(record)
        begun = self._clock()
        pdf = self._draw(extract)
        findings = tuple(finding for lint in self._lints for finding in lint(pdf, extract))
        if findings:
            raise LintFailed(findings)
        stated = statement or self.statement(extract)
        draft = Draft(extract, stated, self._sealer.prepare(pdf), begun)
        return Permit(draft, self._sealer.key, self._sealer.profile.digest)

    def seal(self, permit: Permit[Stated], *, attempt: int = 0) -> Issued:
        """Steps 4 to 8: intent, seal, archive, outcome, out.

        Raises:
            PermitSpent: the permit was used before.
            AlreadyIssuing: somebody else is at this very attempt.
            LedgerUnavailable: the ledger refused; the key was not used, or nothing went out.
            SealingPaused: the key or the time-stamps are out of reach.
            SealRejected: the seal failed its own check.
        """
        draft = permit.redeem(self._sealer.key, self._sealer.profile.digest)
        number = draft.extract.number
        self._ledger.intend(self._intent(draft, attempt))
        try:
            sealed = self._sealer.seal(draft.prepared)
        except CredentialError:
            # Nothing left the house. Any other error keeps the intent open for the reconciler.
            self._record(Conclusion(number, Outcome.ABANDONED))
            raise
        self._store(number, sealed)
        if not self._record(_sealed_as(number, sealed)):
            raise SealingPaused(_PAUSED)
        return Issued(number, sealed)

    def _store(self, number: str, document: bytes) -> None:
        try:
            self._archive.put(number, document)
        except CredentialError as cause:
            # What may or may not be stored stays open: the reconciler looks again, later.
            if self._has(number, document) is False:
                self._record(Conclusion(number, Outcome.ABANDONED))
            if isinstance(cause, ArchiveUnavailable):
                # To the holder it is all one; the operator must look at the store, not the key.
                structlog.get_logger().warning("archive-out-of-reach", kind=cause.kind)
                raise SealingPaused(_PAUSED) from cause
            raise

    def _record(self, conclusion: Conclusion) -> bool:
        """Close an intent, and say whether that stands: it may have been given up meanwhile.

        A reconciler that took us for dead is right: its word is in the ledger for good.
        """
        outcome = close(self._ledger, conclusion)
        stands = outcome is conclusion.outcome
        if outcome is Outcome.ABANDONED and not stands:
            self._archive.remove(conclusion.number)
        return stands

    def seal_all(self, permits: Mapping[Permit[Stated], int]) -> Batch:
        """Steps 4 to 7 for many at once: all intents, each seal, all files, all outcomes.

        Each step is durable for every document before the next begins, so a crash leaves
        what it leaves of a single one. What somebody else is at is passed over.

        Args:
            permits: with the number of earlier, abandoned attempts at the same statement.

        Raises:
            PermitSpent: a permit was used before.
            LedgerUnavailable: the ledger refused; what is not recorded is never handed out.
        """
        key, profile = self._sealer.key, self._sealer.profile.digest
        drafts = {permit.redeem(key, profile): attempt for permit, attempt in permits.items()}
        taken = self._ledger.intend_all([self._intent(*each) for each in drafts.items()])
        ours = [draft for draft in drafts if draft.extract.number in taken]
        sealed, refused, paused = self._seal_each(ours)
        late = frozenset() if paused else taken - sealed.keys() - refused.keys()
        stored, full = self._store_all(sealed)
        # What may or may not be stored stays open: the reconciler looks again, later.
        kept = {number for number, is_there in stored.items() if is_there}
        unknown = {number for number, is_there in stored.items() if is_there is None}
        outcomes = [_sealed_as(number, sealed[number]) for number in sorted(kept)]
        given_up = sorted(taken - kept - unknown)
        outcomes += [Conclusion(number, Outcome.ABANDONED) for number in given_up]
        return Batch(self._record_all(outcomes) & kept, refused, paused or full, late)

    def _record_all(self, conclusions: Sequence[Conclusion]) -> frozenset[str]:
        """Close these together, or each for itself; the numbers where that stands."""
        try:
            self._ledger.conclude_all(conclusions)
        except LedgerUnavailable:
            return frozenset(one.number for one in conclusions if self._record(one))
        return frozenset(one.number for one in conclusions)

    def _seal_each(
        self, drafts: Sequence[Draft[Stated]]
    ) -> tuple[dict[str, bytes], dict[str, CredentialError], CredentialError | None]:
        """Seal until something is out of reach or it gets late, but one at least.

        A rejected seal concerns its document only.
        """
        sealed: dict[str, bytes] = {}
        refused: dict[str, CredentialError] = {}
        end = min((draft.begun for draft in drafts), default=0.0) + LATE.total_seconds()
        for draft in drafts:
            if self._clock() > end and (sealed or refused):
                break
            number = draft.extract.number
            try:
                sealed[number] = self._sealer.seal(draft.prepared)
            except CredentialError as error:
                if error.status == HTTPStatus.SERVICE_UNAVAILABLE:
                    return sealed, refused, error
                refused[number] = error
        return sealed, refused, None

    def _store_all(
        self, sealed: Mapping[str, bytes]
    ) -> tuple[dict[str, bool | None], CredentialError | None]:
        """Store, and where that failed, find out what is there: yes, no, or nobody can say."""
        try:
            self._archive.put_all(sealed)
        except ArchiveUnavailable as full:
            return {number: self._has(number, file) for number, file in sealed.items()}, full
        return dict.fromkeys(sealed, True), None

    def _has(self, number: str, document: bytes) -> bool | None:
        try:
            return self._archive.get(number) == document
        except DocumentMissing:
            return False
        except ArchiveUnavailable:
            return None

    def _intent(self, draft: Draft[Stated], attempt: int) -> Intent:
        extract, (record, *further) = draft.extract, draft.extract.records
        return Intent(
            number=extract.number,
            statement=draft.statement,
            attempt=attempt,
            award_id=record.award.award_id,
            award_version=record.award.version,
            person_id=record.person.person_id,
            person_version=record.person.version,
            language=extract.language.value,
            purpose=extract.purpose.value,
            template=extract.template,
            covered_digest=draft.prepared.covered_digest,
            key=self._sealer.key,
            profile=self._sealer.profile.digest,
            intended_at=extract.issued_at,
            further=tuple(StatedAward(one.award.award_id, one.award.version) for one in further),
        )


def _sealed_as(number: str, document: bytes) -> Conclusion:
    return Conclusion(number, Outcome.SEALED, hashlib.sha256(document).hexdigest())
