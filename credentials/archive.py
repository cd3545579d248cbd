"""Sealed documents on disk: there whole, or not there."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Protocol

from credentials.errors import DocumentMissing

_NUMBER = re.compile(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){2}", re.ASCII)


class Archive(Protocol):
    """Keeps the bytes of sealed documents by document number."""

    def put(self, number: str, document: bytes) -> None:
        """Store durably; the same number may be stored again only with the same bytes."""

    def get(self, number: str) -> bytes:
        """The bytes under this number.

        Raises:
            DocumentMissing: nothing is stored under it.
        """
        ...

    def discard(self, number: str) -> None:
        """Remove what a broken-off `put` left; a document that was stored stays."""


class FolderArchive:
    """One file per document, two levels deep, written beside and then renamed.

    A crash leaves at most a `.part` file, which nobody reads. Names carry the
    document number only; a number says nothing about a person.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def exists(self) -> bool:
        """Whether anything was ever stored."""
        return self._folder.is_dir()

    def put(self, number: str, document: bytes) -> None:
        """Store durably: the bytes are on disk when this returns."""
        target = self._path(number)
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_suffix(".part")
        with part.open("wb") as file:
            file.write(document)
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
        _sync_folder(target.parent)

    def get(self, number: str) -> bytes:
        """The bytes under this number.

        Raises:
            DocumentMissing: nothing is stored under it.
        """
        try:
            return self._path(number).read_bytes()
        except OSError as cause:
            raise DocumentMissing("This document cannot be fetched right now.") from cause

    def discard(self, number: str) -> None:
        """Remove what a broken-off `put` left; a document that was stored stays."""
        self._path(number).with_suffix(".part").unlink(missing_ok=True)

    def _path(self, number: str) -> Path:
        if not _NUMBER.fullmatch(number):
            raise DocumentMissing("This document cannot be fetched right now.")
        return self._folder / number[:2] / f"{number}.pdf"


def _sync_folder(folder: Path) -> None:
    """Make the rename itself survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
