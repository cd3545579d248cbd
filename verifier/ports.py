"""What the verifier needs of the world: an index, a status, a reader. Others fill these."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from verifier.intake import Kind

if TYPE_CHECKING:
    from datetime import datetime

    from verifier.comparing import Comparison
    from verifier.verdict import Evidence


class Status(StrEnum):
    """Whether an issued document still stands."""

    GOOD = "good"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class IssuedDocument:
    """One file that was handed out."""

    number: str
    issued_at: datetime


class IssuedIndex(Protocol):
    """The fingerprints of every file that was handed out."""

    def find(self, sha256: str) -> IssuedDocument | None:
        """The document with exactly these bytes (lower-case hex), or None.

        Raises:
            IndexUnavailable: the index cannot be asked now.
        """
        ...

    def knows_covered(self, digest: str) -> bool:
        """Whether a seal of ours was recorded over bytes with this SHA-256 (lower-case hex).

        Raises:
            IndexUnavailable: the index cannot be asked now.
        """
        ...


class StatusSource(Protocol):
    """The register's word of today about a document."""

    def status(self, document_number: str) -> Status:
        """Whether the document still stands.

        Raises:
            StatusUnavailable: nobody can say now, or the number is not known.
        """
        ...


class ShareStatus(StrEnum):
    """Whether a share link still opens."""

    OPEN = "open"
    ENDED = "ended"
    """Expired, revoked, used up, or never there: nobody learns which (3.8)."""


class Shares(Protocol):
    """The links by which holders share documents."""

    def status(self, secret: str) -> ShareStatus:
        """Whether the link with this secret still opens; an unknown one has ended.

        Raises:
            SharesUnavailable: nobody can say now.
        """
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader's room must know besides the file."""

    kind: Kind | None = None
    """None leaves it to the content."""
    address: str = ""
    """The one host that our QR codes name; empty means that no host is ours."""


BY_CONTENT = Asked()


class Reader(Protocol):
    """Reads one kind of file inside the closed room. May raise anything: that is CANNOT_CHECK."""

    def read(self, data: bytes, trust: bytes | None, now: datetime) -> Evidence:
        """Everything that can be seen of the file, judged by the trust list alone."""
        ...


class Reading(Protocol):
    """A place where untrusted bytes are read: a closed room, or this process in a test."""

    def read(
        self, data: bytes, trust: bytes | None, now: datetime, asked: Asked = BY_CONTENT
    ) -> Evidence:
        """Evidence about the file.

        Raises:
            ReadingFailed: no answer came, in time or at all.
        """
        ...


class Comparing(Protocol):
    """A place where a changed file is drawn beside what of it we sealed."""

    def compare(self, data: bytes, trust: bytes | None, now: datetime) -> Comparison | None:
        """What changed since our seal; None where that cannot be shown. Never raises."""
        ...
