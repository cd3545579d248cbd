"""A file of objects (ISO 32000-1 7.5): their numbers, streams, and the table that finds them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import deflate

_LEVEL: Final = 6
STRONGEST: Final = 12
"""For what is packed once and goes into many documents."""
_HEADER: Final = b"%PDF-1.7\n%\x80\x80\x80\x80\n\n"


class Objects:
    """Objects of one file, by number."""

    def __init__(self) -> None:
        self._bodies: list[bytes] = []

    def new(self) -> int:
        """A number whose body comes later."""
        self._bodies.append(b"")
        return len(self._bodies)

    def put(self, number: int, body: bytes) -> None:
        """The body of that number."""
        self._bodies[number - 1] = body

    def add(self, body: bytes) -> int:
        """A body under the next number."""
        self._bodies.append(body)
        return len(self._bodies)

    def bodies(self) -> Sequence[bytes]:
        """All of them; the first is number 1."""
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


def file_of(bodies: Sequence[bytes], catalog: int, info: int, identifier: bytes) -> bytes:
    """Objects one behind the other, and the table that finds them (ISO 32000-1 7.5)."""
    parts, rows, at = [_HEADER], [b"0000000000 65535 f\r\n"], len(_HEADER)
    for n, body in enumerate(bodies, 1):
        written = b"%d 0 obj\n%b\nendobj\n" % (n, body)
        rows.append(b"%010d 00000 n\r\n" % at)
        at += len(written)
        parts.append(written)
    parts += (b"xref\n0 %d\n" % (len(bodies) + 1), *rows)
    parts.append(
        b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R/ID[(%b)(%b)]>>\nstartxref\n%d\n%%%%EOF"
        % (len(bodies) + 1, catalog, info, identifier, identifier, at)
    )
    return b"".join(parts)
