"""What can go wrong in EMREX, told in one closed family.

EmrexError
├── NoSuchTransfer   no transfer by that id for this browser; another's looks the same
├── NotEmitted       what was built breaks a rule of the format, so it was not signed
├── NotYourRecord    a choice that names a record of nobody, or of somebody else
├── PayloadRefused   what arrived is not base64, gzip and XML within the limits
├── RegistryRefused  a registry sent what cannot be read
├── RequestRefused   a client's request that nobody could answer safely
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


class NoSuchTransfer(EmrexError):
    """No transfer by that id in this browser. Whether another browser has it is not told."""

    kind = "transfer-not-found"
    status = 404


class NotYourRecord(EmrexError):
    """The form names a diploma that is not among those that it offered."""

    kind = "not-your-record"
    status = 403


class PayloadRefused(EmrexError):
    """What arrived is not what EMREX carries, or more than we read."""

    kind = "emrex-payload"
    status = 400


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


class WrongState(EmrexError):
    """The transfer has gone on, or has ended: a second tab, a back button, or a late click."""

    kind = "emrex-state"
    status = 409
