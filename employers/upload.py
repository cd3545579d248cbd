"""The documents of a form, one after another, never more than one of them in plain memory.

A form library would keep a large part in a file on disk, in the clear. Here each part is
handed on as it ends, and whoever gets it encrypts it. Names and declared types are not read.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from employers.errors import JobTooLarge, NotDocuments, WrongBodyType
from employers.jobs import MAX_BYTES
from employers.unpacking import MAX_ZIP, is_archive
from verifier.intake import MAX_BYTES as MAX_DOCUMENT

ROOM_AROUND = 4 * 1024 * 1024
"""For the lines of the form around a thousand documents."""
MAX_HEADERS = 8 * 1024
"""Of one part."""


@dataclass(frozen=True, slots=True)
class Part:
    """One document: its bytes as far as a check would read them, and the hash of all of it."""

    data: bytes
    sha256: str


async def documents_of(request: Request) -> AsyncIterator[Part]:
    """Every document of a form in the order of sending.

    Raises:
        WrongBodyType: the body is not multipart/form-data.
        NotDocuments: the form cannot be read, or a part of it is not a file.
        JobTooLarge: the body is larger than any job.
    """
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    if kind != b"multipart/form-data":
        raise WrongBodyType("Send the documents as a form (multipart/form-data).")
    boundary = options.get(b"boundary", b"")
    if not 1 <= len(boundary) <= 70:  # noqa: PLR2004 - RFC 2046 5.1.1
        raise _unreadable()
    parts = _Parts(boundary)
    async for chunk in _counted(request):
        for part in parts.feed(chunk):
            yield part
    parts.finish()


class _Parts:
    """Collects parts as the parser goes through them."""

    def __init__(self, boundary: bytes) -> None:
        self._ready: list[Part] = []
        self._headers = bytearray()
        self._data = bytearray()
        self._hash = hashlib.sha256()
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": self._header,
                "on_header_value": self._header,
                "on_header_end": self._header_end,
                "on_headers_finished": self._headers_finished,
                "on_part_data": self._collect,
                "on_part_end": self._end,
                "on_end": self._all,
            },
        )
        self._complete = False

    def feed(self, chunk: bytes) -> list[Part]:
        """The parts that end in this piece of the body."""
        try:
            self._parser.write(chunk)
        except FormParserError as cause:
            raise _unreadable() from cause
        ready, self._ready = self._ready, []
        return ready

    def finish(self) -> None:
        """Nothing more comes: the form has to be whole."""
        if not self._complete:
            raise _unreadable()

    def _begin(self) -> None:
        self._headers.clear()
        self._data = bytearray()
        self._hash = hashlib.sha256()

    def _header(self, data: bytes, start: int, end: int) -> None:
        self._headers += data[start:end].lower() + b" "
        if len(self._headers) > MAX_HEADERS:
            raise _unreadable()

    def _header_end(self) -> None:
        self._headers += b"\n"

    def _headers_finished(self) -> None:
        if b"filename" not in self._headers:
            raise NotDocuments("Every part of the form has to be a file.")

    def _collect(self, data: bytes, start: int, end: int) -> None:
        piece = data[start:end]
        self._hash.update(piece)
        most = MAX_ZIP if is_archive(bytes(self._data[:4]) or piece[:4]) else MAX_DOCUMENT
        self._data += piece[: max(0, most + 1 - len(self._data))]

    def _end(self) -> None:
        self._ready.append(Part(bytes(self._data), self._hash.hexdigest()))
        self._data = bytearray()

    def _all(self) -> None:
        self._complete = True


async def _counted(request: Request) -> AsyncGenerator[bytes, None]:
    total = 0
    async for chunk in request.stream():
        total += len(chunk)
        if total > MAX_BYTES + ROOM_AROUND:
            raise JobTooLarge("A job takes at most 256 MB.")
        yield chunk


def _unreadable() -> NotDocuments:
    return NotDocuments("We cannot read the form that the documents should be in.")
