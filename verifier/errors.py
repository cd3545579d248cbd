"""What can go wrong around a check, told in one closed family.

A bad document is a verdict, never an error; these say that we could not look.

VerifierError
├── NothingToCheck      no file came with the question
├── UploadTooLarge      the body is beyond what a check ever reads
├── NotAForm            the body is not a form with a file in it
├── NotAReceipt         what was sent is not a receipt of a check
├── ReceiptsUnavailable no receipt can be signed here, or not now
├── UnknownFingerprint  a receipt was asked for a SHA-256 that was never issued
├── ReadingFailed       the closed room gave no answer (told as CANNOT_CHECK)
├── StatusUnavailable   the register's status cannot be asked now (told as "not done")
└── IndexUnavailable    the index of issued files cannot be asked now (told as "not done")
"""

from __future__ import annotations

from typing import ClassVar


class VerifierError(Exception):
    """Base of the family. Never raised itself."""

    kind: ClassVar[str] = "verifier-error"
    status: ClassVar[int] = 500

    def __init__(self, public: str) -> None:
        super().__init__(public)
        self.public = public


class NothingToCheck(VerifierError):
    """The question came without a file, so there is nothing to answer."""

    kind = "nothing-to-check"
    status = 400


class UploadTooLarge(VerifierError):
    """The body is larger than any file that we read, so it was not taken in."""

    kind = "upload-too-large"
    status = 413


class NotAForm(VerifierError):
    """The body is not multipart/form-data, the one form in which a file can come."""

    kind = "not-a-form"
    status = 415


class NotAReceipt(VerifierError):
    """What was sent does not have the form of a receipt."""

    kind = "not-a-receipt"
    status = 400


class ReceiptsUnavailable(VerifierError):
    """This process has no key for receipts, or cannot use it now."""

    kind = "receipts-unavailable"
    status = 503


class UnknownFingerprint(VerifierError):
    """No file with this SHA-256 was issued, and nothing else was sent to look at."""

    kind = "unknown-fingerprint"
    status = 404
    title = "We do not know this file"
    advice = "Send the file itself: then we can look at its seal."


class ReadingFailed(VerifierError):
    """The reader died, hung or spoke nonsense; the file stays unjudged."""

    kind = "reading-failed"
    status = 503


class StatusUnavailable(VerifierError):
    """Nobody can say now whether the document still stands."""

    kind = "status-unavailable"
    status = 503


class IndexUnavailable(VerifierError):
    """Nobody can say now whether these bytes were issued."""

    kind = "index-unavailable"
    status = 503
