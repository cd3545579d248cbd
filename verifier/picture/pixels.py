"""From a picture to grey pixels, within limits that are checked before anything is decoded.

Only the two formats that cameras and screens make are decoded, each by the decoder that
its first bytes name. A large photo is decoded at a fraction of its size: a camera has
many times the pixels that a code needs.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from dataclasses import dataclass

from PIL import Image, ImageFile

from verifier.intake import Kind

MAX_PIXELS = {Kind.PNG: 20_000_000, Kind.JPEG: 60_000_000}
ENOUGH = 4000
"""A longer side than this in pixels tells nothing more about a code 30 mm wide."""
_FORMATS = {Kind.PNG: "PNG", Kind.JPEG: "JPEG"}
_RAISED = (
    *(OSError, ValueError, SyntaxError, EOFError, KeyError, TypeError, IndexError),
    *(OverflowError, AttributeError, struct.error, zlib.error),
)
"""What the decoders raise about damaged pictures: they have no family of errors."""
_OWN_LIMIT = max(MAX_PIXELS.values())

Image.MAX_IMAGE_PIXELS = _OWN_LIMIT
Image.preinit()  # everything is loaded before the walls of the closed room stand


class NotDecoded(ValueError):
    """No pixels: damaged, too large, or of a kind that is not decoded."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Grey:
    """Grey pixels, one octet each, row by row."""

    width: int
    height: int
    octets: bytes


def decode(data: bytes, kind: Kind) -> Grey:
    """Grey pixels of a PNG or JPEG.

    Raises:
        NotDecoded: too many pixels, damaged, or another kind of picture.
    """
    if kind not in _FORMATS:
        raise NotDecoded("picture_kind")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what a decoder remarks about hostile bytes
            with Image.open(io.BytesIO(data), formats=[_FORMATS[kind]]) as picture:
                return _grey(picture, kind)
    except Image.DecompressionBombError as cause:
        raise NotDecoded("picture_too_large") from cause
    except NotDecoded:
        raise
    except _RAISED as cause:
        raise NotDecoded("picture_damaged") from cause


def of_rows(width: int, height: int, mode: str, rows: bytes) -> Grey:
    """Grey pixels of plain rows, in a mode of the library: `1`, `L` or `RGB`.

    Raises:
        NotDecoded: the rows do not have that many octets.
    """
    try:
        return _octets(Image.frombytes(mode, (width, height), rows).convert("L"))
    except ValueError as cause:
        raise NotDecoded("picture_damaged") from cause


def as_png(width: int, height: int, depth: int, colours: int, packed: bytes) -> bytes:
    """Rows that PDF packed with PNG's own predictors, in the wrapping that makes them a PNG."""
    colour_type = 2 if colours == 3 else 0  # noqa: PLR2004 - PNG 11.2.1: truecolour or grey
    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, body) for name, body in chunks)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def _grey(picture: ImageFile.ImageFile, kind: Kind) -> Grey:
    if picture.width * picture.height > MAX_PIXELS[kind]:
        raise NotDecoded("picture_too_large")
    picture.draft(
        "L", (ENOUGH, ENOUGH)
    )  # JPEG only: at most eight times smaller, no less than this
    if picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info:
        return _octets(_on_white(picture))
    return _octets(picture.convert("L"))


def _on_white(picture: Image.Image) -> Image.Image:
    """Transparent means paper."""
    coloured = picture.convert("LA")
    white = Image.new("L", coloured.size, 255)
    white.paste(coloured.getchannel("L"), mask=coloured.getchannel("A"))
    return white


def _octets(grey: Image.Image) -> Grey:
    if max(grey.size) > ENOUGH:
        grey.thumbnail((ENOUGH, ENOUGH), Image.Resampling.BOX)
    return Grey(grey.width, grey.height, grey.tobytes())
