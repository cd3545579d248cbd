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
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from asn1crypto import core, tsp

from keys.trust import KeyEntry
from verifier.pdf import cms
from verifier.pdf.bytecheck import covered_by
from verifier.pdf.syntax import Refused

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from keys.trust import Stamper, TrustList
    from verifier.pdf.bytecheck import SignaturePlace
    from verifier.pdf.revisions import PdfFile

SKEW = timedelta(minutes=5)
"""How far the clocks of two authorities, or of one and this computer, may be apart."""


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
        known_by = stamped_at(covered.contents, covered.sha256, trust, known_by=known_by)
    return known_by


def sealed_at(container: cms.Container, trust: TrustList, *, known_by: datetime) -> datetime | None:
    """The time in the seal's own time-stamp (CAdES-T); None for a seal without (B-B).

    Raises:
        Refused: there is one, and it is not ours, not of this seal, or not intact.
    """
    unsigned = container.signer["unsigned_attrs"]
    if isinstance(unsigned, core.Void):
        return None
    if len(unsigned) != 1:
        raise Refused("container_shape")
    token = bytes(cms.single(unsigned, "signature_time_stamp_token").dump())
    imprint = hashlib.sha256(container.signature).digest()
    return stamped_at(token, imprint, trust, known_by=known_by)


def stamped_at(token: bytes, imprint: bytes, trust: TrustList, *, known_by: datetime) -> datetime:
    """The time at which a time-stamp key on the list saw this SHA-256 imprint (RFC 3161, 2.4.2).

    `known_by` is when the token itself provably existed.

    Raises:
        Refused: the token is of nobody on the list, not about this imprint, or not intact.
    """
    container = cms.read(token)
    entry = trust.stamper(container.certificate)
    if entry is None:
        raise Refused("time_stamp_not_ours")
    info = _content(container, entry)
    if not isinstance(entry, KeyEntry) and info["policy"].dotted != entry.policy:
        raise Refused("time_stamp_not_ours")  # what it does under other terms is not listed
    _require_imprint(info, imprint)
    when: datetime = info["gen_time"].native
    if when > known_by + SKEW:
        raise Refused("time_stamp_from_the_future")
    if not trust.trusts(entry, when) or _was_stolen(entry, known_by):
        raise Refused("time_stamp_key_not_trusted")
    return when


def _was_stolen(entry: Stamper, known_by: datetime) -> bool:
    """Whether a thief had the key while this token may have been made: any time can be in it."""
    return entry.compromised_since is not None and known_by >= entry.compromised_since


def _content(container: cms.Container, entry: Stamper) -> Any:  # noqa: ANN401 - asn1crypto is untyped
    """What the authority signed, every byte of it and around it as it must be."""
    cms.require_canonical(container, entry)
    if not isinstance(container.signer["unsigned_attrs"], core.Void):
        raise Refused("container_shape")  # no signature covers them: anybody's room
    held = container.signed["encap_content_info"]["content"]
    if isinstance(held, core.Void):
        raise Refused("time_stamp_broken")
    content = bytes(held.parsed.dump())
    pinned = cms.pinned_by(container, entry)
    if not hmac.compare_digest(pinned.digest_of(content), cms.message_digest(container)):
        raise Refused("time_stamp_broken")
    if not cms.is_signed_by_its_certificate(container, pinned):
        raise Refused("time_stamp_broken")
    return tsp.TSTInfo.load(content, strict=True)


def _require_imprint(info: Any, imprint: bytes) -> None:  # noqa: ANN401 - asn1crypto is untyped
    stated = info["message_imprint"]
    if stated["hash_algorithm"]["algorithm"].native != "sha256":
        raise Refused("time_stamp_broken")
    if not hmac.compare_digest(bytes(stated["hashed_message"].native), imprint):
        raise Refused("time_stamp_of_something_else")
