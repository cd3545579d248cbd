"""Reading back what was drawn: any string, any brackets in it, and nothing unknown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.printed import Printed, _codes, _text_objects, _tokens, printed_text
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


@given(st.lists(st.binary(min_size=1, max_size=12), min_size=1, max_size=6), st.integers(0, 5))
def test_no_string_is_passed_over_wherever_it_stands(strings: list[bytes], odd: int) -> None:
    """Text objects on lines of their own are read alone; with one that is not, all is read."""
    shown = [b"(" + written(string, octal=False) + b")Tj" for string in strings]
    frames = [b"\nBT 0 Tr/f0 9 Tf %s\nET\n"] * len(shown)
    frames[odd % len(shown)] = (b"\nBT %s ET\n", b"\n%s\n", b"\nBT\n%s\nET\n")[odd % 3]
    content = b"0 0 m 1 0 l\nh/Span<</MCID 1/Lang(nl)>>BDC".join(
        frame % each for frame, each in zip(frames, shown, strict=True)
    )
    read = [string for _, string in _tokens(_text_objects(content)) if string]
    assert read == [written(string, octal=False) for string in strings]


def test_drawings_are_not_searched_for_text() -> None:
    text = b"BT 0 Tr/f0 9 Tf 1 0 0 -1 0 0 Tm[(ab)10(cd)]TJ"
    drawing = b"4 14 m 6 14 l 6 15 l 4 15 l\nh" * 50
    properties = b"/Figure<</MCID 2/Alt(QR)>>BDC"
    assert _text_objects(properties + drawing + b"\n" + text + b"\nET\n" + drawing) == text
