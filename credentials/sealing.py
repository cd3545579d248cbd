"""The port behind which a PDF is sealed, so that the sealer can be replaced whole.

Sealing has two halves with the ledger between them (pdf.md 3.2): `prepare` lays
out the file with an empty place for the signature and tells what the seal will
cover; `seal` uses the key. Only bytes of our own renderer are ever accepted.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import Protocol

from keys.custody import KeyRef


@dataclass(frozen=True, slots=True)
class SealProfile:
    """Everything about a seal that is configuration; a permit is bound to its digest."""

    level: str = "B-T"
    """PAdES baseline level, ETSI EN 319 142-1."""
    field: str = "Seal"
    docmdp: int = 1
    """No changes allowed after certification, ISO 32000-1 table 254."""
    subfilter: str = "ETSI.CAdES.detached"
    reason: str = ""
    location: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 over the settings, as lower-case hex."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file laid out for one seal, and the digest of everything the seal covers."""

    document: bytes
    covered_digest: bytes
    """SHA-256 over the byte range: all of the file but the place of the signature."""
    gap: tuple[int, int]
    """Offsets of the `<` and just after the `>` of the empty signature."""


class Sealer(Protocol):
    """Seals PDFs that our own renderer wrote, with one key under one profile."""

    @property
    def key(self) -> KeyRef:
        """The key that seals."""
        ...

    @property
    def profile(self) -> SealProfile:
        """The profile that every seal follows."""
        ...

    def prepare(self, draft: bytes) -> Prepared:
        """Lay out the file up to the empty signature. No key is used.

        Raises:
            UnknownShape: the bytes are not a PDF of our own renderer.
        """
        ...

    def seal(self, prepared: Prepared) -> bytes:
        """Use the key, time-stamp the signature, fill it in, and check the result.

        Raises:
            SealingPaused: key or time-stamp authority out of reach.
            SealRejected: the result failed its own check.
        """
        ...

    def covers(self, sealed: bytes, covered_digest: bytes) -> bool:
        """Whether this file carries our valid seal over exactly that digest."""
        ...
