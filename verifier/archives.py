"""A ZIP of documents, opened one document at a time; every limit is counted, none believed.

What a ZIP says of its own sizes decides nothing: unpacking stops where the octets that
really came out pass a limit. Names in a ZIP are shown, and never used as a path.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from verifier.intake import MAX_BYTES

MAX_ARCHIVE = 100 * 1024 * 1024
MAX_ITEMS = 1000
MAX_UNPACKED = 100 * 1024 * 1024
MAX_RATIO = 200
FREE = 1024 * 1024
"""So much may come out of any item; beyond it the ratio counts."""
MAX_LABEL = 120
ENTRY = b"PK\x01\x02"
"""Begins each line of a ZIP's table of contents (APPNOTE 4.3.12)."""
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    RuntimeError,
    LookupError,
    ValueError,
    OverflowError,
    OSError,
)
"""What the library raises about bytes that are not a proper ZIP."""
_PLAIN = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_ENCRYPTED = 0x1


class NotOpened(Exception):
    """A ZIP that is damaged, or holds more than we open."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Item:
    """One file out of a ZIP, or the reason why it stays unread."""

    label: str
    data: bytes = b""
    refused: str = ""


def open_archive(data: bytes) -> Iterator[Item]:
    """The files in a ZIP in its own order; folders are passed over.

    Raises:
        NotOpened: damaged, more than a thousand files, or more than 100 MB unpacked.
    """
    if len(data) > MAX_ARCHIVE:
        raise NotOpened("zip_too_large")
    if data.count(ENTRY) > 4 * MAX_ITEMS:  # before a library makes an object of each
        raise NotOpened("zip_too_many")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as opened:
            entries = [entry for entry in opened.infolist() if not entry.is_dir()]
            if len(entries) > MAX_ITEMS:
                raise NotOpened("zip_too_many")
            yield from _items(opened, entries)
    except DAMAGE as cause:
        raise NotOpened("zip_damaged") from cause


def _items(opened: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Iterator[Item]:
    left = MAX_UNPACKED
    for entry in entries:
        item = _item(opened, entry)
        left -= len(item.data)
        if left < 0:
            raise NotOpened("zip_too_much")
        yield item


def _item(opened: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Item:
    label = safe_label(entry.filename)
    if entry.flag_bits & _ENCRYPTED:
        return Item(label, refused="encrypted")
    if entry.compress_type not in _PLAIN:
        return Item(label, refused="damaged")
    most = min(MAX_BYTES, max(FREE, MAX_RATIO * entry.compress_size))
    try:
        with opened.open(entry) as source:
            data = source.read(most + 1)
    except DAMAGE:
        return Item(label, refused="damaged")
    if len(data) > most:
        return Item(label, refused="too_large" if most == MAX_BYTES else "unpacks_too_large")
    return Item(label, data)


def safe_label(name: str) -> str:
    """A name to show: no control letters, no direction marks, no more than fits."""
    shown = "".join(letter if letter.isprintable() else "?" for letter in name)
    return shown if len(shown) <= MAX_LABEL else shown[: MAX_LABEL - 1] + "…"
