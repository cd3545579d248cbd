"""Reads back what our own renderer printed, so that the text is compared before it is sealed.

This is no PDF reader: it knows the shape that the press and typst write (pdf.md 2.2) and nothing
else, and anything unexpected is a `ValueError`, which a lint reports. Foreign files
never come here.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

_ROW = re.compile(rb"(\d{10}) \d{5} n\r?\n")
_PAIR = re.compile(rb"<([0-9A-F]+)> <([0-9A-F]+)>")
_PLAIN = rb"[^()\\]*+"
_FLAT = _PLAIN + rb"(?:\\." + _PLAIN + rb")*+"
_NESTED = _PLAIN + rb"(?:(?:\\.|\(" + _FLAT + rb"\))" + _PLAIN + rb")*+"
"""Inside of a string, with brackets in it at most once deep; possessive, so that no text
makes the search go back."""
_TOKEN = re.compile(
    rb"[^</(]*+(?:/(?!f\d)[^</(]*+)*+"
    rb"(?:<<.*?>>|/(f\d+) [\d.]+ Tf|\((" + _NESTED + rb")\)|(\()|[</])",
    re.DOTALL,
)
"""Up to the next property list (skipped: its strings are not drawn), change of font or
string drawn; of a string with deeper brackets, the first one."""
_TEXT_OBJECT = re.compile(rb"\n(BT [^\n]*)\nET\n")
_PROPERTIES = (b"/Lang(", b"/Alt(")
_BRACKET = re.compile(rb"\\.|[()]", re.DOTALL)
_UNKNOWN_ESCAPE = re.compile(rb"\\(?:[^0-7nrtbf]|[4-7][0-7]{2}|\Z)", re.DOTALL)
_BREAK = "\uffff"
_BETWEEN = b"\xff\xff"
"""Between two strings: no font has a glyph of that number (ISO 14496-22 maxp)."""
UNKNOWN = "\N{REPLACEMENT CHARACTER}"


class Printed:
    """One file, read once for everything that is asked of it.

    Raises:
        ValueError: the file does not have the shape that our renderer writes.
    """

    def __init__(self, pdf: bytes) -> None:
        self._file = _File(pdf)
        self._pages = list(self._file.pages())

    @property
    def page_count(self) -> int:
        """Number of pages."""
        return len(self._pages)

    def text(self) -> str:
        """Every glyph as its Unicode text, in the order of drawing, page after page.

        Raises:
            ValueError: the file does not have the shape that our renderer writes.
        """
        glyphs: dict[bytes, _Glyphs] = {}
        return "".join(_page_text(self._file, page, glyphs) for page in self._pages)


def printed_text(pdf: bytes) -> str:
    """What `Printed.text` says of a file that is asked nothing else.

    Raises:
        ValueError: the file does not have the shape that our renderer writes.
    """
    return Printed(pdf).text()


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


class _Glyphs(dict[int, str]):
    """Code of a glyph to the text that it stands for."""

    def __missing__(self, code: int) -> str:
        """A glyph without a text is reported, never passed over."""
        return UNKNOWN


def _page_text(file: _File, page: bytes, known: dict[bytes, _Glyphs]) -> str:
    resources = file.object(_one(rb"/Resources (\d+) 0 R", page))
    fonts = dict(re.findall(rb"/(f\d+) (\d+) 0 R", resources))
    for number in fonts.values():
        if number not in known:
            known[number] = _glyphs(file, number)
    content = file.stream(_one(rb"/Contents (\d+) 0 R", page))
    runs = list(_drawn(_text_objects(content)))
    drawn = [string for _, strings in runs for string in strings]
    codes = _codes(_BETWEEN.join(drawn)).split(_BREAK)
    if len(codes) != max(1, len(drawn)):
        raise ValueError("half a glyph")
    rest = iter(codes)
    return "".join(
        "".join(islice(rest, len(strings))).translate(known[fonts[font]]) for font, strings in runs
    )


def _text_objects(content: bytes) -> bytes:
    """The text objects alone, if no string but of a property list stands outside them; else all."""
    parts = _TEXT_OBJECT.split(content)
    outside = b"".join(parts[::2])
    if outside.count(b"(") != sum(map(outside.count, _PROPERTIES)):
        return content
    return b"\n".join(parts[1::2])


def _drawn(content: bytes) -> Iterator[tuple[bytes, list[bytes]]]:
    """Each font that is chosen, with the strings that are drawn in it, in order."""
    chosen, strings = b"", list[bytes]()
    for font, string in _tokens(content):
        if font:
            if strings:
                yield chosen, strings
            chosen, strings = font, []
        elif string:
            strings.append(string)
    if strings:
        yield chosen, strings


def _tokens(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Changes of font and strings drawn, in order; one of the two is empty."""
    found = _TOKEN.findall(content)
    if not any(bracket for _, _, bracket in found):
        yield from ((font, string) for font, string, _ in found)
        return
    position = 0
    while token := _TOKEN.match(content, position):
        position = token.end()
        font, string, bracket = token.groups(b"")
        if bracket:
            position = _end_of_string(content, position)
            string = content[token.end() : position - 1]
        yield font, string


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


def _codes(text: bytes) -> str:
    """The two octets of every glyph as one character, escapes read (ISO 32000-1 7.3.4.2).

    Python reads the same escapes but for brackets and the backslash, which are written
    as octal numbers first; what only Python reads is not the shape of our renderer.
    """
    if b"\\" in text:
        text = text.replace(rb"\\", rb"\134").replace(rb"\(", rb"\050").replace(rb"\)", rb"\051")
        if _UNKNOWN_ESCAPE.search(text):
            raise ValueError("not the shape of our renderer")
        text = text.decode("unicode_escape").encode("latin-1")
    return text.decode("utf-16-be", "surrogatepass")


def _glyphs(file: _File, font: bytes) -> _Glyphs:
    """What each glyph says, by the font's own ToUnicode table (ISO 32000-1 9.10.3)."""
    table = file.stream(_one(rb"/ToUnicode (\d+) 0 R", file.object(font)))
    return _Glyphs(
        (int(code, 16), _text(text))
        for code, text in _PAIR.findall(table)
        if len(code) == 4  # noqa: PLR2004 - two octets a glyph; the code space line has the same form
    )


@lru_cache(maxsize=4096)
def _text(written: bytes) -> str:
    """Letters of one glyph; every document has mostly the same ones."""
    return bytes.fromhex(written.decode()).decode("utf-16-be")
