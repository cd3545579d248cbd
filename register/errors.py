"""What can go wrong in the register, told in one closed family.

RegisterError
├── InvalidDate          a date that no calendar has
├── InvalidNumber        a national number whose checksum fails
├── InvalidCode          an institution or programme code of the wrong form
├── NotRegistered        nobody and nothing by that id
├── UnreadableSource     the file to import is not what it says it is
└── RegisterUnavailable  the database cannot be reached or written
"""

from __future__ import annotations

from typing import ClassVar


class RegisterError(Exception):
    """Base of the family. Never raised itself."""

    kind: ClassVar[str] = "register-error"
    status: ClassVar[int] = 500

    def __init__(self, public: str) -> None:
        super().__init__(public)
        self.public = public


class InvalidDate(RegisterError):
    """A date that no calendar has, or a part without the part before it."""

    kind = "invalid-date"
    status = 400


class InvalidNumber(RegisterError):
    """A national number with a wrong form or checksum. The number itself is never repeated."""

    kind = "invalid-number"
    status = 400


class InvalidCode(RegisterError):
    """An institution or programme code of the wrong form."""

    kind = "invalid-code"
    status = 400


class NotRegistered(RegisterError):
    """No such person, award, institution or programme."""

    kind = "not-registered"
    status = 404


class UnreadableSource(RegisterError):
    """The file to import is not what it says it is, so nothing of it was kept."""

    kind = "unreadable-source"
    status = 400


class RegisterUnavailable(RegisterError):
    """The database cannot be reached or written; what was committed before stays."""

    kind = "register-unavailable"
    status = 503
