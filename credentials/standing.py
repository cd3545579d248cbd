"""How issued documents stand today, many at once, for whoever knows only a hash.

A document is known by two hashes: that of its file, and that of its number. Neither
tells anything to somebody who has not got the file or the number.
"""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from credentials.status import DocumentStatus

PREFIX_DIGITS = 4
"""Hex digits by which documents are counted: 65,536 groups, enough for ten million and more."""


class Mark(enum.StrEnum):
    """What a document is known by."""

    FILE = "file"
    """SHA-256 of the whole file, as lower-case hex."""
    NUMBER = "number"
    """SHA-256 over its number in UTF-8, as lower-case hex."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One document under one hash, and how it stands today."""

    sha256: str
    status: DocumentStatus


@dataclass(frozen=True, slots=True)
class Marks:
    """Everything by which somebody else may recognise a document, and how it stands today."""

    file: str
    number: str
    covered: str
    """SHA-256 of the bytes that the seal covers, as lower-case hex."""
    status: DocumentStatus


def number_mark(number: str) -> str:
    """The hash under which the document with this number is known."""
    return hashlib.sha256(number.encode()).hexdigest()


class Standings(Protocol):
    """Sealed documents by their hashes. Each method raises `LedgerUnavailable` as the ledger does.

    The status is that of `credentials.status`: derived at the moment of asking.
    """

    def sizes(self, mark: Mark) -> Mapping[str, int]:
        """How many documents have a hash that begins with each four hex digits."""
        ...

    def between(self, mark: Mark, first: str, last: str) -> tuple[Standing, ...]:
        """The documents whose hash lies between these two, both included, in their order."""
        ...

    def all(self) -> Iterator[Marks]:
        """Every sealed document, in the order of the hashes of their files."""
        ...
