"""What can go wrong around a check, told in one closed family.

A bad document is a verdict, never an error; these say that we could not look.

VerifierError
├── NothingToCheck      no file came with the question
├── UploadTooLarge      the body is beyond what a check ever reads
├── NotAForm            the body is not of a form in which a question can come
├── NotIssued           we issued no file with the hash that was sent
├── WrongPrefix         the beginning of a hash does not fit the buckets of today
├── NotAReceipt         what was sent is not a receipt of a check
├── ReceiptsUnavailable no receipt can be signed here, or not now
├── UnknownFingerprint  a receipt was asked for a SHA-256 that was never issued
├── ReadingFailed       the closed room gave no answer (told as CANNOT_CHECK)
├── IndexNotTrusted     a pulled index is not ours, changed, or rolled back: it is not used
├── StatusUnavailable   the register's status cannot be asked now (told as "not done")
├── IndexUnavailable    the index of issued files cannot be asked now (told as "not done")
└── SharesUnavailable   nobody can say now whether a share link still opens (told as "not done")
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
    """The body is neither multipart/form-data nor, where that is taken, JSON."""

    kind = "not-a-form"
    status = 415


class NotIssued(VerifierError):
    """We issued no file with this hash, or cannot say: there is no record to show."""

    kind = "not-issued"
    status = 404


class WrongPrefix(VerifierError):
    """The beginning of a hash does not fit today's buckets; their width has to be asked again."""

    kind = "wrong-prefix"
    status = 400


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

    @property
    def reason(self) -> str:
        """The stable key of what went wrong."""
        return self.public


class StatusUnavailable(VerifierError):
    """Nobody can say now whether the document still stands."""

    kind = "status-unavailable"
    status = 503


class IndexNotTrusted(VerifierError):
    """What was pulled as an index is not ours, changed, damaged or older; it is not used."""

    kind = "index-not-trusted"
    status = 503


class IndexUnavailable(VerifierError):
    """Nobody can say now whether these bytes were issued."""

    kind = "index-unavailable"
    status = 503


class SharesUnavailable(VerifierError):
    """Nobody can say now whether a share link still opens."""

    kind = "shares-unavailable"
    status = 503
