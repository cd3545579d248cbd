"""The port behind which a PDF is sealed, so that the sealer can be replaced whole.

Sealing has two halves with the ledger between them (pdf.md 3.2): `prepare` lays
out the file with an empty place for the signature and tells what the seal will
cover; `seal` uses the key. Only bytes of our own renderer are ever accepted.
"""

from __future__ import annotations

import enum
import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Protocol

from keys.custody import KeyRef


class Level(enum.StrEnum):
    """PAdES baseline level (ETSI EN 319 142-1, 6): what still proves the seal, and for how long."""

    B_B = "B-B"
    """The signature alone: good as long as its certificate is."""
    B_T = "B-T"
    """And a time-stamp: made before that moment, whatever happens to the key later."""
    B_LT = "B-LT"
    """And the certificates and revocation data, so that nobody has to be asked."""
    B_LTA = "B-LTA"
    """And a time-stamp over all of it, which can be renewed for ever."""


@dataclass(frozen=True, slots=True)
class SealProfile:
    """Everything about a seal that is configuration; a permit is bound to its digest."""

    level: Level = Level.B_T
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
    """SHA-256 over the byte range, whatever hash the seal itself uses: all of this document
    but the place of the signature. An archival update behind it is not covered."""
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
            SealingPaused: key, time-stamp authority or revocation data out of reach.
            PlaceholderOverflow: the signature is larger than its place.
            SealRejected: the result failed its own check.
        """
        ...

    def covers(self, sealed: bytes, covered_digest: bytes) -> bool:
        """Whether this file carries our valid seal over exactly that digest.

        Any bytes may be asked about, also a file that archival updates were added to.
        """
        ...


class Preserver(Protocol):
    """Makes a sealed file last: its proofs inside it, under a time-stamp that can be renewed."""

    def preserve(self, sealed: bytes) -> bytes:
        """The same file with one more update: revocation data and a document time-stamp (B-LTA).

        Raises:
            UnknownShape: not a B-T or B-LTA file of our own sealer.
            SealingPaused: time-stamp authority or revocation data out of reach.
            PlaceholderOverflow: the time-stamp is larger than its place.
            SealRejected: the result failed its own check.
        """
        ...

    def require_genuine(self, preserved: bytes) -> None:
        """Everything in a copy is ours and holds, so that it can be kept or built upon.

        Raises:
            UnknownShape: not a B-LTA file of our own sealer, or one that was changed.
        """
        ...

    def lasts_until(self, preserved: bytes) -> datetime:
        """When the certificate of the newest archive time-stamp ends: renew before.

        Raises:
            UnknownShape: not a B-LTA file of our own sealer.
        """
        ...
