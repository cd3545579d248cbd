"""What the verifier needs of the world: an index, a status, a reader. Others fill these."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

from verifier.intake import Kind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from verifier.comparing import Comparison
    from verifier.verdict import Evidence, Facts


class Status(StrEnum):
    """Whether an issued document still stands."""

    GOOD = "good"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class IssuedDocument:
    """One file that was handed out."""

    number: str | None
    """None where the index knows hashes only."""


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


class IssuedFacts(Protocol):
    """What is printed in the documents that we issued, from our own record."""

    def printed(self, document_number: str) -> Facts | None:
        """The machine data of that document, as a reader would find them in its file.

        None when they cannot be told now; then the file itself has to be read.
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
class Provider:
    """Somebody abroad who signs results, as a registry lists them: who, and by which keys."""

    name: str
    """With the country; from the registry, never from a document."""
    certificates: tuple[bytes, ...]
    """In DER."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a reader's room must know besides the file."""

    kind: Kind | None = None
    """None leaves it to the content."""
    address: str = ""
    """The one host that our QR codes name; empty means that no host is ours."""
    providers: tuple[Provider, ...] = ()
    """Whose results from abroad are told from those of nobody; sent with what may be ELMO only."""


BY_CONTENT = Asked()


@dataclass(frozen=True, slots=True)
class HashStatus:
    """A hash (64 lower-case hex digits) of an issued document, and whether it still stands."""

    sha256: str
    status: Status


class BucketSource(Protocol):
    """Hashes of issued documents of one kind, with their statuses, many at once.

    Each method raises `IndexUnavailable` when the hashes cannot be asked now.
    """

    def as_of(self) -> datetime:
        """The moment for which the statuses hold; now, where they are asked of the register."""
        ...

    def sizes(self) -> Mapping[int, int]:
        """How many hashes begin with each sixteen bits; what is absent is none."""
        ...

    def between(self, first: str, last: str) -> Sequence[HashStatus]:
        """The hashes between these two, both included, in their order."""
        ...


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
