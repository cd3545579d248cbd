"""The verifier's ports over a pulled index: what it may say, and until when.

Which files we issued stays true for ever; how they stand holds for as long as the index
is fresh, and after that nobody can say. An index that knows nothing of a document cannot
deny it: the document may be newer.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from verifier.errors import IndexUnavailable, StatusUnavailable
from verifier.index.page import SKEW
from verifier.index.pulled import PulledIndex
from verifier.index.segment import Table
from verifier.ports import HashStatus, IssuedDocument, Status


@dataclass(frozen=True, slots=True)
class PulledFiles:
    """`IssuedIndex`: it knows files, and has no number of any."""

    index: PulledIndex

    def find(self, sha256: str) -> IssuedDocument | None:
        """The document with exactly these bytes, without its number."""
        status = self.index.current().find(Table.FILES, bytes.fromhex(sha256))
        return None if status is None else IssuedDocument(None)

    def knows_covered(self, digest: str) -> bool:
        """Whether a seal of ours was recorded over this digest.

        Raises:
            IndexUnavailable: not in this index, which may be older than the seal.
        """
        if self.index.current().find(Table.COVERED, bytes.fromhex(digest)) is None:
            raise IndexUnavailable("The list of issued documents cannot be asked now.")
        return True


@dataclass(frozen=True, slots=True)
class PulledStatuses:
    """`StatusSource`: the word of the register of at most so long ago."""

    index: PulledIndex
    fresh: timedelta
    clock: Callable[[], datetime]

    def status(self, document_number: str) -> Status:
        """Whether the document stood at the moment of the index.

        Raises:
            StatusUnavailable: the index is too old, or does not know the number.
        """
        key = hashlib.sha256(document_number.encode()).digest()
        try:
            snapshot = self.index.current()
        except IndexUnavailable as cause:
            raise StatusUnavailable(_NOBODY) from cause
        status = snapshot.find(Table.NUMBERS, key)
        if status is None:
            raise StatusUnavailable(_NOBODY)
        # Withdrawn and superseded are for good; only a good word gets old.
        if status is Status.GOOD and not -SKEW <= self.clock() - snapshot.as_of <= self.fresh:
            raise StatusUnavailable(_NOBODY)
        return status


_NOBODY = "The status cannot be asked now."


@dataclass(frozen=True, slots=True)
class PulledBuckets:
    """`BucketSource` over one table of the index."""

    index: PulledIndex
    table: Table

    def as_of(self) -> datetime:
        """The moment of the index; whoever asks judges whether that is fresh."""
        return self.index.current().as_of

    def sizes(self) -> Mapping[int, int]:
        """How many hashes begin with each sixteen bits."""
        return self.index.current().sizes(self.table)

    def between(self, first: str, last: str) -> Sequence[HashStatus]:
        """The hashes between these two."""
        ends = bytes.fromhex(first), bytes.fromhex(last)
        found = self.index.current().between(self.table, *ends)
        return [HashStatus(key.hex(), status) for key, status in found]
