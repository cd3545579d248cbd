"""Recognises the output of our own renderer, and nothing else (pdf.md 3.3).

Whoever can make us seal foreign bytes can hide content in them beforehand, and
every validator would call the result genuine. So the shape is checked strictly.
"""

from __future__ import annotations

import re
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
_FIRST_OBJECT = b"%010d" % (len(_HEADER) - len(b"1 0 obj\n"))
"""Where the table must say that object 1 is: right behind the header."""
_DIGITS = b"0123456789"
_COLUMNS = ((10, b" "), (16, b" "), (18, b"\r"), (19, b"\n"))
"""Where each row of the table has what is not a digit, beside its `n` or `f`."""
_FIRST_ROW, _LIVE_ROW = b"  f\r\n", b"  n\r\n"
_PAGES = re.compile(rb"/Pages (\d{1,7}) 0 R")
_FIRST_KID = re.compile(rb"/Kids\[(\d{1,7}) 0 R")
_FLAT_PAGE = re.compile(rb"<</Type/Page/[^<>()]*>>")
_TAKEN = (b"/AcroForm", b"/Perms", b"/Extensions", b"/DSS", b"/Version", b"endobj")
"""Names that the seal writes into the catalog itself, and /Version, which could outrank them."""


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
    table does not list every object from 0 on (ISO 32000-1, 7.5.6). Nor is one file put
    behind another: the first object stands right behind the header.

    Raises:
        UnknownShape: not an untouched file of our renderer.
    """
    tail = _TAIL.search(pdf, max(0, len(pdf) - TAIL_LENGTH))
    if tail is None or not pdf.startswith(_HEADER):
        raise foreign()
    size, root, info, xref = map(int, tail.group(1, 2, 3, 5))
    rows = _rows(pdf, xref, size, tail.start())
    catalog = _catalog(_dictionary(pdf, rows, root, size))
    pages = _dictionary(pdf, rows, _reference(_PAGES, catalog), size)
    number = _reference(_FIRST_KID, pages)
    page = _first_page(_dictionary(pdf, rows, number, size))
    return OwnFile(size, root, info, tail[4], xref, catalog, number, page)


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


def _reference(pattern: re.Pattern[bytes], dictionary: bytes) -> int:
    found = pattern.findall(dictionary)
    if len(found) != 1:
        raise foreign()
    return int(found[0])


def _catalog(found: bytes) -> bytes:
    if not found.startswith(b"<</Type/Catalog/") or found.count(b"<<") != found.count(b">>"):
        raise foreign()
    for name in _TAKEN:  # a plain loop: this is done for every seal
        if name in found:
            raise foreign()
    return found


def _first_page(found: bytes) -> bytes:
    """A dictionary without dictionaries or strings in it, so that its keys are what they look."""
    once = found.count(b"/Tabs/S") == 1 and found.count(b"/Annots") == found.count(b"/Annots[") <= 1
    if not once or _FLAT_PAGE.fullmatch(found) is None:
        raise foreign()
    return found
