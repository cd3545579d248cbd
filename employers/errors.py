"""What can go wrong between a program and this service, told in one closed family.

EmployerError
├── ClientRefused       the program did not prove who it is (OAuth: invalid_client)
├── AccessRefused       no access token, or one that has ended
├── QuotaExceeded       all documents of today are used up
├── TooManyRequests     more requests in a minute than were agreed
├── KeyMissing          no Idempotency-Key, or not one of a usable form
├── KeyReused           the Idempotency-Key belongs to a job with other content
├── NoSuchJob           no such job of this client, or its results were deleted
├── NotDocuments        the body is not a form with documents in it
├── WrongBodyType       the body is not multipart/form-data
├── TooManyDocuments    more documents than one job takes
├── JobTooLarge         more bytes than one job takes
├── UnreadableArchive   a ZIP that cannot be unpacked safely
├── JobsBusy            too many jobs are waiting here
├── RegistrationRefused a client cannot be registered like this
├── NoSuchClient        there is no client of that name
└── DeliveryFailed      a webhook did not arrive (told to nobody but the delivery's own row)
"""

from __future__ import annotations

from typing import ClassVar


class EmployerError(Exception):
    """Base of the family. Never raised itself."""

    kind: ClassVar[str] = "employer-error"
    status: ClassVar[int] = 500

    def __init__(self, public: str) -> None:
        super().__init__(public)
        self.public = public


class ClientRefused(EmployerError):
    """The program did not prove who it is; which part did not fit is told to nobody."""

    kind = "client-refused"
    status = 401

    def __init__(self) -> None:
        super().__init__("The client assertion was not accepted.")


class AccessRefused(EmployerError):
    """There is no access token, or it has ended; ask for a new one."""

    kind = "access-refused"
    status = 401
    title = "You need an access token"
    advice = "Ask for a new access token and try again."
    headers: ClassVar[dict[str, str]] = {"WWW-Authenticate": 'Bearer error="invalid_token"'}

    def __init__(self) -> None:
        super().__init__("There is no valid access token in this request.")


class _Limited(EmployerError):
    """Too much in a window of time; `Retry-After` says when the next one begins."""

    status = 429

    def __init__(self, public: str, seconds: int) -> None:
        super().__init__(public)
        self.headers = {"Retry-After": str(max(1, seconds))}


class QuotaExceeded(_Limited):
    """All documents of today are used up."""

    kind = "quota-exceeded"
    title = "Your quota for today is used up"
    advice = "Send the rest after midnight (UTC), or ask us for a higher quota."


class TooManyRequests(_Limited):
    """More requests in a minute than were agreed."""

    kind = "requests-a-minute-exceeded"
    title = "Too many requests"
    advice = "Wait as long as Retry-After says."


class KeyMissing(EmployerError):
    """No Idempotency-Key came along, or not one of a usable form."""

    kind = "idempotency-key-missing"
    status = 400
    title = "There is no Idempotency-Key"
    advice = "Send a key of your own choice, new for every job, and the same when you try again."


class KeyReused(EmployerError):
    """The Idempotency-Key belongs to a job with other content."""

    kind = "idempotency-key-reused"
    status = 409
    title = "This key was used for other documents"
    advice = "Take a new Idempotency-Key for every job."


class NoSuchJob(EmployerError):
    """No such job of this client, or its results were deleted after a day."""

    kind = "no-such-job"
    status = 404
    title = "We do not know this job"
    advice = "Results are kept for 24 hours. Send the documents again if you need them later."

    def __init__(self) -> None:
        super().__init__("There is no such job, or its results have been deleted.")


class NotDocuments(EmployerError):
    """The body is not a form with documents in it."""

    kind = "not-documents"
    status = 400


class WrongBodyType(EmployerError):
    """The body is not multipart/form-data, the one form in which documents come."""

    kind = "wrong-body-type"
    status = 415


class TooManyDocuments(EmployerError):
    """More documents than one job takes."""

    kind = "too-many-documents"
    status = 413
    title = "That is more than one job takes"
    advice = "Send the documents in several jobs."


class JobTooLarge(EmployerError):
    """More bytes than one job takes."""

    kind = "job-too-large"
    status = 413
    title = "That is more than one job takes"
    advice = "Send the documents in several jobs."


class UnreadableArchive(EmployerError):
    """A ZIP that cannot be unpacked safely: damaged, locked, or growing without end."""

    kind = "unreadable-archive"
    status = 400
    title = "We cannot unpack this ZIP file"
    advice = "Send the documents themselves, or a ZIP file without a password."


class JobsBusy(EmployerError):
    """Too many jobs are waiting here."""

    kind = "jobs-busy"
    status = 503


class RegistrationRefused(EmployerError):
    """A client cannot be registered like this."""

    kind = "registration-refused"
    status = 400


class NoSuchClient(EmployerError):
    """There is no client of that name."""

    kind = "no-such-client"
    status = 404


class DeliveryFailed(EmployerError):
    """A webhook did not arrive; it is tried again."""

    kind = "delivery-failed"
    status = 503
