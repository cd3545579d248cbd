"""The signed page that says which segments are the index, and of which moment."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from keys import chains, jws, trust
from keys.errors import TrustListInvalid
from keys.moments import parse
from verifier.errors import IndexNotTrusted

KIND = "echt-index+jws"
MAX_PAGE = 64 * 1024
MAX_SEGMENTS = 2
MAX_SEGMENT = 2 * 1024**3
"""Twenty million documents."""
SKEW = timedelta(minutes=5)
_MEMBERS = {"format", "version", "asOf", "segments"}
_SHA256 = re.compile("[0-9a-f]{64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class SegmentName:
    """A segment as the page names it."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Page:
    """What is true of the index at one moment. The last segment wins over the first."""

    as_of: datetime
    segments: tuple[SegmentName, ...]
    data: bytes
    """The page as it was signed, to keep and to prove again."""


def read_page(data: bytes, listed: bytes | None, *, now: datetime) -> Page:
    """Parse a page and prove that a key of ours signed it, by the trust list at hand.

    Raises:
        IndexNotTrusted: changed, not ours, from the future, or no list to judge it by.
    """
    try:
        keys = trust.read(listed or b"", now=now)
        envelope = jws.open_envelope(data[: MAX_PAGE + 1], kind=KIND)
        entry = keys.by_kid(envelope.kid)
        if keys.expired or entry is None or entry.purpose != "facts":
            raise IndexNotTrusted("The index is signed with a key that we do not know.")
        page = _parsed(jws.verify(envelope, chains.load(entry.certificates[0])), data)
        vouched = keys.trusts(entry, page.as_of)
    except (TrustListInvalid, ValueError, KeyError, TypeError) as cause:
        raise IndexNotTrusted("The index is not signed by us, or was changed.") from cause
    if page.as_of > now + SKEW or not vouched:
        raise IndexNotTrusted("The index is of a moment that its key cannot vouch for.")
    return page


def _parsed(payload: object, data: bytes) -> Page:
    if not isinstance(payload, dict) or set(payload) != _MEMBERS:
        raise ValueError("not a page of an index")
    if (payload["format"], payload["version"]) != ("echt-index", 1):
        raise ValueError("a page that is not known here")
    segments = tuple(_name(one) for one in payload["segments"])
    if not 1 <= len(segments) <= MAX_SEGMENTS:
        raise ValueError("one base, and one set of changes at most")
    return Page(parse(str(payload["asOf"])), segments, data)


def _name(one: object) -> SegmentName:
    if not isinstance(one, dict) or set(one) != {"sha256", "size"}:
        raise ValueError("not the name of a segment")
    sha256, size = one["sha256"], one["size"]
    if not isinstance(sha256, str) or not _SHA256.fullmatch(sha256):
        raise ValueError("not a hash")
    if type(size) is not int or not 0 < size <= MAX_SEGMENT:
        raise ValueError("not a size")
    return SegmentName(sha256, size)
