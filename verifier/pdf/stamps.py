"""Time-stamps (RFC 3161): since when a seal provably exists, and who says so.

They are read from the newest to the oldest. Each must come from a key on the trust
list, ours or an outside authority's under its policy, must be about exactly the bytes in
its own range, and must have existed at a moment at which its key had not fallen into other
hands: now for the newest, the time of the next newer one for every other. So a time-stamp
whose key was compromised later still proves its time, if an archive time-stamp was put over
it before that.

A certificate that has only expired takes nothing away. The trust list vouches for what
its key signed while it was ours, and a compromise would stand there.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from keys.trust import KeyEntry
from verifier.pdf import cms, der
from verifier.pdf.bytecheck import covered_by
from verifier.pdf.container import TIME_STAMP_TOKEN, TST_INFO, algorithm_of
from verifier.pdf.syntax import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence

    from keys.trust import Stamper, TrustList
    from verifier.pdf.bytecheck import SignaturePlace
    from verifier.pdf.revisions import PdfFile

SKEW = timedelta(minutes=5)
"""How far the clocks of two authorities, or of one and this computer, may be apart."""
_VERSION_1 = b"\x01"
_MOMENT = re.compile(rb"(\d{14})(?:\.(\d{1,6}))?Z")


@dataclass(frozen=True, slots=True)
class Stamp:
    """A time that is proven, and by whom."""

    at: datetime
    authority: str
    """The id of our key, or the name of the outside authority on the list."""


@dataclass(frozen=True, slots=True)
class _Info:
    """What a time-stamp authority signed (RFC 3161, 2.4.2)."""

    policy: bytes
    """The contents of its OID."""
    hash_name: str
    imprint: bytes
    at: datetime


def existed_at(
    file: PdfFile, archive: Sequence[SignaturePlace], trust: TrustList, now: datetime
) -> datetime:
    """The earliest moment at which the sealed file existed, by its archive time-stamps.

    Without any it exists now, and nothing more is known.

    Raises:
        Refused: one of them is not ours, not about this file, or not intact.
    """
    known_by = now
    for place in reversed(archive):
        covered = covered_by(file, place)
        known_by = stamped(covered.contents, covered.sha256, trust, known_by=known_by).at
    return known_by


def of_seal(container: cms.Container, trust: TrustList, *, known_by: datetime) -> Stamp | None:
    """The seal's own time-stamp (CAdES-T); None for a seal without (B-B).

    Raises:
        Refused: there is one, and it is not ours, not of this seal, or not intact.
    """
    unsigned = container.signer.unsigned
    if unsigned is None:
        return None
    if len(unsigned.pairs) != 1:
        raise Refused("container_shape")
    token = unsigned.single(TIME_STAMP_TOKEN).whole
    imprint = hashlib.sha256(container.signature).digest()
    return stamped(token, imprint, trust, known_by=known_by)


def stamped(token: bytes, imprint: bytes, trust: TrustList, *, known_by: datetime) -> Stamp:
    """When a time-stamp key on the list saw this SHA-256 imprint, and which (RFC 3161, 2.4.2).

    `known_by` is when the token itself provably existed.

    Raises:
        Refused: the token is of nobody on the list, not about this imprint, or not intact.
    """
    container = cms.read(token)
    entry = trust.stamper(container.certificate)
    if entry is None:
        raise Refused("time_stamp_not_ours")
    info = _content(container, entry)
    if not isinstance(entry, KeyEntry) and der.dotted(info.policy) != entry.policy:
        raise Refused("time_stamp_not_ours")  # what it does under other terms is not listed
    _require_imprint(info, imprint)
    when = info.at
    if when > known_by + SKEW:
        raise Refused("time_stamp_from_the_future")
    if not trust.trusts(entry, when) or _was_stolen(entry, known_by):
        raise Refused("time_stamp_key_not_trusted")
    return Stamp(when, entry.kid if isinstance(entry, KeyEntry) else entry.name)


def _was_stolen(entry: Stamper, known_by: datetime) -> bool:
    """Whether a thief had the key while this token may have been made: any time can be in it."""
    return entry.compromised_since is not None and known_by >= entry.compromised_since


def _content(container: cms.Container, entry: Stamper) -> _Info:
    """What the authority signed, every byte of it and around it as it must be."""
    cms.require_canonical(container, entry)
    if container.signer.unsigned is not None:
        raise Refused("container_shape")  # no signature covers them: anybody's room
    content = container.content
    if content is None or container.content_type != TST_INFO:
        raise Refused("time_stamp_broken")
    pinned = cms.pinned_by(container, entry)
    if not hmac.compare_digest(pinned.digest_of(content), cms.message_digest(container)):
        raise Refused("time_stamp_broken")
    if not cms.is_signed_by_its_certificate(container, pinned):
        raise Refused("time_stamp_broken")
    return _info(der.read(content, der.SEQUENCE).items())


def _info(parts: der.Items) -> _Info:
    """The part of a TSTInfo that matters; what follows the time is the authority's own."""
    if parts.take(der.INTEGER).body != _VERSION_1:
        raise Refused("time_stamp_broken")
    policy = parts.take(der.OID).body
    imprint = parts.take(der.SEQUENCE).items()
    hash_name = cms.DIGESTS.get(algorithm_of(imprint.take(der.SEQUENCE)).oid, "")
    value = imprint.take(der.OCTETS).body
    imprint.require_end()
    parts.take(der.INTEGER)
    return _Info(policy, hash_name, value, _moment(parts.take(der.TIME).body))


def _moment(written: bytes) -> datetime:
    """A GeneralizedTime in UTC, with or without a fraction of a second."""
    found = _MOMENT.fullmatch(written)
    if found is None:
        raise Refused("time_stamp_broken")
    try:
        whole = datetime.strptime(found[1].decode(), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    except ValueError as cause:
        raise Refused("time_stamp_broken") from cause
    return whole + timedelta(microseconds=int((found[2] or b"0").ljust(6, b"0")))


def _require_imprint(info: _Info, imprint: bytes) -> None:
    if info.hash_name != "sha256":
        raise Refused("time_stamp_broken")
    if not hmac.compare_digest(info.imprint, imprint):
        raise Refused("time_stamp_of_something_else")
