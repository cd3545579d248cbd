"""What can go wrong while a document is made, told in one closed family.

CredentialError
├── UncoveredText          a letter that none of our fonts can draw
├── LintFailed             the draft breaks a rule of its format; nothing was signed
├── PermitSpent            a right to sign was presented twice, or to the wrong key
├── AlreadyIssuing         the same document is being made at this moment
├── NothingToState         the record may not be issued (withdrawn, or not passed)
├── UnknownShape           not a PDF of our own renderer, so it is never sealed
├── LedgerUnavailable      the ledger could not be written, so the key was never used
├── SealingPaused          the key or the time-stamp authority cannot be reached
├── SealRejected           the sealed file failed its own check and was not handed out
├── PlaceholderOverflow    a signature is larger than the place that was kept for it
├── SealKeyMismatch        the key that seals is not the certificate's, so nothing is sealed
├── ArchiveUnavailable     documents cannot be stored or fetched right now
├── UnknownCohort          no cohort has this number
└── DocumentMissing        the ledger knows a document whose bytes are gone
"""

from __future__ import annotations

from typing import ClassVar


class CredentialError(Exception):
    """Base of the family. Never raised itself."""

    kind: ClassVar[str] = "credential-error"
    status: ClassVar[int] = 500

    def __init__(self, public: str) -> None:
        super().__init__(public)
        self.public = public


class UncoveredText(CredentialError):
    """A letter that none of our fonts can draw; code points are named, never the text."""

    kind = "uncovered-text"
    status = 409

    def __init__(self, code_points: tuple[str, ...]) -> None:
        super().__init__("A letter in this record cannot be printed yet. We add it and tell you.")
        self.code_points = code_points


class LintFailed(CredentialError):
    """The draft breaks a rule that its format imposes, so nothing was signed."""

    kind = "draft-not-conformant"
    status = 500

    def __init__(self, findings: tuple[str, ...]) -> None:
        super().__init__("This extract cannot be issued as it stands. Nothing was signed.")
        self.findings = findings


class PermitSpent(CredentialError):
    """A signing permit was presented twice, to another key, or under another profile."""

    kind = "permit-spent"
    status = 409


class AlreadyIssuing(CredentialError):
    """The same document is being made at this moment; asking again soon gives it."""

    kind = "already-issuing"
    status = 409


class NothingToState(CredentialError):
    """The record as it stands may not be issued."""

    kind = "nothing-to-state"
    status = 409


class UnknownShape(CredentialError):
    """Not a PDF that our own renderer wrote, so it is never sealed (register.md 3.2)."""

    kind = "unknown-shape"
    status = 500


class LedgerUnavailable(CredentialError):
    """The ledger could not be written, so the key was never used."""

    kind = "ledger-unavailable"
    status = 503


class SealingPaused(CredentialError):
    """The key or the time-stamp authority cannot be reached; nothing is half issued."""

    kind = "sealing-paused"
    status = 503


class SealRejected(CredentialError):
    """The sealed file failed its own check before release and was not handed out."""

    kind = "seal-rejected"
    status = 500


class DocumentMissing(CredentialError):
    """The ledger knows a document whose bytes are gone from the archive."""

    kind = "document-missing"
    status = 503


class PlaceholderOverflow(CredentialError):
    """A signature or time-stamp is larger than its place; it was not cut, nothing went out."""

    kind = "placeholder-overflow"
    status = 500

    def __init__(self) -> None:
        super().__init__("The seal does not fit into this document. Nothing was handed out.")


class SealKeyMismatch(CredentialError):
    """The key that seals does not belong to its certificate, found by one trial signature."""

    kind = "seal-key-mismatch"
    status = 500

    def __init__(self) -> None:
        super().__init__("The key that seals does not fit its certificate. Nothing is sealed.")


class ArchiveUnavailable(CredentialError):
    """The store of sealed documents is full or out of reach; nothing is half stored."""

    kind = "archive-unavailable"
    status = 503


class UnknownCohort(CredentialError):
    """No cohort has this number."""

    kind = "unknown-cohort"
    status = 404
