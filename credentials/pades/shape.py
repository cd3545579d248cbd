"""Recognises the output of our own renderer, and nothing else (pdf.md 3.3).

Whoever can make us seal foreign bytes can hide content in them beforehand, and
every validator would call the result genuine. So the shape is checked strictly.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from credentials.errors import UnknownShape

STRING = rb"\([^()\\\]]{1,100}\)|<[0-9A-Fa-f]{2,128}>"
"""One half of a file identifier, literal or hexadecimal (ISO 32000-1, 14.4)."""
_TAIL = re.compile(
    rb"trailer\n<</Size (\d{1,7})/Root (\d{1,7}) 0 R/Info (\d{1,7}) 0 R"
    rb"/ID\[(" + STRING + rb") ?(?:" + STRING + rb")\]>>\nstartxref\n(\d{1,10})\n%%EOF\n?\Z"
)
TAIL_LENGTH = 600
"""Where a trailer must be found: two identifiers of 130 bytes, and the rest with room."""
ROW = 20
"""Bytes of one row of a cross-reference table (ISO 32000-1, 7.5.4)."""
_HEADER = b"%PDF-1.7\n%\x80\x80\x80\x80\n\n1 0 obj\n"
_FIRST = len(_HEADER) - len(b"1 0 obj\n")
"""Where object 1 is: right behind the header."""
_FIRST_OBJECT = b"%010d" % _FIRST
_DIGITS = b"0123456789"
_COLUMNS = ((10, b" "), (16, b" "), (18, b"\r"), (19, b"\n"))
"""Where each row of the table has what is not a digit, beside its `n` or `f`."""
_END, _STREAM_END = b"\nendobj\n", b"\nendstream\nendobj\n"
_STREAM = re.compile(rb"\d{1,7} 0 obj\n<</Length (\d{1,9})(?:/(?!Length )[^/\n]*)*>>\nstream\n")
"""How a stream begins: its length first and once, and its dictionary on one line."""
_BETWEEN_OFFSETS = " 00000 n\r\n"
_FIRST_ROW, _LIVE_ROW = b"  f\r\n", b"  n\r\n"
_CATALOG = re.compile(
    rb"<</Type/Catalog/Pages (\d{1,7}) 0 R/Metadata \d{1,7} 0 R/OutputIntents \d{1,7} 0 R"
    rb"/Lang\([a-z]{2}\)/StructTreeRoot \d{1,7} 0 R/MarkInfo<</Marked true/Suspects false>>"
    rb"/ViewerPreferences<</DisplayDocTitle true/Direction/L2R>>/Outlines \d{1,7} 0 R"
    rb"/Names<</EmbeddedFiles<</Names\[\(extract\.json\)(\d{1,7}) 0 R\]>>>>/AF\[\2 0 R\]>>"
)
"""Every key that the renderer writes and no other: nothing that opens, runs, hides or overrules."""
_PAGES = re.compile(
    rb"<</Type/Pages/Count (\d{1,4})/Kids\[(\d{1,7} 0 R(?: \d{1,7} 0 R){0,9998})\]>>"
)
_PAGE = re.compile(
    rb"<</Type/Page/Resources \d{1,7} 0 R/MediaBox\[0 0 [\d.]{1,9} [\d.]{1,9}\]"
    rb"/StructParents \d{1,7}/Tabs/S/Parent (\d{1,7}) 0 R/Contents \d{1,7} 0 R>>"
)


class OwnFile(NamedTuple):
    """What a seal must know about an untouched file of our renderer."""

    size: int
    """One more than the highest object number: where new numbers begin."""
    root: int
    info: int
    identifier: bytes
    """First half of /ID, as it is written: it never changes (ISO 32000-1, 14.4)."""
    xref: int
    """Offset of the cross-reference table."""
    catalog: bytes
    page_number: int
    page: bytes
    """Dictionary of the first page."""


def require_own_shape(pdf: bytes) -> bytes:
    """Give the file back, ending in exactly one newline.

    Raises:
        UnknownShape: not an untouched file of our renderer.
    """
    read_draft(pdf)
    return pdf + newline_after(pdf)


def newline_after(pdf: bytes) -> bytes:
    """What must stand between the renderer's `%%EOF` and an update.

    PDF/A wants an end-of-line there (ISO 19005-3, 6.1.9), and the renderer writes none.
    """
    return b"" if pdf.endswith(b"\n") else b"\n"


def read_draft(pdf: bytes) -> OwnFile:
    """Read what a seal must know.

    An updated file is never taken for a fresh one: its last trailer has /Prev, and its last
    table does not list every object from 0 on (ISO 32000-1, 7.5.6). Nor is anything put
    between: the objects of the table fill the file from its header on, byte by byte.

    Raises:
        UnknownShape: not an untouched file of our renderer.
    """
    tail = _TAIL.search(pdf, max(0, len(pdf) - TAIL_LENGTH))
    if tail is None or not pdf.startswith(_HEADER):
        raise foreign()
    size, root, info, xref = map(int, tail.group(1, 2, 3, 5))
    rows = _rows(pdf, xref, size, tail.start())
    _require_tiled(pdf, rows, tail.start(), xref)
    catalog = _dictionary(pdf, rows, root, size)
    tree = int(_whole(_CATALOG, catalog)[1])
    numbers = _kids(_dictionary(pdf, rows, tree, size))
    pages = [_dictionary(pdf, rows, number, size) for number in numbers]
    if any(int(_whole(_PAGE, page)[1]) != tree for page in pages):
        raise foreign()
    return OwnFile(size, root, info, tail[4], xref, catalog, numbers[0], pages[0])


def foreign() -> UnknownShape:
    """The error for a file that is not ours."""
    return UnknownShape("Only documents of our own renderer are sealed.")


def _rows(pdf: bytes, xref: int, size: int, end: int) -> int:
    """Offset of the first row of the one table, which lists every object from 0 on."""
    head = b"xref\n0 %d\n" % size
    start = xref + len(head)
    if not pdf.startswith(head, xref) or end - start != ROW * size:
        raise foreign()
    first = pdf[start + ROW : start + ROW + 10]
    # Column by column and then without its digits: a whole table in six comparisons.
    bare = pdf[start:end].translate(None, _DIGITS)
    columns = all(pdf[start + at : end : ROW] == mark * size for at, mark in _COLUMNS)
    if not columns or bare != _FIRST_ROW + _LIVE_ROW * (size - 1) or first != _FIRST_OBJECT:
        raise foreign()
    return start


def _require_tiled(pdf: bytes, rows: int, end: int, xref: int) -> None:
    """From the header to the table, one object of the table ends where the next begins.

    A reader that repairs files picks up whatever looks like an object, listed or not. So in
    the order in which they stand, behind each object follows the next one of the table; and
    a text with the word `endobj` in it is refused as well.
    """
    rows_as_text = pdf[rows + ROW : end].decode("latin-1")
    listed = [*map(int, rows_as_text.split(_BETWEEN_OFFSETS)[:-1])]
    offsets = sorted(listed)
    order: Sequence[int] = range(1, len(listed) + 1)
    if offsets != listed:  # not in the order of their numbers, then
        order = tuple(sorted(order, key=[0, *listed].__getitem__))
    joints = _joints(order)
    places = [offset - len(_END) for offset in offsets[1:]]
    if not all(map(pdf.startswith, joints, places)) or not pdf.endswith(_END, 0, xref):
        raise foreign()
    _require_plain(pdf, [*offsets, xref])


def _require_plain(pdf: bytes, bounds: list[int]) -> None:
    """Every object ends once, and every stream is as long as it says, to the byte."""
    at, last = 0, len(bounds) - 1
    while at < last:
        if stream := _STREAM.match(pdf, bounds[at], bounds[last]):
            at, end = at + 1, stream.end() + int(stream[1]) + len(_STREAM_END)
            if end != bounds[at] or not pdf.endswith(_STREAM_END, 0, end):
                raise foreign()
        else:
            at = _behind_texts(pdf, bounds, at)


def _behind_texts(pdf: bytes, bounds: list[int], at: int) -> int:
    """Which object is the next stream, or the table; each of those up to there ends once."""
    stream = pdf.find(b"\nstream", bounds[at], bounds[-1])
    end = len(bounds) - 1 if stream < 0 else bisect_right(bounds, stream) - 1
    if end == at or pdf.count(b"endobj", bounds[at], bounds[end]) != end - at:
        raise foreign()
    return end


@lru_cache(maxsize=64)
def _joints(order: Sequence[int]) -> tuple[bytes, ...]:
    """What stands where one object ends and the next one begins."""
    return tuple(b"%b%d 0 obj\n" % (_END, number) for number in order[1:])


def _dictionary(pdf: bytes, rows: int, number: int, size: int) -> bytes:
    """The body of an object that is a direct dictionary."""
    if not 0 < number < size:
        raise foreign()
    row = rows + ROW * number
    head = b"%d 0 obj\n<<" % number
    start = int(pdf[row : row + 10])
    end = pdf.find(b"\nendobj\n", start, rows)
    if end < 0 or not pdf.startswith(head, start) or not pdf.endswith(b">>", start, end):
        raise foreign()
    return pdf[start + len(head) - 2 : end]


def _kids(tree: bytes) -> list[int]:
    """The pages: one flat list, in which no page stands twice."""
    found = _whole(_PAGES, tree)
    numbers = [int(one) for one in found[2].split()[::3]]
    if not int(found[1]) == len(numbers) == len(set(numbers)):
        raise foreign()
    return numbers


def _whole(shape: re.Pattern[bytes], dictionary: bytes) -> re.Match[bytes]:
    """Key by key what the renderer writes; so no name is spelt with `#` (ISO 32000-1, 7.3.5)."""
    found = shape.fullmatch(dictionary)
    if found is None:
        raise foreign()
    return found
