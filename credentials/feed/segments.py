"""Segments of the index: sorted hashes with a status each, in one flat file (docs/index-feed.md).

    "ECHTIDX2" | count of files | of numbers | of covered digests   (three times 8 bytes)
    files      17 bytes each: first half of the SHA-256, status
    numbers    17 bytes each: first half of the SHA-256, status
    covered    16 bytes each: first half of the SHA-256

The other half of a hash proves that somebody has the file, so it stands in no list.
Everything is big-endian and sorted, so that a reader finds by halving and loads nothing.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from credentials.standing import Marks
from credentials.status import DocumentStatus

MAGIC = b"ECHTIDX2"
HEAD = struct.Struct(">8sQQQ")
RECORD = 17
DIGEST = 16
STATUS_BYTE = {
    DocumentStatus.ACTIVE: b"\x00",
    DocumentStatus.SUPERSEDED: b"\x01",
    DocumentStatus.WITHDRAWN: b"\x02",
}


@dataclass(frozen=True, slots=True)
class Written:
    """A segment, and how many documents are in it."""

    data: bytes
    documents: int


def write_segment(marks: Iterable[Marks]) -> Written:
    """All these documents as one segment."""
    files, numbers, covered = [], [], []
    for one in marks:
        status = STATUS_BYTE[one.status]
        files.append(_published(one.file) + status)
        numbers.append(_published(one.number) + status)
        covered.append(_published(one.covered))
    seals = sorted(one for one in covered if len(one) == DIGEST)
    head = HEAD.pack(MAGIC, len(files), len(numbers), len(seals))
    data = b"".join((head, *sorted(files), *sorted(numbers), *seals))
    return Written(data, len(files))


def changed_since(base: bytes, marks: Iterable[Marks]) -> Iterator[Marks]:
    """What is not, or not so, in a segment; `marks` come in the order of their files."""
    _, count, _, _ = HEAD.unpack_from(base)
    place, end = HEAD.size, HEAD.size + RECORD * count
    for one in marks:
        wanted = _published(one.file)
        while place < end and base[place : place + DIGEST] < wanted:
            place += RECORD
        if base[place : place + RECORD] != wanted + STATUS_BYTE[one.status] or place >= end:
            yield one


def _published(sha256: str) -> bytes:
    return bytes.fromhex(sha256)[:DIGEST]
