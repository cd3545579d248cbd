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
_HEADER = b"%PDF-1.7\n%\x80\x80\x80\x80\n\n"
_DIGITS = b"0123456789"
_COLUMNS = ((10, b" "), (16, b" "), (18, b"\r"), (19, b"\n"))
"""Where each row of the table has what is not a digit, beside its `n` or `f`."""
_END, _STREAM_END = b"\nendobj\n", b"\nendstream\nendobj\n"
_STREAM = re.compile(rb"\d{1,7} 0 obj\n<</Length (\d{1,9})((?:/[^\n]*)?)>>\nstream\n")
"""How a stream begins: its length first, and its dictionary on one line."""
_LENGTH = b"/Length "
_BETWEEN_OFFSETS = " 00000 n\r\n"
_FIRST_ROW, _LIVE_ROW = b"  f\r\n", b"  n\r\n"
_CATALOG = re.compile(
    rb"<</Type/Catalog/Pages (\d{1,7}) 0 R/Metadata \d{1,7} 0 R/OutputIntents \d{1,7} 0 R"
    rb"/Lang\([a-z]{2}\)/StructTreeRoot \d{1,7} 0 R/MarkInfo<</Marked true/Suspects false>>"
    rb"/ViewerPreferences<</DisplayDocTitle true/Direction/L2R>>/Outlines \d{1,7} 0 R"
    rb"/Names<</EmbeddedFiles<</Names\[\((?:extract|overview)\.json\)(\d{1,7}) 0 R\]>>>>"
    rb"/AF\[\2 0 R\]>>"
)
"""Every key that the renderer writes and no other: nothing that opens, runs, hides or overrules."""
_PAGES = re.compile(
    rb"<</Type/Pages/Count (\d{1,4})/Kids\[(\d{1,7} 0 R(?: \d{1,7} 0 R){0,9998})\]>>"
)
_PAGE = re.compile(
    rb"<</Type/Page/Resources \d{1,7} 0 R/MediaBox\[0 0 [\d.]{1,9} [\d.]{1,9}\]"
    rb"/StructParents \d{1,7}/Tabs/S/Parent (\d{1,7}) 0 R/Contents \d{1,7} 0 R>>"
)


class Begun(NamedTuple):
    """The first bytes of a file, which need not be read because they were read before.

    Whole objects, from object 1 on in the order of their numbers.
    """

    data: bytes
    rows: bytes
    """Of its objects, as they stand in the table."""
    objects: int


UNREAD = Begun(_HEADER, b"", 0)
"""Nothing but the header is known."""


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


def read_draft(pdf: bytes, begun: Begun = UNREAD) -> OwnFile:
    """Read what a seal must know; `begun` is how the file may begin.

    An updated file is never taken for a fresh one: its last trailer has /Prev, and its last
    table does not list every object from 0 on (ISO 32000-1, 7.5.6). Nor is anything put
    between: the objects of the table fill the file from its header on, byte by byte.

    Raises:
        UnknownShape: not an untouched file of our renderer.
    """
    tail = _TAIL.search(pdf, max(0, len(pdf) - TAIL_LENGTH))
    begins = next((one for one in (begun, UNREAD) if pdf.startswith(one.data)), None)
    if tail is None or begins is None:
        raise foreign()
    size, root, info, xref = map(int, tail.group(1, 2, 3, 5))
    rows = _rows(pdf, xref, size, tail.start())
    _require_tiled(pdf, (rows + ROW, tail.start()), xref, begins)
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
    # Column by column and then without its digits: a whole table in six comparisons.
    bare = pdf[start:end].translate(None, _DIGITS)
    columns = all(pdf[start + at : end : ROW] == mark * size for at, mark in _COLUMNS)
    if not columns or bare != _FIRST_ROW + _LIVE_ROW * (size - 1):
        raise foreign()
    return start


def _require_tiled(pdf: bytes, table: tuple[int, int], xref: int, begun: Begun) -> None:
    """From the header to the table, one object of the table ends where the next begins.

    A reader that repairs files picks up whatever looks like an object, listed or not. So in
    the order in which they stand, behind each object follows the next one of the table; and
    a text with the word `endobj` in it is refused as well. What was read before is left out.
    """
    rows_as_text = pdf[table[0] + len(begun.rows) : table[1]].decode("latin-1")
    listed = [*map(int, rows_as_text.split(_BETWEEN_OFFSETS)[:-1])]
    offsets, first = sorted(listed), begun.objects + 1
    order: Sequence[int] = range(first, first + len(listed))
    if offsets != listed:  # not in the order of their numbers, then
        order = tuple(sorted(order, key=dict(zip(order, listed, strict=True)).__getitem__))
    joints = _joints(order)
    places = [len(begun.data), *(offset - len(_END) for offset in offsets[1:])]
    begins = offsets[:1] == listed[:1] == [len(begun.data)] and pdf.startswith(begun.rows, table[0])
    if not begins or not all(map(pdf.startswith, joints, places)):
        raise foreign()
    _require_plain(pdf, [*offsets, xref])


def _require_plain(pdf: bytes, bounds: list[int]) -> None:
    """Every object ends once, and every stream is as long as it says once, to the byte."""
    at, last = 0, len(bounds) - 1
    if not pdf.endswith(_END, 0, bounds[last]):
        raise foreign()
    while at < last:
        if stream := _STREAM.match(pdf, bounds[at], bounds[last]):
            at, end = at + 1, stream.end() + int(stream[1]) + len(_STREAM_END)
            whole = end == bounds[at] and pdf.endswith(_STREAM_END, 0, end)
            if not whole or _LENGTH in stream[2]:
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
    """How the first object begins, and what stands where one ends and the next one begins."""
    return tuple(b"%b%d 0 obj\n" % (_END if at else b"", one) for at, one in enumerate(order))


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
