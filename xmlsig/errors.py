"""What can be wrong with a signed XML document, told in one closed family.

XmlSigError
├── NotRead       not XML that we read: malformed, or more or other than the profile allows
└── OutOfProfile  a signature of a form that the profile refuses, whoever made it
"""

from __future__ import annotations


class XmlSigError(Exception):
    """Base of the family. Never raised itself."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        """A stable key; it repeats nothing of the document."""


class NotRead(XmlSigError):
    """The document is not XML as we read it."""


class OutOfProfile(XmlSigError):
    """The signature is of a form that the profile refuses (emrex.md 3.5.3 and 3.5.4)."""
