"""The verifier's ports in memory: an index and a status source that can be switched off."""

from __future__ import annotations

import hashlib

from verifier.errors import IndexUnavailable, SharesUnavailable, StatusUnavailable
from verifier.ports import IssuedDocument, ShareStatus, Status


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
