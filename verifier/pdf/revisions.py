"""Every byte of a PDF accounted for: revisions that tile the file, objects that tile a revision.

ISO 32000-1 7.5.6 lets a file grow by updates, and general readers forgive what
stands between them. Here each update must begin where the last one ended, each
object must be listed in the cross-reference table of its own update, and nothing
may stand outside: no junk, no object that a repairing reader would pick up.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from verifier.pdf.syntax import Dictionary, Ref, Refused, Value, Values, skip_space

MAX_REVISIONS = 64
MAX_OBJECTS = 20_000

_TAIL = re.compile(rb"startxref\r?\n(\d{1,10})\r?\n%%EOF(?:\r\n|\n|\r)?\Z")
_END = re.compile(rb"\s*startxref\r?\n(\d{1,10})\r?\n%%EOF(\r\n|\n|\r)?")
_SECTION = re.compile(rb"(\d{1,10}) (\d{1,6}) ?\r?\n")
_ROW = re.compile(rb"(\d{10}) (\d{5}) ([nf])(?: \n| \r|\r\n)")
_HEADER = re.compile(rb"%PDF-1\.[4-7]\r?\n(?:%[\x80-\xff]{4,}\r?\n)?\s*")
_OBJECT = re.compile(rb"(\d{1,10}) 0 obj(?![A-Za-z0-9])")
_STREAM = re.compile(rb"\s*stream\r?\n")
_STREAM_END = re.compile(rb"\s*endstream(?![A-Za-z])")
_OBJECT_END = re.compile(rb"\s*endobj(?![A-Za-z])")
_LAST_TAIL = 64


@dataclass(frozen=True, slots=True)
class IndirectObject:
    """One object as one revision wrote it."""

    number: int
    value: Value
    stream: bytes | None
    stream_start: int = 0
    """Where the bytes of the stream begin in the file."""
    place: tuple[int, int] = (0, 0)
    """Where the value begins and ends in the file, with the white space around it."""


@dataclass(frozen=True, slots=True)
class Revision:
    """One update: its objects by number, its trailer, and the bytes that it fills."""

    objects: dict[int, IndirectObject]
    trailer: Dictionary
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class PdfFile:
    """A file whose every byte belongs to exactly one revision, oldest first."""

    data: bytes
    revisions: tuple[Revision, ...]

    def at(self, number: int, revision: int) -> IndirectObject | None:
        """The object as a reader of that revision sees it."""
        for layer in reversed(self.revisions[: revision + 1]):
            if number in layer.objects:
                return layer.objects[number]
        return None

    def frame(self, revision: int) -> bytes:
        """All bytes of one revision but the contents of its streams."""
        layer = self.revisions[revision]
        packed = [item for item in layer.objects.values() if item.stream is not None]
        parts, start = [], layer.start
        for item in sorted(packed, key=lambda item: item.stream_start):
            parts.append(self.data[start : item.stream_start])
            start = item.stream_start + len(item.stream or b"")
        return b"".join([*parts, self.data[start : layer.end]])

    def resolve(self, value: Value, revision: int) -> Value:
        """The value itself, a reference followed once (a chain of references is refused).

        Raises:
            Refused: the reference leads to nothing or to another reference.
        """
        if not isinstance(value, Ref):
            return value
        found = self.at(value.number, revision)
        if found is None or isinstance(found.value, Ref):
            raise Refused("dangling_reference")
        return found.value


@dataclass(frozen=True, slots=True)
class _Table:
    """One cross-reference table: where its live objects are, and how the update ends."""

    offset: int
    rows: dict[int, int]
    trailer: Dictionary
    end: int


def parse(data: bytes) -> PdfFile:
    """Account for every byte of the file.

    Raises:
        Refused: a byte is not accounted for; the reason says what kind.
    """
    header = _HEADER.match(data)
    if header is None:
        raise Refused("header")
    revisions: list[Revision] = []
    values = Values(data)
    start, body = 0, header.end()
    for table in _chain(data, values):
        if table.offset < body:
            raise Refused("revisions_overlap")
        objects = _objects(values, data, table, body)
        revisions.append(Revision(objects, table.trailer, start, table.end))
        start = body = table.end
    if start != len(data):
        raise Refused("trailing_bytes")
    return PdfFile(data, tuple(revisions))


def _chain(data: bytes, values: Values) -> list[_Table]:
    """All tables, oldest first, by following Prev from the end of the file."""
    tail = _TAIL.search(data, max(0, len(data) - _LAST_TAIL))
    if tail is None:
        raise Refused("trailing_bytes")
    tables: list[_Table] = []
    offset: Value = int(tail[1])
    while offset is not None:
        if not isinstance(offset, int) or len(tables) >= MAX_REVISIONS:
            raise Refused("revision_chain")
        if tables and offset >= tables[-1].offset:
            raise Refused("revision_chain")
        tables.append(_table(data, offset, values))
        offset = tables[-1].trailer.get("Prev")
    return tables[::-1]


def _table(data: bytes, offset: int, values: Values) -> _Table:
    if not data.startswith((b"xref\n", b"xref\r\n"), offset):
        raise Refused("cross_reference")
    pos = data.index(b"\n", offset) + 1
    rows: dict[int, int] = {}
    while not data.startswith(b"trailer", pos):
        pos = _section(data, pos, rows)
    trailer, pos = values.at(pos + len(b"trailer"))
    if not isinstance(trailer, dict) or trailer.keys() & {"XRefStm", "Encrypt"}:
        raise Refused("trailer")
    end = _END.match(data, pos)
    if end is None or int(end[1]) != offset:
        raise Refused("end_of_revision")
    return _Table(offset, rows, trailer, end.end())


def _section(data: bytes, pos: int, rows: dict[int, int]) -> int:
    head = _SECTION.match(data, pos)
    if head is None or int(head[2]) + len(rows) > MAX_OBJECTS:
        raise Refused("cross_reference")
    pos = head.end()
    for number in range(int(head[1]), int(head[1]) + int(head[2])):
        row = _ROW.match(data, pos)
        if row is None or number in rows:
            raise Refused("cross_reference")
        pos = row.end()
        if row[3] == b"n":
            rows[number] = _live(row)
        elif number:
            raise Refused("freed_object")
    return pos


def _live(row: re.Match[bytes]) -> int:
    if row[2] != b"00000":
        raise Refused("generation_not_zero")
    return int(row[1])


def _objects(values: Values, data: bytes, table: _Table, body: int) -> dict[int, IndirectObject]:
    """The objects of one revision, laid end to end from its first byte to its table."""
    found: dict[int, IndirectObject] = {}
    pos = body
    for number, offset in sorted(table.rows.items(), key=lambda row: row[1]):
        if data[pos:offset].strip(b"\r\n ") or offset < pos:
            raise Refused("object_outside_table")
        found[number], pos = _object(values, data, number, offset)
    if data[pos : table.offset].strip(b"\r\n "):
        raise Refused("object_outside_table")
    return found


def _object(values: Values, data: bytes, number: int, offset: int) -> tuple[IndirectObject, int]:
    head = _OBJECT.match(data, offset)
    if head is None or int(head[1]) != number:
        raise Refused("cross_reference")
    value, pos = values.at(head.end())
    place = (head.end(), pos)
    stream, start = None, 0
    opened = _STREAM.match(data, skip_space(data, pos))
    if opened is not None:
        start = opened.end()
        stream, pos = _stream(data, value, start)
    closed = _OBJECT_END.match(data, pos)
    if closed is None:
        raise Refused("malformed_object")
    return IndirectObject(number, value, stream, start, place), closed.end()


def _stream(data: bytes, value: Value, start: int) -> tuple[bytes, int]:
    """The bytes of a stream; its length stands in its own dictionary, as our sealers write it."""
    length = value.get("Length") if isinstance(value, dict) else None
    if type(length) is not int or length < 0 or start + length > len(data):
        raise Refused("stream_length")
    closed = _STREAM_END.match(data, start + length)
    if closed is None or (isinstance(value, dict) and value.get("Type") in {"ObjStm", "XRef"}):
        raise Refused("stream_length")
    return data[start : start + length], closed.end()
