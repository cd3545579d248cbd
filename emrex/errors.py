"""What can go wrong in EMREX, told in one closed family.

EmrexError
├── AnswerRefused    an answer from abroad that nobody here waits for
├── NoSuchFetch      no results from abroad by that id for this browser, or not any more
├── CodeRefused      a code of EMREX 2.0 that gives no token (OAuth: invalid_grant)
├── FormatRefused    results in a format, version or piece that there is not
├── NoSuchReceipt    no receipt by that id of this holder, or no file of it any more
├── NoSuchTransfer   no transfer by that id for this browser; another's looks the same
├── NotAForm         a request or an answer in another form than EMREX 1.x has
├── NotEmitted       what was built breaks a rule of the format, so it was not signed
├── NotRestorable    a document lacks what a record of the register is made of
├── NotYourRecord    a choice that names a record of nobody, or of somebody else
├── PayloadRefused   what arrived is not base64, gzip and XML within the limits
├── RegistryRefused  a registry sent what cannot be read
├── RequestRefused   a client's request that nobody could answer safely
├── ShownOtherwise   what the holder said yes to is not what would be sent now
├── TooManyFetches   more people fetch results from abroad than there is room for
├── TokenRefused     no access token, or one that opens nothing any more
├── UnprovenClient   a client of EMREX 2.0 did not prove who it is (OAuth: invalid_client)
├── WrongState       what was asked for cannot happen to this transfer any more
└── NotTransferable  the register holds nothing of this person that may be sent
"""

from __future__ import annotations

from typing import ClassVar


class EmrexError(Exception):
    """Base of the family. Never raised itself."""

    kind: ClassVar[str] = "emrex-error"
    status: ClassVar[int] = 500

    def __init__(self, public: str, reason: str = "") -> None:
        super().__init__(public)
        self.public = public
        self.reason = reason
        """A stable key for machines; it repeats nothing of a document."""


class NotEmitted(EmrexError):
    """A fault of ours: the document that was built would be refused by a strict reader."""

    kind = "elmo-not-emitted"


class AnswerRefused(EmrexError):
    """An answer to a question that was never asked, was answered already, or is too old."""

    kind = "emrex-answer"
    status = 400


class NoSuchFetch(EmrexError):
    """Nothing is held for this browser under that id; of other browsers nothing is told."""

    kind = "fetch-not-found"
    status = 404


class NoSuchTransfer(EmrexError):
    """No transfer by that id in this browser. Whether another browser has it is not told."""

    kind = "transfer-not-found"
    status = 404


class NoSuchReceipt(EmrexError):
    """No receipt by that id of this holder, or its file is erased. Of others nothing is told."""

    kind = "receipt-not-found"
    status = 404


class NotAForm(EmrexError):
    """A client sent JSON, a file or something else in the place of its form."""

    kind = "emrex-form"
    status = 415


class NotYourRecord(EmrexError):
    """The form names a diploma that is not among those that it offered."""

    kind = "not-your-record"
    status = 403


class PayloadRefused(EmrexError):
    """What arrived is not what EMREX carries, or more than we read."""

    kind = "emrex-payload"
    status = 400


class NotRestorable(EmrexError):
    """A document that the register's own records cannot be read back from."""

    kind = "elmo-not-restored"
    status = 422


class NotTransferable(EmrexError):
    """Nothing of this person can be sent."""

    kind = "nothing-to-transfer"
    status = 409


class RegistryRefused(EmrexError):
    """A registry's file in neither of its forms; the last good one stays in use."""

    kind = "emrex-registry"
    status = 503


class RequestRefused(EmrexError):
    """A client's request without what is needed, or with an address that is not safe."""

    kind = "emrex-request"
    status = 400


class ShownOtherwise(EmrexError):
    """What the holder said yes to is not what would be sent now: another tab, or a correction."""

    kind = "emrex-shown"
    status = 409


class TooManyFetches(EmrexError):
    """No room to hold one more fetch until its answer comes."""

    kind = "emrex-busy"
    status = 503


class WrongState(EmrexError):
    """The transfer has gone on, or has ended: a second tab, a back button, or a late click."""

    kind = "emrex-state"
    status = 409


class CodeRefused(EmrexError):
    """The code gives no token; which of the reasons it is, is told to nobody."""

    kind = "emrex-code"
    status = 400

    def __init__(self) -> None:
        super().__init__("This code cannot be used. Start again.")


class UnprovenClient(EmrexError):
    """The client did not prove who it is; which part did not fit is told to nobody."""

    kind = "emrex-client"
    status = 401

    def __init__(self) -> None:
        super().__init__("The client assertion was not accepted.")


class TokenRefused(EmrexError):
    """There is no access token, it has ended, or what it opened is gone."""

    kind = "emrex-token"
    status = 401
    title = "You need an access token"
    advice = "Results can be fetched for a few minutes. After that the holder starts again."
    headers: ClassVar[dict[str, str]] = {"WWW-Authenticate": 'Bearer error="invalid_token"'}
    members: ClassVar[dict[str, str]] = {"error": "invalid_token"}

    def __init__(self) -> None:
        super().__init__("There is no valid access token in this request.")


class FormatRefused(EmrexError):
    """Results were asked for in a format, a version or a piece that there is not."""

    kind = "emrex-format"
    status = 400
    members: ClassVar[dict[str, str]] = {"error": "invalid_request"}
