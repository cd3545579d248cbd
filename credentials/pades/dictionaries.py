"""The PDF dictionaries that a seal and its archival updates consist of (pdf.md 3.3)."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from credentials.sealing import SealProfile

ESIC = b"/Extensions<</ESIC<</Type/DeveloperExtensions/BaseVersion/1.7/ExtensionLevel 1>>>>"
"""Says that this PDF 1.7 uses ETSI's signatures (ETSI EN 319 142-1, 5.6)."""
SIGNATURES_EXIST_APPEND_ONLY = 3
"""ISO 32000-1, table 219: writers must append, or they break the seal."""
HIDDEN = 132
"""Print (4) and Locked (128), ISO 32000-1, table 165: PDF/A wants Print, nobody moves it."""
_SPECIAL = re.compile(rb"[()\\\r\n]")
_ESCAPES = {b"\r": rb"\r", b"\n": rb"\n"}
_BYTE_ORDER_MARK = b"\xfe\xff"
_PLAIN = re.compile(r"[ -~]*")
_ZLIB = b"\x78\x01"
_BLOCK = 65_535
"""Bytes of a stored block at most."""


def text_string(value: str) -> bytes:
    """A text string (ISO 32000-1, 7.9.2.2): ASCII as it is, anything else in UTF-16BE.

    A line ending inside a literal would be read as another one (7.3.4.2), and UTF-16 has
    those bytes in common letters, so they are escaped too.
    """
    if _PLAIN.fullmatch(value):
        encoded = value.encode("ascii")
    else:
        encoded = _BYTE_ORDER_MARK + value.encode("utf-16-be")
    return b"(%b)" % _SPECIAL.sub(lambda one: _ESCAPES.get(one[0], b"\\" + one[0]), encoded)


def date(moment: datetime) -> bytes:
    """A date in UTC (ISO 32000-1, 7.9.4)."""
    utc = moment.astimezone(UTC)
    stated = utc.year, utc.month, utc.day, utc.hour, utc.minute, utc.second
    return b"(D:%04d%02d%02d%02d%02d%02dZ)" % stated


def page_with(page: bytes, widget: int) -> bytes:
    """The first page with one more widget, put first among its annotations."""
    if b"/Annots[" in page:
        return page.replace(b"/Annots[", b"/Annots[%d 0 R " % widget, 1)
    return b"%b/Annots[%d 0 R]>>" % (page[:-2], widget)


def catalog_with(catalog: bytes, fields: Sequence[int], seal: int, dss: int | None = None) -> bytes:
    """The renderer's catalog with the form, the certification and the archive data."""
    store = b"" if dss is None else b"/DSS %d 0 R" % dss
    return b"%b/AcroForm<</Fields%b/SigFlags %d>>/Perms<</DocMDP %d 0 R>>%b%b>>" % (
        catalog[:-2],
        references(fields),
        SIGNATURES_EXIST_APPEND_ONLY,
        seal,
        ESIC,
        store,
    )


def references(numbers: Sequence[int]) -> bytes:
    """An array of references."""
    return b"[%b]" % b" ".join([b"%d 0 R" % number for number in numbers])


def widget(name: bytes, page: int, value: int) -> bytes:
    """An invisible signature field merged with its widget (ISO 32000-1, 12.7.4.5)."""
    return (b"<</Type/Annot/Subtype/Widget/FT/Sig/T%b/F %d/Rect[0 0 0 0]/P %d 0 R/V %d 0 R>>") % (
        name,
        HIDDEN,
        page,
        value,
    )


def signature_before(profile: SealProfile) -> tuple[bytes, bytes]:
    """A signature dictionary up to its time, and from there to the byte range."""
    head = b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/%b/M" % profile.subfilter.encode("ascii")
    reason = b"/Reason" + text_string(profile.reason) if profile.reason else b""
    location = b"/Location" + text_string(profile.location) if profile.location else b""
    permissions = b"<</Type/TransformParams/V/1.2/P %d>>" % profile.docmdp
    reference = b"<</Type/SigRef/TransformMethod/DocMDP/TransformParams%b>>" % permissions
    return head, b"%b%b/Reference[%b]/ByteRange" % (reason, location, reference)


def stamp_field(count: int) -> bytes:
    """Name of the field of the archive time-stamp with that count, from 1."""
    return b"(ArchiveTimestamp%d)" % count


DOCUMENT_TIME_STAMP = b"<</Type/DocTimeStamp/Filter/Adobe.PPKLite/SubFilter/ETSI.RFC3161/ByteRange"
"""ETSI EN 319 142-1, 5.4.3."""


def document_security_store(
    certificates: Sequence[int], ocsps: Sequence[int], crls: Sequence[int]
) -> bytes:
    """The DSS (ETSI EN 319 142-1, 5.4.2.2), without VRI: the data speaks for the whole file."""
    return b"<</Type/DSS/Certs%b/OCSPs%b/CRLs%b>>" % (
        references(certificates),
        references(ocsps),
        references(crls),
    )


def stream(content: bytes) -> bytes:
    """A stream in stored blocks (ISO 32000-1, 7.3.8 and 7.4.4; RFC 1951 3.2.4).

    DER hardly shrinks, and deflate spells the same content in many ways: at level B-LT, where
    nothing covers these bytes, a verifier has to know the one way in which we write them.
    """
    packed = b"".join((_ZLIB, *_blocks(content), zlib.adler32(content).to_bytes(4, "big")))
    return b"<</Length %d/Filter/FlateDecode>>\nstream\n%b\nendstream" % (len(packed), packed)


def _blocks(content: bytes) -> Iterator[bytes]:
    for at in range(0, max(1, len(content)), _BLOCK):
        block = content[at : at + _BLOCK]
        last, size = at + _BLOCK >= len(content), len(block)
        yield b"%c%b%b%b" % (last, _two(size), _two(size ^ _BLOCK), block)


def _two(number: int) -> bytes:
    return number.to_bytes(2, "little")
