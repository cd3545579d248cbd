"""Wrappings around one file: gzip (RFC 1952) and base64 (RFC 4648), as EMREX sends ELMO.

Counted while it unpacks: a wrapping that holds more than it may is left alone. A
wrapping in a wrapping of the same kind is never opened.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from verifier.errors import ReadingFailed
from verifier.intake import Kind, kind_of

if TYPE_CHECKING:
    from datetime import datetime

    from verifier.ports import Reader
    from verifier.verdict import Evidence

MAX_PLAIN = 32 * 1024 * 1024
"""emrex.md 3.5.1."""
MAX_RATIO = 200
FREE = 1024 * 1024
"""So much may come out of anything; beyond it the ratio counts (emrex.md 3.5.1)."""
_GZIP = 16 + zlib.MAX_WBITS


@dataclass(frozen=True, slots=True)
class UnpackingReader:
    """Takes one kind of wrapping off and hands what is inside to the reader of its kind."""

    unpack: Callable[[bytes], bytes]
    readers: Mapping[Kind, Reader]
    """For what may be inside; anything else is not read."""

    def read(self, data: bytes, trust: bytes | None, now: datetime) -> Evidence:
        """What the reader of the inner kind says.

        Raises:
            ReadingFailed: damaged, too much inside, or of a kind that is not read here.
        """
        inside = self.unpack(data)
        reader = self.readers.get(kind_of(inside))
        if reader is None:
            raise ReadingFailed("unknown_type")
        return reader.read(inside, trust, now)


def gunzip(data: bytes) -> bytes:
    """What one gzip member holds.

    Raises:
        ReadingFailed: damaged, more members or octets after it, or more than we unpack.
    """
    running, most = zlib.decompressobj(_GZIP), min(MAX_PLAIN, max(FREE, MAX_RATIO * len(data)))
    try:
        plain = running.decompress(data, most + 1)
    except zlib.error as cause:
        raise ReadingFailed("damaged") from cause
    if len(plain) > most:
        raise ReadingFailed("unpacks_too_large")
    if not running.eof or running.unused_data:
        raise ReadingFailed("damaged")
    return plain


def from_base64(data: bytes) -> bytes:
    """What standard base64 spells; line breaks and blanks around it may stand between.

    Raises:
        ReadingFailed: it is not base64.
    """
    letters = data.removeprefix(b"\xef\xbb\xbf").translate(None, b" \t\r\n")
    try:
        return base64.b64decode(letters, validate=True)
    except binascii.Error as cause:
        raise ReadingFailed("damaged") from cause
