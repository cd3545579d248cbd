"""A file of objects (ISO 32000-1 7.5): their numbers, streams, and the table that finds them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import deflate

_LEVEL: Final = 6
STRONGEST: Final = 12
"""For what is packed once and goes into many documents."""
HEADER: Final = b"%PDF-1.7\n%\x80\x80\x80\x80\n\n"
_FREE: Final = b"0000000000 65535 f\r\n"
"""Row of object 0 (ISO 32000-1 7.5.4)."""


class Objects:
    """Objects of one file, by number; the first ones may stand elsewhere already."""

    def __init__(self, before: int = 0) -> None:
        self._before = before
        self._bodies: list[bytes] = []

    def new(self) -> int:
        """A number whose body comes later."""
        return self.add(b"")

    def put(self, number: int, body: bytes) -> None:
        """The body of that number."""
        self._bodies[number - self._before - 1] = body

    def add(self, body: bytes) -> int:
        """A body under the next number."""
        self._bodies.append(body)
        return self._before + len(self._bodies)

    def bodies(self) -> Sequence[bytes]:
        """All of them, in the order of their numbers."""
        return self._bodies


def pack(data: bytes, level: int = _LEVEL) -> bytes:
    """Deflated, the same on any machine (RFC 1950)."""
    return bytes(deflate.zlib_compress(data, level))


def stream(entries: bytes, data: bytes) -> bytes:
    """A stream of deflated data, with more entries in its dictionary."""
    return b"<</Length %d%b/Filter/FlateDecode>>\nstream\n%b\nendstream" % (
        len(data),
        entries,
        data,
    )


def encoded(number: int, body: bytes) -> bytes:
    """An object as it stands in the file (ISO 32000-1 7.3.10)."""
    return b"%d 0 obj\n%b\nendobj\n" % (number, body)


def row(offset: int) -> bytes:
    """Where an object is, as the table says it (ISO 32000-1 7.5.4)."""
    return b"%010d 00000 n\r\n" % offset


def file_of(
    begun: tuple[bytes, bytes, int], bodies: Sequence[bytes], roots: tuple[int, int], id_: bytes
) -> bytes:
    """Objects one behind the other, and the table that finds them (ISO 32000-1 7.5).

    `begun` is how the file begins: its bytes, their rows, and how many objects they hold;
    `roots` are the catalog and the information.
    """
    data, listed, before = begun
    parts, rows, at = [data], [_FREE, listed], len(data)
    for number, body in enumerate(bodies, before + 1):
        written = encoded(number, body)
        rows.append(row(at))
        at += len(written)
        parts.append(written)
    size = before + len(bodies) + 1
    parts += (b"xref\n0 %d\n" % size, *rows)
    parts.append(
        b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[(%b)(%b)]>>\nstartxref\n%d\n%%%%EOF"
        % (size, *roots, id_, id_, at)
    )
    return b"".join(parts)
