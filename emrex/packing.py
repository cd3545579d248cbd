"""base64( gzip( XML ) ): how a document travels in the form (emrex.md 2.2, 3.4 and 3.5.1).

Packing is reproducible. Unpacking is done in steps, so that what would grow beyond the limits
is refused before it has grown.
"""

from __future__ import annotations

import base64
import binascii
import zlib

import deflate

from emrex.errors import PayloadRefused

LEVEL = 6
"""Most of a document is a PDF in base64, which no level shrinks by more than a quarter."""
MAX_PACKED = 8 * 1024 * 1024
MAX_PLAIN = 32 * 1024 * 1024
MAX_RATIO, RATIO_FREE = 200, 1024 * 1024
"""How much more than it was something may become, after the first megabyte."""
_STEP = 256 * 1024
_GZIP = 16 + zlib.MAX_WBITS


def packed(document: bytes) -> str:
    """One gzip member without a time, in base64 without line breaks."""
    return base64.b64encode(deflate.gzip_compress(document, LEVEL)).decode("ascii")


def unpacked(text: str) -> bytes:
    """The document in the form value; blanks and line breaks in the base64 are passed over.

    Raises:
        PayloadRefused: not base64, not one whole gzip member, or more than we read.
    """
    return inflated(decoded(text))


def decoded(text: str) -> bytes:
    """What stands in base64; blanks and line breaks are passed over.

    Raises:
        PayloadRefused: not base64, or more than we read.
    """
    letters = "".join(text.split())
    if len(letters) > MAX_PACKED * 4 // 3 + 4:
        raise PayloadRefused("The document is larger than 8 MB packed.", "too-large")
    try:
        return base64.b64decode(letters, validate=True)
    except (binascii.Error, ValueError) as cause:
        raise PayloadRefused("The value is not base64.", "not-base64") from cause


def inflated(data: bytes) -> bytes:
    """What one gzip member holds.

    Raises:
        PayloadRefused: not one whole gzip member, or more than we read.
    """
    if len(data) > MAX_PACKED:
        raise PayloadRefused("The document is larger than 8 MB packed.", "too-large")
    machine = zlib.decompressobj(_GZIP)
    # Pieces, and no buffer that grows: to make room for more it would be there twice.
    pieces, size, rest = list[bytes](), 0, data
    while rest and not machine.eof:
        pieces.append(_step(machine, rest))
        size += len(pieces[-1])
        rest = machine.unconsumed_tail
        _require_modest(size, len(data))
    if not machine.eof:
        raise PayloadRefused("The gzip data ends too early.", "cut-short")
    if machine.unused_data or rest:
        raise PayloadRefused("There is something behind the gzip data.", "trailing-bytes")
    return b"".join(pieces)


def _step(machine: zlib._Decompress, rest: bytes) -> bytes:
    try:
        return machine.decompress(rest, _STEP)
    except zlib.error as cause:
        raise PayloadRefused("The value is not gzip.", "not-gzip") from cause


def _require_modest(plain: int, packed_size: int) -> None:
    if plain > MAX_PLAIN:
        raise PayloadRefused("The document is larger than 32 MB.", "too-large")
    if plain > RATIO_FREE and plain - RATIO_FREE > MAX_RATIO * packed_size:
        raise PayloadRefused("The document grows too much when unpacked.", "bomb")
