"""The pictures in a PDF, without a PDF library: scans are photos in a wrapping.

A stream object can stand nowhere but in the open in a PDF (ISO 32000-2 7.5.7), so its
dictionary can be found by its words. Nothing follows a reference: what cannot be
understood from the dictionary itself is passed over, and then the code in it says
nothing. That is safe, because a code inside a file never raises a verdict.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from itertools import islice

from verifier.intake import Kind
from verifier.picture import pixels
from verifier.picture.pixels import Grey, NotDecoded

MAX_PICTURES = 20
"""One for each page of the largest document that is read."""
MAX_TOTAL = 60_000_000
"""Pixels in all pictures together, as far as they are decoded."""
_IMAGE = re.compile(rb"/Subtype\s{0,8}/Image\b")
_START = re.compile(rb">>\s{0,8}stream\r?\n")
_END = b"endstream"
_DICTIONARY = 2048
"""Octets before and after the word /Image in which its dictionary must lie."""
_FILTER = re.compile(rb"/Filter\s{0,8}(?:\[\s{0,8})?/(\w+)\s{0,8}\]?(?!\s{0,8}/\w+Decode)")
_NUMBER = rb"/%b\s{0,8}(\d{1,9})(?!\s{1,8}\d+\s{1,8}R)"
_GREY_OR_COLOUR = {1: "L", 3: "RGB"}


def pictures_in(pdf: bytes) -> Iterator[Grey]:
    """Grey pixels of the pictures that can be found, within the limits of a picture."""
    left = MAX_TOTAL
    for described, content in islice(_streams(pdf), MAX_PICTURES):
        try:
            grey = _decoded(described, content)
        except NotDecoded:
            continue
        left -= grey.width * grey.height
        if left < 0:
            return
        yield grey


def _streams(pdf: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Dictionary and content of every picture, from the front."""
    at = 0
    while (found := _IMAGE.search(pdf, at)) is not None:
        at = found.end()
        start = _START.search(pdf, at - 2, at + _DICTIONARY)
        if start is None:
            continue
        begin = max(pdf.rfind(b" obj", max(0, found.start() - _DICTIONARY), found.start()), 0)
        if not begin:
            continue
        end = pdf.find(_END, start.end())
        if end < 0:  # nor is there one for any picture after this
            return
        yield pdf[begin : start.start() + 2], pdf[start.end() : end]
        at = end


def _decoded(described: bytes, content: bytes) -> Grey:
    packing = _FILTER.search(described)
    if packing is not None and packing[1] == b"DCTDecode":
        return pixels.decode(content, Kind.JPEG)
    if packing is not None and packing[1] == b"FlateDecode":
        return _raw(described, content)
    raise NotDecoded("picture_kind")


def _raw(described: bytes, content: bytes) -> Grey:
    """Rows of 8-bit grey or colour, or of single bits, with or without PNG's predictors."""
    width, height = _number(described, b"Width"), _number(described, b"Height")
    depth = _number(described, b"BitsPerComponent")
    if not 0 < width * height <= pixels.MAX_PIXELS[Kind.PNG] or depth not in {1, 8}:
        raise NotDecoded("picture_too_large")
    if re.search(rb"/Predictor\s{0,8}1[0-5]\b", described):
        colours = _number(described, b"Colors", 1)
        return pixels.decode(pixels.as_png(width, height, depth, colours, content), Kind.PNG)
    row = (width + 7) // 8 if depth == 1 else width
    plain = _inflated(content, row * height * 3)
    colours, rest = divmod(len(plain), row * height)
    if rest or colours not in _GREY_OR_COLOUR:
        raise NotDecoded("picture_kind")
    return pixels.of_rows(width, height, "1" if depth == 1 else _GREY_OR_COLOUR[colours], plain)


def _number(described: bytes, name: bytes, default: int = 0) -> int:
    found = re.search(_NUMBER % name, described)
    return int(found[1]) if found else default


def _inflated(content: bytes, most: int) -> bytes:
    running = zlib.decompressobj()
    try:
        plain = running.decompress(content, most + 1)
    except zlib.error as cause:
        raise NotDecoded("picture_damaged") from cause
    if len(plain) > most or not running.eof:
        raise NotDecoded("picture_damaged")
    return plain
