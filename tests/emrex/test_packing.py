"""How a document travels: the same bytes always, and nothing that grows beyond the limits."""

from __future__ import annotations

import base64
import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrex.errors import PayloadRefused
from emrex.packing import packed, unpacked


@given(st.binary(max_size=5_000))
def test_what_is_packed_is_unpacked(document: bytes) -> None:
    """emrex.md 4.30 and 4.51."""
    text = packed(document)

    assert unpacked(text) == document
    assert gzip.decompress(base64.b64decode(text)) == document
    assert packed(document) == text
    assert not set(text) & set("\r\n ")


def test_line_breaks_in_the_base64_are_passed_over() -> None:
    text = packed(b"<elmo/>" * 100)
    broken = "\r\n".join(text[place : place + 64] for place in range(0, len(text), 64))

    assert unpacked(broken) == b"<elmo/>" * 100


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "cut-short"),
        ("%%%", "not-base64"),
        (base64.b64encode(b"<elmo/>").decode(), "not-gzip"),
        (base64.b64encode(gzip.compress(b"x" * 900, mtime=0)[:-9]).decode(), "cut-short"),
        (base64.b64encode(gzip.compress(b"x", mtime=0) + b"!").decode(), "trailing-bytes"),
        (base64.b64encode(gzip.compress(b"x", mtime=0) * 2).decode(), "trailing-bytes"),
    ],
)
def test_what_is_not_one_whole_member_is_refused(text: str, reason: str) -> None:
    """emrex.md 4.31 and 4.67."""
    with pytest.raises(PayloadRefused) as refused:
        unpacked(text)

    assert refused.value.reason == reason
