"""The readers that there are, asked in turn. A new format is one more line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.errors import ReadingFailed
from verifier.pdf.reader import PdfReader

if TYPE_CHECKING:
    from datetime import datetime

    from verifier.ports import Reader
    from verifier.verdict import Evidence

_HEAD = 1024
READERS: tuple[Reader, ...] = (PdfReader(),)


class ReadingHere:
    """Reads in this very process, without walls: for the closed room itself and for tests."""

    def __init__(self, readers: tuple[Reader, ...] = READERS) -> None:
        self._readers = readers

    def read(self, data: bytes, trust: bytes | None, now: datetime) -> Evidence:
        """Evidence from the first reader that claims the file.

        Raises:
            ReadingFailed: no reader claims it. A reader may raise anything else.
        """
        for reader in self._readers:
            if reader.claims(data[:_HEAD]):
                return reader.read(data, trust, now)
        raise ReadingFailed("no_reader")
