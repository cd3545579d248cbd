"""Draws the pages of a file in grey, small and within bounds. Only ever in a closed room.

PDFium is the drawing program of a browser and reads what strangers send to it all day;
still it is a large program in C++, and so it has a room of its own that is torn down
after one file.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from contextlib import closing
from itertools import zip_longest

import pypdfium2 as pdfium

from verifier.comparing import MAX_PAGES, MAX_PICTURE, Comparison, PageChange
from verifier.differences import Raster, changed_areas

DPI = 100
_POINTS = 72
MAX_SIDE = 1300
"""Pixels; a page of A4 has 1169. What is larger is drawn smaller."""
_GREY, _DEPTH = 0, 8


def compare(before: bytes, after: bytes) -> Comparison | None:
    """The first pages of two files that look different; None when none of them does.

    Raises:
        Exception: whatever the drawing program makes of a hostile file.
    """
    sides = zip_longest(_pages(before), _pages(after))
    changes = (_change(number, old, new) for number, (old, new) in enumerate(sides, 1))
    pages = tuple(change for change in changes if change is not None)
    return Comparison(pages) if pages else None


def _change(number: int, old: Raster | None, new: Raster | None) -> PageChange | None:
    areas = changed_areas(old, new)
    return PageChange(number, _png(old), _png(new), areas) if areas else None


def _pages(data: bytes) -> Iterator[Raster]:
    with closing(pdfium.PdfDocument(data)) as document:
        document.init_forms()
        for number in range(min(len(document), MAX_PAGES)):
            with closing(document[number]) as page:
                yield _drawn(page)


def _drawn(page: pdfium.PdfPage) -> Raster:
    longest = max(*page.get_size(), 1.0)
    scale = min(DPI / _POINTS, MAX_SIDE / longest)
    with closing(page.render(scale=scale, grayscale=True)) as drawn:
        rows = bytes(drawn.buffer)
        width, height, stride = drawn.width, drawn.height, drawn.stride
    pixels = b"".join(rows[row * stride : row * stride + width] for row in range(height))
    return Raster(width, height, pixels)


def _png(page: Raster | None) -> bytes | None:
    """The picture (ISO/IEC 15948), half as large until it fits."""
    while page is not None and len(made := png(page)) > MAX_PICTURE:
        page = _halved(page)
    return None if page is None else made


def png(page: Raster) -> bytes:
    """A picture in grey as PNG."""
    header = struct.pack(">IIBBBBB", page.width, page.height, _DEPTH, _GREY, 0, 0, 0)
    width = page.width
    rows = (page.pixels[row * width : (row + 1) * width] for row in range(page.height))
    packed = zlib.compress(b"".join(b"\x00" + row for row in rows), 6)
    parts = ((b"IHDR", header), (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts)


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _halved(page: Raster) -> Raster:
    """Every second pixel of every second row."""
    width, rows = page.width, range(0, page.height, 2)
    kept = [page.pixels[row * width : (row + 1) * width : 2] for row in rows]
    return Raster(len(kept[0]), len(kept), b"".join(kept))
