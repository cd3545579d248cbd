"""Reading back what was drawn: any string, any brackets in it, and nothing unknown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.printed import Printed, _codes, _tokens, printed_text
from tests.credentials.paper import payload, renderer
from tests.credentials.people import extract

SHORT = {0x0A: b"\\n", 0x0D: b"\\r", 0x09: b"\\t", 0x08: b"\\b", 0x0C: b"\\f"}


def written(data: bytes, *, octal: bool) -> bytes:
    """A literal string as ISO 32000-1 7.3.4.2 lets it be written."""
    parts = []
    for octet in data:
        if octet in SHORT and not octal:
            parts.append(SHORT[octet])
        elif octet in b"()\\":
            parts.append(b"\\" + bytes([octet]))
        elif octal or not 0x20 <= octet < 0x7F:
            parts.append(b"\\%03o" % octet)
        else:
            parts.append(bytes([octet]))
    return b"".join(parts)


@given(st.lists(st.integers(0, 0xFFFF), min_size=1, max_size=40), st.booleans())
def test_every_way_to_write_a_string_reads_as_its_glyphs(codes: list[int], octal: bool) -> None:  # noqa: FBT001 - hypothesis draws it
    data = b"".join(code.to_bytes(2, "big") for code in codes)
    assert [ord(one) for one in _codes(written(data, octal=octal))] == codes


@given(st.lists(st.binary(min_size=1, max_size=12), min_size=1, max_size=6))
def test_strings_and_fonts_are_found_between_anything_else(strings: list[bytes]) -> None:
    drawn = b"]TJ 0 0 m /c0 cs<</Lang(n\\)l) >>BDC[".join(
        b"(" + written(string, octal=False) + b")" for string in strings
    )
    content = b"q/Span<</MCID 0>>BDC BT /f3 8.5 Tf[" + drawn + b"]TJ ET"
    found = list(_tokens(content))
    assert [font for font, _ in found if font] == [b"f3"]
    assert [string for _, string in found if string] == [written(s, octal=False) for s in strings]


@pytest.mark.parametrize("string", [b"a(b)c", b"a(b(c)d)e", b"(((())))", b"a\\(b(c\\)d)", b"()()"])
def test_balanced_brackets_stand_unescaped(string: bytes) -> None:
    assert (b"", string) in list(_tokens(b"/f0 9 Tf (" + string + b")Tj"))


@pytest.mark.parametrize(
    "string", [rb"\x41\x42", rb"\u0041", rb"\N{DIGIT ONE}", rb"\777\777", b"a\\", b"a\\\n", b"abc"]
)
def test_what_our_renderer_never_writes_is_refused(string: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - some are UnicodeError, a ValueError too
        _codes(string)


def test_one_reading_answers_for_pages_and_text() -> None:
    asked = extract("sixty")
    pdf = renderer().render(asked, payload(asked))
    printed = Printed(pdf)
    assert printed.page_count == 3
    assert printed.text() == printed_text(pdf)
