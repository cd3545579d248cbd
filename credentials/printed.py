"""Reads back what our own renderer printed, so that the text is compared before it is sealed.

This is no PDF reader: it knows the shape that typst writes (pdf.md 2.2) and nothing
else, and anything unexpected is a `ValueError`, which a lint reports. Foreign files
never come here.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator

_ROW = re.compile(rb"(\d{10}) \d{5} n\r?\n")
_PAIR = re.compile(rb"<([0-9A-F]+)> <([0-9A-F]+)>")
_TOKEN = re.compile(rb"<<.*?>>|/(f\d+) [\d.]+ Tf|\(", re.DOTALL)
"""A property list (skipped: its strings are not drawn), a change of font, a string drawn."""
_BRACKET = re.compile(rb"\\.|[()]", re.DOTALL)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_SHORT = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
UNKNOWN = "\N{REPLACEMENT CHARACTER}"
_OCTAL = frozenset(b"01234567")


def printed_text(pdf: bytes) -> str:
    """Every glyph as its Unicode text, in the order of drawing, page after page.

    Raises:
        ValueError: the file does not have the shape that our renderer writes.
    """
    file = _File(pdf)
    return "".join(_page_text(file, page) for page in file.pages())


def page_count(pdf: bytes) -> int:
    """Number of pages.

    Raises:
        ValueError: the file does not have the shape that our renderer writes.
    """
    return len(list(_File(pdf).pages()))


class _File:
    """Objects of one file by number, by its cross-reference table."""

    def __init__(self, pdf: bytes) -> None:
        start = int(_one(rb"startxref\n(\d+)\n%%EOF\s*\Z", pdf[-64:]))
        self._pdf = pdf
        self._offsets = [int(row) for row in _ROW.findall(pdf, start)]
        self._trailer = pdf[pdf.rindex(b"trailer") :]

    def object(self, number: bytes | int) -> bytes:
        """Body of an object up to its stream, or to its end."""
        offset = self._offsets[int(number) - 1]
        end = self._pdf.index(b"endobj", offset)
        return self._pdf[offset:end]

    def stream(self, number: bytes | int) -> bytes:
        """Decoded stream of an object."""
        offset = self._offsets[int(number) - 1]
        begin = self._pdf.index(b"stream\n", offset)
        head = self._pdf[offset:begin]
        length = int(_one(rb"/Length (\d+)", head))
        data = self._pdf[begin + 7 : begin + 7 + length]
        return zlib.decompress(data) if b"/FlateDecode" in head else data

    def pages(self) -> Iterator[bytes]:
        """Dictionaries of the pages, in order."""
        catalog = self.object(_one(rb"/Root (\d+) 0 R", self._trailer))
        tree = self.object(_one(rb"/Pages (\d+) 0 R", catalog))
        for kid in re.findall(rb"(\d+) 0 R", _one(rb"/Kids\[([^\]]*)\]", tree)):
            yield self.object(kid)


def _one(pattern: bytes, data: bytes) -> bytes:
    match = re.search(pattern, data)
    if match is None:
        raise ValueError("not the shape of our renderer")
    return match.group(1)


def _page_text(file: _File, page: bytes) -> str:
    resources = file.object(_one(rb"/Resources (\d+) 0 R", page))
    fonts = dict(re.findall(rb"/(f\d+) (\d+) 0 R", resources))
    glyphs = {name: _glyphs(file, number) for name, number in fonts.items()}
    shown: list[str] = []
    current: dict[int, str] = {}
    for font, text in _drawn(file.stream(_one(rb"/Contents (\d+) 0 R", page))):
        if font:
            current = glyphs[font]
        codes = _ESCAPE.sub(_unescape, text)
        pairs = zip(codes[::2], codes[1::2], strict=True)
        shown.extend(current.get(high << 8 | low, UNKNOWN) for high, low in pairs)
    return "".join(shown)


def _drawn(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Changes of font and strings drawn, in order; one of the two is empty."""
    position = 0
    while token := _TOKEN.search(content, position):
        position = token.end()
        if token.group(1):
            yield token.group(1), b""
        elif token.group(0) == b"(":
            position = _end_of_string(content, position)
            yield b"", content[token.end() : position - 1]


def _end_of_string(content: bytes, position: int) -> int:
    """Past the bracket that closes a string: balanced ones inside stand unescaped (7.3.4.2)."""
    depth = 1
    while depth:
        bracket = _BRACKET.search(content, position)
        if bracket is None:
            raise ValueError("not the shape of our renderer")
        position = bracket.end()
        depth += {b"(": 1, b")": -1}.get(bracket.group(0), 0)
    return position


def _glyphs(file: _File, font: bytes) -> dict[int, str]:
    """What each glyph says, by the font's own ToUnicode table (ISO 32000-1 9.10.3)."""
    table = file.stream(_one(rb"/ToUnicode (\d+) 0 R", file.object(font)))
    return {
        int(code, 16): bytes.fromhex(text.decode()).decode("utf-16-be")
        for code, text in _PAIR.findall(table)
        if len(code) == 4  # noqa: PLR2004 - two octets a glyph; the code space line has the same form
    }


def _unescape(match: re.Match[bytes]) -> bytes:
    """One escape of a literal string (ISO 32000-1 7.3.4.2)."""
    body = match.group(1)
    if body[0] in _OCTAL:
        return bytes([int(body, 8) & 0xFF])
    return _SHORT.get(body, body)
