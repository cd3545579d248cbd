"""What can go wrong on the holder's pages.

PortalError
├── NotYours       no diploma by that id for this person; another person's looks the same
└── UnknownChoice  a language or purpose that the form does not offer
"""

from __future__ import annotations

from typing import ClassVar


class PortalError(Exception):
    """Base of the family. Never raised itself."""

    kind: ClassVar[str] = "portal-error"
    status: ClassVar[int] = 500

    def __init__(self, public: str) -> None:
        super().__init__(public)
        self.public = public


class NotYours(PortalError):
    """This holder has no diploma by that id. Whether somebody else has is not told."""

    kind = "diploma-not-found"
    status = 404


class UnknownChoice(PortalError):
    """The form was sent with a choice that it does not offer."""

    kind = "unknown-choice"
    status = 400
