"""A ZIP as a batch of documents, with every number in it counted rather than believed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

from employers.errors import JobTooLarge, TooManyDocuments, UnreadableArchive
from employers.jobs import MAX_BYTES, MOST_DOCUMENTS
from verifier.archives import DAMAGE, ENTRY
from verifier.intake import MAX_BYTES as MAX_DOCUMENT

MAX_ZIP = 64 * 1024 * 1024
"""A ZIP is held in memory, because its table of contents stands at its end."""
MOST_ENTRIES = 2 * MOST_DOCUMENTS
"""Folders count as entries too."""
_STORED_OR_DEFLATED = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


def is_archive(data: bytes) -> bool:
    """Whether a document is a ZIP, by its first bytes."""
    return data[:4] in {b"PK\x03\x04", b"PK\x05\x06"}


def documents_in(data: bytes) -> Iterator[bytes]:
    """Every file of a ZIP, in the order of its table; a ZIP inside is a document like another.

    Raises:
        UnreadableArchive: damaged, with a password, or packed in an unusual way.
        TooManyDocuments: more files than one job takes.
        JobTooLarge: more bytes than one job takes, once unpacked.
    """
    if data.count(ENTRY) > 2 * MOST_ENTRIES:  # before a library makes an object of each
        raise TooManyDocuments("A job takes at most 1,000 documents.")
    left = MAX_BYTES
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in _entries(archive):
                document = _unpacked(archive, entry)
                left -= len(document)
                if left < 0:
                    raise JobTooLarge("The documents in the ZIP file are too large together.")
                yield document
    except DAMAGE as cause:
        raise _unreadable() from cause


def _entries(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    entries = archive.infolist()
    files = [one for one in entries if not one.is_dir()]
    if len(entries) > MOST_ENTRIES or len(files) > MOST_DOCUMENTS:
        raise TooManyDocuments("A job takes at most 1,000 documents.")
    return files


def _unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    if entry.flag_bits & 1 or entry.compress_type not in _STORED_OR_DEFLATED:
        raise _unreadable()
    with archive.open(entry) as source:
        return source.read(MAX_DOCUMENT + 1)  # its own word about its size is not believed


def _unreadable() -> UnreadableArchive:
    return UnreadableArchive("The ZIP file is damaged, has a password, or is packed unusually.")
