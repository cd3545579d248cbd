"""Archive data that no signature covers (level B-LT) have one form, and it is rebuilt here.

A seal covers what stands before it, and a time-stamp the update that it closes. Nothing
covers an update that only adds validation data, so every byte of it that could be another
one would be free: the file could be changed and would still be called genuine. So all of it
follows from what the streams hold, and that is kept by their check sums
(`spec/pdf.md` 3.3, update 2).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

from verifier.pdf.syntax import Refused

if TYPE_CHECKING:
    from verifier.pdf.revisions import PdfFile

BLOCK = 65_535
"""Bytes of a stored block (RFC 1951 3.2.4)."""
_BLOCK_HEAD = 5
_HEAD, _SUM = b"\x78\x01", 4
_STORE = re.compile(rb"/DSS \d+ 0 R")
_KEPT = re.compile(rb"/Info \d+ 0 R/ID\[[^\]]*\](?=/Prev \d)")
"""Of the trailer: both halves of the ID are the same in all updates of one sealing (3.3)."""
_START = re.compile(rb"startxref\n(\d+)\n%%EOF\n?\Z")


def require_exact(file: PdfFile, lists: Mapping[str, list[int]], root: int, store: int) -> None:
    """Refuse the last update unless its bytes are the only ones that say what it says.

    Args:
        file: its last update brings validation data and no time-stamp.
        lists: the object numbers of the DSS by its entries, in their order.
        root: the number of the catalog.
        store: the number of the DSS.

    Raises:
        Refused: one byte is another.
    """
    update = file.revisions[-1]
    new = (number for numbers in lists.values() for number in numbers)
    streams = (number for number in new if number in update.objects)
    bodies = [(number, _stream(file, number)) for number in streams]
    listed = b"".join(b"/%b[%b]" % (key.encode(), _refs(some)) for key, some in lists.items())
    bodies.append((store, b"<</Type/DSS%b>>" % listed))
    bodies.append((root, _catalog(file, root, store)))
    if b"".join(_laid(file, bodies, root)) != file.data[update.start : update.end]:
        raise Refused("archive_data")


def stored(content: bytes) -> bytes:
    """The one way to write this as a zlib stream of stored blocks (RFC 1950, RFC 1951 3.2.4).

    Deflate has many spellings of the same content; this has one, on every machine.
    """
    starts = range(0, max(1, len(content)), BLOCK)
    blocks = [content[at : at + BLOCK] for at in starts]
    heads = [
        b"%c%b%b" % (number == len(blocks), _two(len(block)), _two(len(block) ^ BLOCK))
        for number, block in enumerate(blocks, 1)
    ]
    sum_ = zlib.adler32(content).to_bytes(_SUM, "big")
    return _HEAD + b"".join(b"".join(one) for one in zip(heads, blocks, strict=True)) + sum_


def _two(number: int) -> bytes:
    return number.to_bytes(2, "little")


def _stream(file: PdfFile, number: int) -> bytes:
    packed = file.revisions[-1].objects[number].stream or b""
    inner, step = packed[len(_HEAD) : -_SUM], _BLOCK_HEAD + BLOCK
    content = b"".join(inner[at + _BLOCK_HEAD : at + step] for at in range(0, len(inner), step))
    exact = stored(content)  # compared with what is there by whoever asked
    return b"<</Length %d/Filter/FlateDecode>>\nstream\n%b\nendstream" % (len(exact), exact)


def _catalog(file: PdfFile, root: int, store: int) -> bytes:
    """The catalog as the update before has it, with this DSS at its end."""
    before = file.at(root, len(file.revisions) - 2)
    if before is None:
        raise Refused("archive_data")
    written = _STORE.sub(b"", file.data[slice(*before.place)].strip(), count=1)
    return b"%b/DSS %d 0 R>>" % (written.removesuffix(b">>"), store)


def _laid(file: PdfFile, bodies: Iterable[tuple[int, bytes]], root: int) -> Iterator[bytes]:
    """The update: its objects, its table and its trailer."""
    update, before = file.revisions[-1:-3:-1]
    at, rows = update.start, dict[int, bytes]()
    for number, body in bodies:
        rows[number] = b"%010d 00000 n\r\n" % at
        laid = b"%d 0 obj\n%b\nendobj\n" % (number, body)
        at += len(laid)
        yield laid
    yield b"xref\n" + b"".join(_runs(rows))
    earlier = file.data[before.start : before.end]
    kept, start = _KEPT.findall(earlier), _START.search(earlier)
    if not kept or start is None:
        raise Refused("archive_data")
    size = 1 + max(number for one in file.revisions for number in one.objects)
    end = (size, root, kept[-1], int(start[1]), at)
    yield b"trailer\n<</Size %d/Root %d 0 R%b/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % end


def _runs(rows: Mapping[int, bytes]) -> Iterator[bytes]:
    """One subsection for each run of consecutive numbers (ISO 32000-1, 7.5.4)."""
    numbers = sorted(rows)
    breaks = [n for n, (one, after) in enumerate(pairwise(numbers), 1) if after != one + 1]
    for first, end in pairwise([0, *breaks, len(numbers)]):
        run = numbers[first:end]
        yield b"%d %d\n" % (run[0], len(run)) + b"".join(rows[number] for number in run)


def _refs(numbers: Iterable[int]) -> bytes:
    return b" ".join(b"%d 0 R" % number for number in numbers)
