"""Recognises the output of our own renderer, and nothing else (pdf.md 3.3).

Whoever can make us seal foreign bytes can hide content in them beforehand, and
every validator would call the result genuine. So the shape is checked strictly.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import accumulate
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
_FIRST_ROW = b"0000000000 65535 f\r\n"
_END, _STREAM_END = b"\nendobj\n", b"\nendstream\nendobj\n"
_ENDING = len(_END)
_NUMBER = re.compile(rb"([1-9]\d{0,6}) 0 obj\n")
"""How an object begins: its number in the one form that the renderer writes."""
_BEGINNING = re.compile(rb"\d(?:[\s\0]|%[^\r\n]*[\r\n])+\d+(?:[\s\0]|%[^\r\n]*[\r\n])*obj")
"""What a reader that repairs files takes for the beginning of an object (ISO 32000-1, 7.2.2)."""
_STREAM = re.compile(rb"\d{1,7} 0 obj\n<</Length (\d{1,9})((?:/[^\n]*)?)>>\nstream\n")
"""How a stream begins: its length first, and its dictionary on one line."""
_LENGTH = b"/Length "
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


_UNREAD = Begun(_HEADER, b"", 0)
"""Nothing but the header is known."""
_GLANCE = 32


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
    begun: Begun
    """What of its beginning was read before."""


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


def read_draft(pdf: bytes, *known: Begun) -> OwnFile:
    """Read what a seal must know; `known` is how the file may begin, the longest first.

    An updated file is never taken for a fresh one: its last trailer has /Prev, and its last
    table does not list every object from 0 on (ISO 32000-1, 7.5.6). Nor is anything put
    between: the objects of the table fill the file from its header on, byte by byte.

    Raises:
        UnknownShape: not an untouched file of our renderer.
    """
    tail = _TAIL.search(pdf, max(0, len(pdf) - TAIL_LENGTH))
    begun = _begun(pdf, known)
    if tail is None:
        raise foreign()
    size, root, info, xref = map(int, tail.group(1, 2, 3, 5))
    objects = _objects(pdf, len(begun.data), xref, begun.objects + 1)
    # A seal takes its numbers from /Size on, so that must be behind those of all objects.
    is_next = size == begun.objects + len(objects.parts) + 1
    if not is_next or pdf[xref : tail.start()] != b"xref\n0 %d\n%b" % (
        size,
        _table(objects, begun),
    ):
        raise foreign()
    catalog = objects.body(root)
    tree = int(_whole(_CATALOG, catalog)[1])
    first, *others = _kids(objects.body(tree))
    page = objects.page(first, tree)
    for number in others:
        objects.page(number, tree)
    return OwnFile(size, root, info, tail[4], xref, catalog, first, page, begun)


def foreign() -> UnknownShape:
    """The error for a file that is not ours."""
    return UnknownShape("Only documents of our own renderer are sealed.")


def _begun(pdf: bytes, known: Sequence[Begun]) -> Begun:
    """How this file begins, as far as that is known."""
    for one in known:
        size = len(one.data)
        # Beginnings differ where they end, so a glance there is enough for all but one.
        if pdf.endswith(one.data[-_GLANCE:], 0, size) and pdf.startswith(one.data):
            return one
    if not pdf.startswith(_HEADER):
        raise foreign()
    return _UNREAD


class _Objects(NamedTuple):
    """The objects of a file as they stand one behind another, whatever a table says of them."""

    numbers: Sequence[int]
    parts: list[bytes]
    """Each up to its `endobj`; a stream only up to its data."""
    sizes: list[int]

    def body(self, number: int) -> bytes:
        """What stands in an object."""
        if number not in self.numbers:
            raise foreign()
        return self.parts[self.numbers.index(number)].removeprefix(_begin(number))

    def page(self, number: int, tree: int) -> bytes:
        """The dictionary of a page of that tree."""
        page = self.body(number)
        if int(_whole(_PAGE, page)[1]) != tree:
            raise foreign()
        return page


def _objects(pdf: bytes, start: int, end: int, first: int) -> _Objects:
    """Everything from there to the table: one object ends where the next begins.

    A reader that repairs files picks up whatever looks like an object, listed or not. So
    between two objects there is nothing, every object begins once and ends once, so that a text
    with the word `endobj` in it is refused as well, and every stream is as long as it says once,
    to the byte.
    """
    parts: list[bytes] = []
    sizes: list[int] = []
    at = start
    while at < end:
        if stream := _STREAM.match(pdf, at, end):
            behind = stream.end() + int(stream[1]) + len(_STREAM_END)
            if not pdf.endswith(_STREAM_END, at, behind) or _LENGTH in stream[2]:
                raise foreign()
            parts.append(stream[0])
            sizes.append(behind - at)
        else:
            behind = _behind_texts(pdf, at, end)
            texts = pdf[at : behind - _ENDING].split(_END)
            if not pdf.endswith(_END, at, behind) or not _are_single(pdf, at, behind, len(texts)):
                raise foreign()
            parts += texts
            sizes += [len(one) + _ENDING for one in texts]
        at = behind
    if at != end:
        raise foreign()
    return _Objects(_numbers(parts, first), parts, sizes)


def _are_single(pdf: bytes, start: int, end: int, count: int) -> bool:
    """Whether so many objects begin and end there, and no other one begins or ends inside."""
    if pdf.count(b"obj", start, end) == 2 * count:
        return True  # the word stands where they begin and where they end
    begun = sum(1 for _ in _BEGINNING.finditer(pdf, start, end))
    return begun == count == pdf.count(b"endobj", start, end)


def _behind_texts(pdf: bytes, start: int, end: int) -> int:
    """Where the next stream begins as an object, or the table."""
    stream = pdf.find(b"\nstream", start, end)
    behind = end if stream < 0 else pdf.rfind(_END, start, stream) + len(_END)
    if behind <= start:
        raise foreign()
    return behind


def _numbers(parts: list[bytes], first: int) -> Sequence[int]:
    """The numbers of objects: mostly one behind another from the first one on."""
    expected = range(first, first + len(parts))
    if all(map(bytes.startswith, parts, _begins(expected))):
        return expected
    found = [one for one in map(_NUMBER.match, parts) if one]
    numbers = [int(one[1]) for one in found]
    if len(found) != len(parts) or sorted(numbers) != [*expected]:
        raise foreign()
    return numbers


def _table(objects: _Objects, begun: Begun) -> bytes:
    """The rows of the one table, which lists every object from 0 on and where it is."""
    *offsets, end = accumulate(objects.sizes, initial=len(begun.data))
    row = _row(len(begun.data), end)
    if not isinstance(objects.numbers, range):  # not in the order of their numbers, then
        offsets = [at for _, at in sorted(zip(objects.numbers, offsets, strict=True))]
    return b"".join((_FIRST_ROW, begun.rows, row * len(offsets) % tuple(offsets)))


def _row(lowest: int, highest: int) -> bytes:
    """A row for offsets between those; filling each up to ten digits costs twice as much."""
    digits = len(b"%d" % highest)
    if digits != len(b"%d" % lowest):
        return b"%010d 00000 n\r\n"
    return b"%b%%d 00000 n\r\n" % (b"0" * (10 - digits))


def _begin(number: int) -> bytes:
    return b"%d 0 obj\n" % number


@lru_cache(maxsize=64)
def _begins(numbers: range) -> tuple[bytes, ...]:
    """How each of those objects begins."""
    return tuple(map(_begin, numbers))


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
