"""A ZIP of documents: each its own verdict, and no ZIP costs more than it may."""

from __future__ import annotations

import io
import os
import struct
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from employers.errors import UnreadableArchive
from employers.unpacking import documents_in
from tests.verifier.coded import OURS, letters, statement
from tests.verifier.sealed import World
from verifier import archives
from verifier.archives import NotOpened, open_archive, safe_label
from verifier.intake import MAX_BYTES
from verifier.verdict import VerdictCode
from verifier.verifying import Verifier


def zipped(*items: tuple[str, bytes], packed: bool = True) -> bytes:
    output = io.BytesIO()
    method = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    with zipfile.ZipFile(output, "w", method) as made:
        for name, data in items:
            made.writestr(name, data)
    return output.getvalue()


def far_away(packed: bytes) -> bytes:
    """A ZIP whose one file begins behind every end: a 64-bit offset (APPNOTE 4.5.3)."""
    entry, end = packed.rindex(b"PK\x01\x02"), packed.rindex(b"PK\x05\x06")
    line = bytearray(packed[entry:end])
    line[42:46], line[30:32] = b"\xff" * 4, struct.pack("<H", 12)
    line += struct.pack("<HHQ", 1, 8, 2**64 - 1)
    last = bytearray(packed[end:])
    last[12:16] = struct.pack("<L", len(line))
    return packed[:entry] + bytes(line) + bytes(last)


def test_an_offset_behind_every_end_is_damage(verifier: Verifier) -> None:
    data = far_away(zipped(("a", b"x")))

    assert [item.refused for item in open_archive(data)] == ["damaged"]
    assert [one.code for _, one in verifier.verify_many(data)] == [VerdictCode.CANNOT_CHECK]
    with pytest.raises(UnreadableArchive):
        list(documents_in(data))


def test_every_document_has_its_own_verdict(
    verifier: Verifier, world: World, sealed: bytes, page: bytes
) -> None:
    """Goal 32; a ZIP in a ZIP is not opened, and a folder is no document."""
    data = zipped(
        ("a/", b""),
        ("a/good.pdf", sealed),
        ("a/page.pdf", page),
        ("code.txt", (OURS + letters(statement(world))).encode()),
        ("more.zip", zipped(("good.pdf", sealed))),
        ("huge.pdf", b"%PDF-1.7\n".ljust(MAX_BYTES + 1)),
    )

    found = {label: verdict.code for label, verdict in verifier.verify_many(data)}

    assert found == {
        "a/good.pdf": VerdictCode.GENUINE_CURRENT,
        "a/page.pdf": VerdictCode.NOT_ORIGINAL,
        "code.txt": VerdictCode.QR_GENUINE_COMPARE,
        "more.zip": VerdictCode.CANNOT_CHECK,
        "huge.pdf": VerdictCode.CANNOT_CHECK,
    }


def test_what_is_no_zip_is_one_document(verifier: Verifier, sealed: bytes) -> None:
    [(label, verdict)] = verifier.verify_many(sealed)

    assert (label, verdict.code) == ("", VerdictCode.GENUINE_CURRENT)


def test_one_verdict_about_a_zip_says_to_take_the_documents_out(
    verifier: Verifier, sealed: bytes
) -> None:
    verdict = verifier.verify(zipped(("good.pdf", sealed)))

    assert verdict.code is VerdictCode.CANNOT_CHECK
    assert verdict.reasons[0] == "zip"


def test_a_thousand_documents_and_no_more() -> None:
    thousand = [(f"{at}.pdf", b"x") for at in range(1000)]

    assert len(list(open_archive(zipped(*thousand)))) == 1000
    with pytest.raises(NotOpened, match="zip_too_many"):
        list(open_archive(zipped(*thousand, ("one.pdf", b"x"))))


def test_more_entries_than_anybody_sends_are_counted_before_a_library_sees_them() -> None:
    many = zipped(("a", b"x")) + b"PK\x01\x02" * 5000

    with pytest.raises(NotOpened, match="zip_too_many"):
        list(open_archive(many))


def test_the_total_is_what_really_came_out() -> None:
    """Twelve files of nine megabytes, each within its own limits."""
    nine = (os.urandom(48 * 1024) + bytes(48 * 1024)) * 96
    data = zipped(*((f"{at}.bin", nine) for at in range(12)))
    assert len(data) < archives.MAX_ARCHIVE

    with pytest.raises(NotOpened, match="zip_too_much"):
        list(open_archive(data))


def test_a_zip_that_is_itself_too_large_is_not_opened() -> None:
    with pytest.raises(NotOpened, match="zip_too_large"):
        list(open_archive(b"PK\x03\x04".ljust(archives.MAX_ARCHIVE + 1)))


@pytest.mark.parametrize(("size", "why"), [(9 << 20, "unpacks_too_large"), (64 << 20, "too_large")])
def test_an_item_that_unpacks_far_beyond_its_size_is_left_alone(size: int, why: str) -> None:
    [item] = open_archive(zipped(("bomb", bytes(size))))

    assert (item.refused, item.data) == (why, b"")


def test_sizes_in_the_directory_are_not_believed(sealed: bytes) -> None:
    data = bytearray(zipped(("a.pdf", sealed)))
    entry = data.index(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = (1).to_bytes(4, "little")

    [item] = open_archive(bytes(data))

    assert item.data == b"" or item.data == sealed[:1]
    assert item.refused in {"damaged", ""}


@pytest.mark.parametrize("at", [0.1, 0.5, 0.9, 1.0])
def test_a_damaged_zip_is_told_as_one(at: float, sealed: bytes) -> None:
    whole = zipped(("a.pdf", sealed))
    cut = whole[: int(len(whole) * at) - 5]

    with pytest.raises(NotOpened, match="zip_damaged"):
        list(open_archive(cut))


@given(data=st.binary(max_size=200), at=st.integers(0, 199))
def test_no_octets_break_the_opener(data: bytes, at: int) -> None:
    whole = bytearray(zipped(("a.pdf", b"%PDF-1.7 some text"), ("b", b"x" * 50)))
    at %= len(whole)
    whole[at : at + len(data)] = data

    try:
        items = list(open_archive(bytes(whole)))
    except NotOpened:
        return
    assert all(len(item.data) <= MAX_BYTES for item in items)


@given(name=st.text(max_size=300))
def test_a_label_is_safe_to_show(name: str) -> None:
    label = safe_label(name)

    assert label.isprintable()
    assert len(label) <= 120
    assert not set(label) & {"\u202e", "\u2066", "\x1b", "\n"}
