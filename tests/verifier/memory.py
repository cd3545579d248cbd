"""The verifier's ports in memory: an index and a status source that can be switched off."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from verifier.errors import IndexUnavailable, SharesUnavailable, StatusUnavailable
from verifier.ports import HashStatus, IssuedDocument, ShareStatus, Status


class MemoryIndex:
    """Knows the files that it was told of."""

    def __init__(self) -> None:
        self.files: dict[str, IssuedDocument] = {}
        self.covered: set[str] = set()
        self.available = True

    def add(self, data: bytes, number: str) -> None:
        self.files[hashlib.sha256(data).hexdigest()] = IssuedDocument(number)

    def find(self, sha256: str) -> IssuedDocument | None:
        if not self.available:
            raise IndexUnavailable("The index is away.")
        return self.files.get(sha256)

    def knows_covered(self, digest: str) -> bool:
        if not self.available:
            raise IndexUnavailable("The index is away.")
        return digest in self.covered


class MemoryStatuses:
    """Answers for the numbers that it knows, and remembers which were asked."""

    def __init__(self, statuses: dict[str, Status] | None = None) -> None:
        self.statuses = statuses or {}
        self.available = True
        self.asked: list[str] = []

    def status(self, document_number: str) -> Status:
        self.asked.append(document_number)
        if not self.available or document_number not in self.statuses:
            raise StatusUnavailable("The status is away.")
        return self.statuses[document_number]


class MemoryShares:
    """Knows which secrets still open; every other one has ended."""

    def __init__(self, *open_secrets: str) -> None:
        self.open = set(open_secrets)
        self.available = True
        self.asked: list[str] = []

    def status(self, secret: str) -> ShareStatus:
        self.asked.append(secret)
        if not self.available:
            raise SharesUnavailable("The links are away.")
        return ShareStatus.OPEN if secret in self.open else ShareStatus.ENDED


class MemoryHashes:
    """Hashes with their statuses, as the register has them at this very moment."""

    def __init__(self, files: Mapping[bytes, Status]) -> None:
        made = (HashStatus(hashlib.sha256(data).hexdigest(), one) for data, one in files.items())
        self.hashes = sorted(made, key=lambda one: one.sha256)

    def as_of(self) -> datetime:
        return datetime.now(UTC).replace(microsecond=0)

    def sizes(self) -> Mapping[int, int]:
        return Counter(int(one.sha256[:4], 16) for one in self.hashes)

    def between(self, first: str, last: str) -> Sequence[HashStatus]:
        return [one for one in self.hashes if first <= one.sha256 <= last]
