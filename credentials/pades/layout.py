"""Incremental updates, byte by byte (ISO 32000-1, 7.5.6; order and form: pdf.md 3.3).

An update is appended: its objects, a cross-reference table of only those objects, and a
trailer that points back at the table before it. Nothing that stands already is touched.
"""

from __future__ import annotations

from binascii import hexlify
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from credentials.errors import PlaceholderOverflow

BYTE_RANGE_FIELD = 40
"""`[0 i j k]` with offsets of up to ten digits (7.5.4) is 36 bytes; 40 leaves the blanks around."""
HEXADECIMAL = 2
"""Digits per byte of a hexadecimal string (7.3.4.3)."""

_CONTENTS, _CLOSING = b"/Contents", b">>\nendobj\n"
_ROW = b"%010d 00000 n\r\n"

PdfObject = tuple[int, bytes]
"""Number and body of one object; every generation is 0."""


class Trailer(NamedTuple):
    """What the end of an update says about the file (ISO 32000-1, table 15)."""

    size: int
    root: int
    info: int
    identifiers: tuple[bytes, bytes]
    """Both halves of /ID as they are written: the first kept, the second new (14.4)."""
    previous: int
    """Offset of the table before."""


class SignaturePlace(NamedTuple):
    """A signature dictionary before it is signed.

    /Contents comes last, so that the byte range leaves out nothing but its digits.
    """

    before: bytes
    """Everything up to the value of /ByteRange."""
    room: int
    """Bytes kept for the signature; twice as many digits."""


class Laid(NamedTuple):
    """A file with its update and the byte range of that filled in, ready to be signed."""

    document: bytes
    gap: tuple[int, int]
    """Offsets of `<` and just after `>`."""


@lru_cache(maxsize=8)
def empty(room: int) -> bytes:
    """A hexadecimal string of that many zero bytes."""
    return b"<%b>" % (b"0" * (HEXADECIMAL * room))


def lay(start: int, objects: Sequence[PdfObject], trailer: Trailer) -> bytes:
    """Write one update that begins at that offset."""
    parts, offsets, xref = _objects(start, objects)
    return b"".join((*parts, _table(offsets), _end(trailer, xref)))


def lay_for_signing(
    file: Sequence[bytes],
    objects: Sequence[PdfObject],
    trailer: Trailer,
    signature: tuple[int, SignaturePlace],
) -> Laid:
    """Add an update that ends in a signature dictionary, and state what it will cover.

    The file so far comes in parts, so that all of it is copied once.
    """
    number, place = signature
    parts, offsets, at = _objects(sum(map(len, file)), objects)
    offsets[number] = at
    head, digits = b"%d 0 obj\n%b" % (number, place.before), empty(place.room)
    opening = at + len(head) + BYTE_RANGE_FIELD + len(_CONTENTS)
    closing = opening + len(digits)
    xref = closing + len(_CLOSING)
    rest = b"%b%b%b" % (_CLOSING, _table(offsets), _end(trailer, xref))
    stated = b"[0 %d %d %d]" % (opening, closing, len(rest))
    filled = stated.ljust(BYTE_RANGE_FIELD)
    document = b"".join((*file, *parts, head, filled, _CONTENTS, digits, rest))
    return Laid(document, (opening, closing))


def fill(encoded: bytes, gap: tuple[int, int], value: bytes) -> bytes:
    """Write a value into its place in lower-case digits; zeros stay behind it.

    Raises:
        PlaceholderOverflow: it is larger than its place.
    """
    digits = hexlify(value)
    start, end = gap[0] + 1, gap[0] + 1 + len(digits)
    if end >= gap[1]:
        raise PlaceholderOverflow
    view = memoryview(encoded)
    return b"".join((view[:start], digits, view[end:]))


def _objects(start: int, objects: Sequence[PdfObject]) -> tuple[list[bytes], dict[int, int], int]:
    """The objects one behind another, where each begins, and where the last one ends."""
    parts, offsets, at = [], {}, start
    for one in objects:
        encoded = b"%d 0 obj\n%b\nendobj\n" % one
        offsets[one[0]] = at
        at += len(encoded)
        parts.append(encoded)
    return parts, offsets, at


def _table(offsets: dict[int, int]) -> bytes:
    """Where each of these objects is (7.5.4)."""
    numbers = sorted(offsets)
    return _rows(tuple(numbers)) % tuple(map(offsets.__getitem__, numbers))


@lru_cache(maxsize=64)
def _rows(numbers: tuple[int, ...]) -> bytes:
    """One subsection per run of consecutive numbers, rows of exactly 20 bytes to be filled in."""
    runs: dict[int, int] = {}
    first = after = -1
    for number in numbers:
        if number != after:
            first, runs[number] = number, 0
        runs[first] += 1
        after = number + 1
    listed = [b"%d %d\n%b" % (one, rows, _ROW * rows) for one, rows in runs.items()]
    return b"xref\n" + b"".join(listed)


def _end(trailer: Trailer, xref: int) -> bytes:
    first, second = trailer.identifiers
    return (
        b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[%b%b]/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
    ) % (trailer.size, trailer.root, trailer.info, first, second, trailer.previous, xref)
