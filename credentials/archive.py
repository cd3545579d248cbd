"""Sealed documents on disk: there whole, or not there."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from credentials.errors import ArchiveUnavailable, DocumentMissing

NUMBER = re.compile(r"[0-9A-Z]{4}(-[0-9A-Z]{4}){2}", re.ASCII)
"""Form of a document number; nothing else ever becomes the name of a file."""

LINES = 8
"""Files that are written and synced at the same time."""


class Archive(Protocol):
    """Keeps the bytes of sealed documents by document number."""

    def put(self, number: str, document: bytes) -> None:
        """Store durably; the same number may be stored again only with the same bytes.

        Raises:
            ArchiveUnavailable: the store is full or out of reach; nothing is stored in part.
        """

    def put_all(self, documents: Mapping[str, bytes]) -> None:
        """Store many durably: every one is kept when this returns; raises as `put`.

        When it raises, any of them may be stored and none is stored in part.
        """

    def get(self, number: str) -> bytes:
        """The bytes under this number.

        Raises:
            DocumentMissing: nothing is stored under it.
            ArchiveUnavailable: the store cannot be asked now.
        """
        ...

    def discard(self, number: str) -> None:
        """Remove what a broken-off `put` left; a document that was stored stays.

        Raises:
            ArchiveUnavailable: the store cannot be asked now.
        """

    def remove(self, number: str) -> None:
        """Remove what is stored under this number, if anything is.

        Only for a number whose outcome is recorded as abandoned: that is final, so no
        document may ever be fetched under it.

        Raises:
            ArchiveUnavailable: the store cannot be asked now.
        """


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
        """Store durably: the bytes are on disk when this returns.

        Raises:
            ArchiveUnavailable: the disk is full or cannot be written.
        """
        self.put_all({number: document})

    def put_all(self, documents: Mapping[str, bytes]) -> None:
        """Store many durably: files first, then their names, then the folders that hold them.

        Raises:
            ArchiveUnavailable: the disk is full or cannot be written.
        """
        targets = {self._path(number): document for number, document in documents.items()}
        try:
            # Side by side, because a disk syncs many files in little more time than one.
            with ThreadPoolExecutor(LINES) as lines:
                list(lines.map(_write, targets, targets.values()))
                for target in targets:
                    target.with_suffix(".part").replace(target)
                list(lines.map(_sync_folder, {target.parent for target in targets}))
        except OSError as cause:
            for number in documents:
                with suppress(ArchiveUnavailable):  # a disk that fails may fail at this as well
                    self.discard(number)
            raise ArchiveUnavailable("Documents cannot be stored or fetched right now.") from cause

    def get(self, number: str) -> bytes:
        """The bytes under this number.

        Raises:
            DocumentMissing: nothing is stored under it.
            ArchiveUnavailable: the disk cannot be read.
        """
        try:
            return self._path(number).read_bytes()
        except FileNotFoundError as cause:
            raise DocumentMissing("This document cannot be fetched right now.") from cause
        except OSError as cause:
            raise ArchiveUnavailable("Documents cannot be stored or fetched right now.") from cause

    def discard(self, number: str) -> None:
        """Remove what a broken-off `put` left; a document that was stored stays.

        Raises:
            ArchiveUnavailable: the disk cannot be written.
        """
        try:
            self._path(number).with_suffix(".part").unlink(missing_ok=True)
        except OSError as cause:
            raise ArchiveUnavailable("Documents cannot be stored or fetched right now.") from cause

    def remove(self, number: str) -> None:
        """Remove the file of an abandoned number, durably.

        Raises:
            ArchiveUnavailable: the disk cannot be written.
        """
        path = self._path(number)
        try:
            with suppress(FileNotFoundError):
                path.unlink()
                _sync_folder(path.parent)
        except OSError as cause:
            raise ArchiveUnavailable("Documents cannot be stored or fetched right now.") from cause

    def _path(self, number: str) -> Path:
        if not NUMBER.fullmatch(number):
            raise DocumentMissing("This document cannot be fetched right now.")
        return self._folder / number[:2] / f"{number}.pdf"


def _write(target: Path, document: bytes) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.with_suffix(".part").open("wb") as file:
        file.write(document)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Make the rename itself survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
