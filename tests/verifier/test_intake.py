"""What a file is, its bytes say; a name or a declared type is not asked."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.intake import MAX_BYTES, Kind, admit, kind_of
from verifier.verdict import CheckResult


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"%PDF-1.7\n", Kind.PDF),
        (b" %PDF-1.7\n", Kind.UNKNOWN),
        (b"\xef\xbb\xbf \n<?xml version='1.0'?>", Kind.XML),
        (b'\n {"a": 1}', Kind.JSON),
        (b"[1]", Kind.JSON),
        (b"\x89PNG\r\n\x1a\n", Kind.PNG),
        (b"\xff\xd8\xff\xe1", Kind.JPEG),
        (b"PK\x03\x04", Kind.ZIP),
        (b"\x1f\x8b\x08", Kind.GZIP),
        (b"MZ", Kind.UNKNOWN),
        (b"https://echt.voorbeeld.nl/#2KC", Kind.CODE),
        (b" HTTPS://ECHT.VOORBEELD.NL/#x\r\n", Kind.CODE),
        (b"2KC" + b"A7" * 60, Kind.CODE),
        (b"eyJhbGciOiJub25lIn0.e30.", Kind.JWS),
        (b"H4sIAAAAAAAC" + b"A" * 40 + b"==", Kind.BASE64),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", Kind.PICTURE),
        (b"\x00\x00\x00\x18ftypheic", Kind.PICTURE),
        (b"GIF89a", Kind.PICTURE),
        (b"two words", Kind.UNKNOWN),
        (b"", Kind.UNKNOWN),
    ],
)
def test_the_first_bytes_tell_the_kind(data: bytes, kind: Kind) -> None:
    """verifier.md 3.2, step 0."""
    assert kind_of(data) is kind


@given(data=st.binary(max_size=64))
def test_whatever_has_a_kind_goes_on_to_its_reader(data: bytes) -> None:
    kind = kind_of(data)

    assert (admit(data).result is CheckResult.PASS) is (kind not in {Kind.UNKNOWN, Kind.ZIP})
    assert (kind is Kind.PDF) is data.startswith(b"%PDF-")


def test_the_limit_is_ten_megabytes_exactly() -> None:
    """verifier.md 4.17."""
    exact = b"%PDF-".ljust(MAX_BYTES, b" ")

    assert admit(exact).result is CheckResult.PASS
    assert admit(exact + b" ").reason == "too_large"
