"""Other names for documents, for logs: the same for the same document, and nothing without the key.

A line in a log may name neither the number of a document nor its fingerprint: both stand
for a person to whoever has the file. Who has to find the document has the key and the
ledger, and no reader of logs has either.
"""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass

from credentials.ledger import Entry, Ledger
from credentials.numbering import grouped
from credentials.standing import Standings

_BYTES = 10


@dataclass(frozen=True, slots=True)
class Aliases:
    """The aliases of one key."""

    key: bytes

    def of(self, file_sha256: str) -> str:
        """The alias of the document with this fingerprint, such as `K7QD-3MXF-9TRA-2BCD`."""
        drawn = hmac.digest(self.key, f"alias {file_sha256}".encode(), "sha256")[:_BYTES]
        return grouped(base64.b32encode(drawn).decode())

    def find(self, alias: str, standings: Standings, ledger: Ledger) -> Entry | None:
        """The document behind an alias: every one is tried, so it takes seconds for a million.

        Raises:
            LedgerUnavailable: the ledger cannot be read.
        """
        wanted = alias.strip().upper()
        found = next((one.file for one in standings.all() if self.of(one.file) == wanted), None)
        return None if found is None else ledger.by_file(found)
