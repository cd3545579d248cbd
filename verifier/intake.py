"""The front door: size, and kind of file by its content. Names and declared types lie.

Nothing is parsed here. A kind is a guess from the first bytes (for a line of text, from
all of it) that chooses the reader; the reader decides whether the guess was right.
"""

from __future__ import annotations

import re
from enum import StrEnum

from verifier.verdict import Check, CheckName, not_done, passed

MAX_BYTES = 10 * 1024 * 1024
"""`spec/verifier.md` 3.7.5."""
MAX_CODE = 8192
"""Letters in a QR code; the largest code holds 4,296 (ISO/IEC 18004 table 7)."""

_HEAD = 1024


class Kind(StrEnum):
    """What a file is by content."""

    PDF = "pdf"
    XML = "xml"
    JSON = "json"
    JWS = "jws"
    """A compact JWS: three parts with points between them (RFC 7515 7.1)."""
    CODE = "code"
    """The text of a QR code: an address, or our signed facts alone."""
    PNG = "png"
    JPEG = "jpeg"
    PICTURE = "picture"
    """A picture that is not looked into: WebP, GIF, TIFF, BMP, HEIC."""
    ZIP = "zip"
    GZIP = "gzip"
    BASE64 = "base64"
    """Something else, written in letters, as EMREX sends ELMO."""
    UNKNOWN = "unknown"


PICTURES = frozenset({Kind.PNG, Kind.JPEG, Kind.PICTURE})

_MAGIC = (
    (b"%PDF-", Kind.PDF),
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"\xff\xd8\xff", Kind.JPEG),
    (b"PK\x03\x04", Kind.ZIP),
    (b"PK\x05\x06", Kind.ZIP),
    (b"\x1f\x8b", Kind.GZIP),
    (b"GIF8", Kind.PICTURE),
    (b"II*\x00", Kind.PICTURE),
    (b"MM\x00*", Kind.PICTURE),
)
_CONTAINERS = (
    (b"RIFF", 8, (b"WEBP",)),
    (b"", 4, (b"ftypheic", b"ftypheix", b"ftypmif1", b"ftypmsf1", b"ftypavif")),
    (b"BM", 6, (b"\x00\x00\x00\x00",)),
)
"""Pictures known by a second mark: first bytes, place of the mark, what stands there."""
_TEXTUAL = ((b"<", Kind.XML), (b"{", Kind.JSON), (b"[", Kind.JSON))
_ADDRESS = re.compile(rb"[a-z][a-z0-9+.-]{1,30}:[^\s\x00-\x1f]+", re.IGNORECASE)
_FACTS = re.compile(rb"2KC[A-Z2-7]{97,}")
"""A COSE_Sign1 with its tag (RFC 9052 2) in base32 always begins with these letters."""
_COMPACT = re.compile(rb"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*")
_LETTERS = re.compile(rb"[A-Za-z0-9+/]{32}[A-Za-z0-9+/\r\n]*={0,2}")


def kind_of(data: bytes) -> Kind:
    """The kind of file that the content tells."""
    head = data[:_HEAD]
    by_magic = _by_magic(head)
    if by_magic is not Kind.UNKNOWN:
        return by_magic
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    for magic, kind in _TEXTUAL:
        if text.startswith(magic):
            return kind
    return _one_line(data.removeprefix(b"\xef\xbb\xbf").strip(b" \t\r\n"))


def _by_magic(head: bytes) -> Kind:
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    for magic, place, marks in _CONTAINERS:
        if head.startswith(magic) and head[place:].startswith(marks):
            return Kind.PICTURE
    return Kind.UNKNOWN


def _one_line(text: bytes) -> Kind:
    """Text that is one thing from its first letter to its last."""
    if len(text) <= MAX_CODE and (_ADDRESS.fullmatch(text) or _FACTS.fullmatch(text)):
        return Kind.CODE
    if _COMPACT.fullmatch(text):
        return Kind.JWS
    return Kind.BASE64 if _LETTERS.fullmatch(text) else Kind.UNKNOWN


def admit(data: bytes, kind: Kind | None = None) -> Check:
    """Say whether a file can be read at all, and if not, why."""
    if not data:
        return not_done(CheckName.FILE_TYPE, "empty")
    if len(data) > MAX_BYTES:
        return not_done(CheckName.FILE_TYPE, "too_large")
    found = kind or kind_of(data)
    if found in {Kind.UNKNOWN, Kind.ZIP}:
        return not_done(CheckName.FILE_TYPE, "zip" if found is Kind.ZIP else "unknown_type")
    return passed(CheckName.FILE_TYPE, "picture" if found in PICTURES else found.value)
