"""The archive without a disk, held to the same contract as the real ones."""

from __future__ import annotations

from collections.abc import Mapping

from credentials.archive import NUMBER
from credentials.errors import DocumentMissing


class MemoryArchive:
    """Keeps what a disk would keep."""

    def __init__(self) -> None:
        self.documents: dict[str, bytes] = {}

    def put(self, number: str, document: bytes) -> None:
        self.put_all({number: document})

    def put_all(self, documents: Mapping[str, bytes]) -> None:
        if not all(NUMBER.fullmatch(number) for number in documents):
            raise DocumentMissing("This document cannot be fetched right now.")
        self.documents.update(documents)

    def get(self, number: str) -> bytes:
        if number not in self.documents:
            raise DocumentMissing("This document cannot be fetched right now.")
        return self.documents[number]

    def discard(self, number: str) -> None:
        """Nothing is ever stored in part."""

    def remove(self, number: str) -> None:
        if not NUMBER.fullmatch(number):
            raise DocumentMissing("This document cannot be fetched right now.")
        self.documents.pop(number, None)
