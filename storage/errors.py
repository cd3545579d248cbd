"""What can go wrong with a database, whichever it is."""

from __future__ import annotations

from typing import ClassVar


class StorageUnavailable(Exception):
    """The database cannot be reached, is locked, or has no room; nothing was half written."""

    kind: ClassVar[str] = "storage-unavailable"
    status: ClassVar[int] = 503

    def __init__(self, public: str) -> None:
        super().__init__(public)
        self.public = public
