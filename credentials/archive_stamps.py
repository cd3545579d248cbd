"""What the newest archive time-stamp of a preserved file rests on, and how long that holds.

A time-stamp is worth its authority's certificate and its algorithms. Whichever ends
first, ends it; a newer one over it must stand by then (ETSI EN 319 142-1, 5.5). When
algorithms end is other people's knowledge, so it is data: `algorithm_ends.json`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from asn1crypto import cms, core, tsp
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from credentials.pades import reading, token
from credentials.pades.history import read_history
from credentials.pades.provenance import reading_foreign_bytes
from credentials.pades.selfcheck import archive_token
from credentials.pades.shape import foreign

ENDS = Path(__file__).resolve().with_name("algorithm_ends.json")


@dataclass(frozen=True, slots=True)
class ArchiveStamp:
    """One time-stamp over a whole file."""

    at: datetime
    """When the authority says that it saw the file."""
    certificate: bytes
    """Of the authority, in DER."""
    certificate_ends: datetime
    algorithms: tuple[str, ...]
    """By the names of the table of ends: key and hash."""

    @property
    def authority(self) -> str:
        """SHA-256 over the certificate, as lower-case hex."""
        return hashlib.sha256(self.certificate).hexdigest()

    def lasts_until(self, ends: Mapping[str, datetime]) -> datetime:
        """When the first thing ends that this time-stamp rests on."""
        known = [ends[name] for name in self.algorithms if name in ends]
        return min([self.certificate_ends, *known])


def newest_stamp(document: bytes) -> ArchiveStamp:
    """The archive time-stamp that was added last.

    Raises:
        UnknownShape: no file of our own sealer, or none with an archive time-stamp.
    """
    history = read_history(reading.read(document))
    if not history.stamps:
        raise foreign()
    with reading_foreign_bytes():
        return _stamp(archive_token(history.stamps[-1]))


@cache
def algorithm_ends(path: Path = ENDS) -> Mapping[str, datetime]:
    """From when on each algorithm no longer counts; one that is not named has no known end."""
    table = json.loads(path.read_text(encoding="utf-8"))
    days = {row["algorithm"]: date.fromisoformat(row["ends"]) for row in table["ends"]}
    return {name: datetime(day.year, day.month, day.day, tzinfo=UTC) for name, day in days.items()}


def _stamp(encoded: bytes) -> ArchiveStamp:
    certificate = token.read(encoded).certificate
    parsed = x509.load_der_x509_certificate(certificate)
    signed = cms.ContentInfo.load(encoded)["content"]
    return ArchiveStamp(
        at=_moment(signed),
        certificate=certificate,
        certificate_ends=parsed.not_valid_after_utc,
        algorithms=(_key_name(parsed), _hash_name(signed)),
    )


def _moment(signed: Any) -> datetime:  # noqa: ANN401 - asn1crypto has no types
    """GenTime of a token (RFC 3161 2.4.2)."""
    content: core.ParsableOctetString = signed["encap_content_info"]["content"]
    found: datetime = tsp.TSTInfo.load(content.contents)["gen_time"].native
    return found.astimezone(UTC)


def _hash_name(signed: Any) -> str:  # noqa: ANN401 - asn1crypto has no types
    return str(signed["signer_infos"][0]["digest_algorithm"]["algorithm"].native)


def _key_name(certificate: x509.Certificate) -> str:
    """`ecdsa-256`, `rsa-3072`: kind and size of the authority's key."""
    public = certificate.public_key()
    kind = "ecdsa" if isinstance(public, ec.EllipticCurvePublicKey) else "rsa"
    return f"{kind}-{getattr(public, 'key_size', 0)}"
