"""The account of the archive's own copies: what each rests on, and which are missing or due."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Copy:
    """What the archive's own copy of one document rests on."""

    number: str
    file_sha256: str
    stamped_at: datetime
    lasts_until: datetime
    """When the certificate of the newest time-stamp ends, or the first of its algorithms."""
    authority: str
    """SHA-256 (hex) of the certificate of who made it."""


class Copies(Protocol):
    """The account of copies. Each method raises `StorageUnavailable` when it cannot be used."""

    def missing(self, *, after: str, limit: int) -> tuple[str, ...]:
        """Numbers of sealed documents without a copy, in their order, behind that number."""
        ...

    def due(
        self, *, before: datetime, authorities: Collection[str], after: str, limit: int
    ) -> tuple[str, ...]:
        """Numbers of copies that end before that moment or rest on one of these authorities."""
        ...

    def count(self, *, before: datetime, authorities: Collection[str]) -> tuple[int, int]:
        """How many documents are missing a copy, and how many copies are due."""
        ...

    def of(self, number: str) -> Copy | None:
        """What is recorded of one copy."""
        ...

    def record(self, copy: Copy) -> None:
        """Write down a copy that is stored; an earlier account of it is replaced."""
