"""Why a program was not believed; each room turns it into an answer of its own.

CallerError
├── AssertionRefused  a statement that does not fit; what, is told to nobody
└── KeysRefused       public keys that are not used here
"""

from __future__ import annotations


class CallerError(Exception):
    """Base of the family. Never raised itself, and never shown as it is."""


class AssertionRefused(CallerError):
    """The statement does not prove who made it; constant, so that nobody learns what failed."""


class KeysRefused(CallerError):
    """Keys that are private, weak, or of a kind that is not used here."""

    def __init__(self, public: str) -> None:
        super().__init__(public)
        self.public = public
