"""The front door: size, and kind of file by its first bytes. Names and declared types lie."""

from __future__ import annotations

from enum import StrEnum

from verifier.verdict import Check, CheckName, failed, not_done, passed

MAX_BYTES = 10 * 1024 * 1024
"""`spec/verifier.md` 3.7.5."""

_HEAD = 1024


class Kind(StrEnum):
    """What a file is by content."""

    PDF = "pdf"
    XML = "xml"
    JSON = "json"
    PNG = "png"
    JPEG = "jpeg"
    ZIP = "zip"
    GZIP = "gzip"
    UNKNOWN = "unknown"


PICTURES = frozenset({Kind.PNG, Kind.JPEG})

_MAGIC = (
    (b"%PDF-", Kind.PDF),
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"\xff\xd8\xff", Kind.JPEG),
    (b"PK\x03\x04", Kind.ZIP),
    (b"PK\x05\x06", Kind.ZIP),
    (b"\x1f\x8b", Kind.GZIP),
)
_TEXTUAL = ((b"<", Kind.XML), (b"{", Kind.JSON), (b"[", Kind.JSON))


def kind_of(data: bytes) -> Kind:
    """The kind of file that the first bytes tell."""
    head = data[:_HEAD]
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    for magic, kind in _TEXTUAL:
        if text.startswith(magic):
            return kind
    return Kind.UNKNOWN


def admit(data: bytes) -> Check:
    """Say whether a file can be read at all, and if not, why."""
    if not data:
        return not_done(CheckName.FILE_TYPE, "empty")
    if len(data) > MAX_BYTES:
        return not_done(CheckName.FILE_TYPE, "too_large")
    kind = kind_of(data)
    if kind is Kind.PDF:
        return passed(CheckName.FILE_TYPE, "pdf")
    if kind in PICTURES:
        return failed(CheckName.FILE_TYPE, "picture")
    if kind is Kind.UNKNOWN:
        return not_done(CheckName.FILE_TYPE, "unknown_type")
    return not_done(CheckName.FILE_TYPE, f"not_yet_{kind.value}")
