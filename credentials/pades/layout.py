"""Incremental updates, byte by byte (ISO 32000-1, 7.5.6; order and form: pdf.md 3.3).

An update is appended: its objects, a cross-reference table of only those objects, and a
trailer that points back at the table before it. Nothing that stands already is touched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from credentials.errors import PlaceholderOverflow

BYTE_RANGE_FIELD = 40
"""`[0 i j k]` with offsets of up to ten digits (7.5.4) is 36 bytes; 40 leaves the blanks around."""
HEXADECIMAL = 2
"""Digits per byte of a hexadecimal string (7.3.4.3)."""

PdfObject = tuple[int, bytes]
"""Number and body of one object; every generation is 0."""


@dataclass(frozen=True, slots=True)
class Trailer:
    """What the end of an update says about the file (ISO 32000-1, table 15)."""

    size: int
    root: int
    info: int
    identifiers: tuple[bytes, bytes]
    """Both halves of /ID as they are written: the first kept, the second new (14.4)."""
    previous: int
    """Offset of the table before."""


@dataclass(frozen=True, slots=True)
class Update:
    """The bytes of one update and where its objects begin, counted from the file's first byte."""

    encoded: bytes
    offsets: dict[int, int]
    xref: int


@dataclass(frozen=True, slots=True)
class SignaturePlace:
    """A signature dictionary before it is signed, in three pieces.

    /Contents comes last, so that the byte range leaves out nothing but its digits.
    """

    before: bytes
    """Everything up to the value of /ByteRange."""
    room: int
    """Bytes kept for the signature; twice as many digits."""

    @property
    def body(self) -> bytes:
        """The dictionary with blanks for the byte range and zeros for the signature."""
        return b"%b%b/Contents%b>>" % (self.before, b" " * BYTE_RANGE_FIELD, empty(self.room))


@dataclass(frozen=True, slots=True)
class Laid:
    """An update with its byte range filled in, ready to be signed."""

    encoded: bytes
    gap: tuple[int, int]
    """Offsets in the whole file of `<` and just after `>`."""
    xref: int


def empty(room: int) -> bytes:
    """A hexadecimal string of that many zero bytes."""
    return b"<%b>" % (b"0" * (HEXADECIMAL * room))


def lay(start: int, objects: Sequence[PdfObject], trailer: Trailer) -> Update:
    """Write one update that begins at that offset."""
    parts, offsets, at = [], {}, start
    for number, body in objects:
        encoded = b"%d 0 obj\n%b\nendobj\n" % (number, body)
        offsets[number] = at
        at += len(encoded)
        parts.append(encoded)
    parts.append(_table(offsets))
    parts.append(_end(trailer, at))
    return Update(b"".join(parts), offsets, at)


def lay_for_signing(
    start: int,
    objects: Sequence[PdfObject],
    trailer: Trailer,
    signature: tuple[int, SignaturePlace],
) -> Laid:
    """Write an update that ends in a signature dictionary, and state what it will cover."""
    number, place = signature
    update = lay(start, (*objects, (number, place.body)), trailer)
    field = update.offsets[number] - start + len(b"%d 0 obj\n" % number) + len(place.before)
    opening = field + BYTE_RANGE_FIELD + len(b"/Contents")
    closing = opening + HEXADECIMAL * place.room + 2
    encoded = update.encoded
    stated = b"[0 %d %d %d]" % (start + opening, start + closing, len(encoded) - closing)
    filled = stated.ljust(BYTE_RANGE_FIELD)
    encoded = b"".join((encoded[:field], filled, encoded[field + BYTE_RANGE_FIELD :]))
    return Laid(encoded, (start + opening, start + closing), update.xref)


def fill(encoded: bytes, gap: tuple[int, int], value: bytes) -> bytes:
    """Write a value into its place in lower-case digits; zeros stay behind it.

    Raises:
        PlaceholderOverflow: it is larger than its place.
    """
    digits = value.hex().encode()
    start, end = gap[0] + 1, gap[0] + 1 + len(digits)
    if end >= gap[1]:
        raise PlaceholderOverflow
    view = memoryview(encoded)
    return b"".join((view[:start], digits, view[end:]))


def _table(offsets: dict[int, int]) -> bytes:
    """One subsection per run of consecutive numbers, rows of exactly 20 bytes (7.5.4)."""
    parts, numbers = [b"xref\n"], sorted(offsets)
    for place, number in enumerate(numbers):
        if place == 0 or number != numbers[place - 1] + 1:
            parts.append(b"%d %d\n" % (number, _run(numbers, place)))
        parts.append(b"%010d 00000 n\r\n" % offsets[number])
    return b"".join(parts)


def _run(numbers: Sequence[int], place: int) -> int:
    """How many numbers follow one another from that place on."""
    end = place + 1
    while end < len(numbers) and numbers[end] == numbers[end - 1] + 1:
        end += 1
    return end - place


def _end(trailer: Trailer, xref: int) -> bytes:
    first, second = trailer.identifiers
    return (
        b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[%b%b]/Prev %d>>\nstartxref\n%d\n%%%%EOF\n"
    ) % (trailer.size, trailer.root, trailer.info, first, second, trailer.previous, xref)
