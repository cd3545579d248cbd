"""Changing a key folder: new files and the new states appear together, or not at all.

New files are made in a draft inside the folder. To commit is to link them into place
and then, last, to rename the new `states.json` over the old: the one step that counts.
A draft that still holds its `states.json` was never committed, so whoever comes next
takes its links away again. Nothing else is ever removed from a key folder.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from keys import durable, states
from keys.errors import KeyUnavailable
from keys.states import KeyBook

DRAFT = ".draft"


@dataclass(frozen=True, slots=True)
class Amendment:
    """One change of a key folder that has not happened yet."""

    folder: Path
    draft: Path
    """Files to add go here, under the names that they will have in the folder."""
    book: KeyBook
    """The key book as it stands before the change."""

    def commit(self, book: KeyBook) -> None:
        """Add the files and put the new key book in the place of the old."""
        _refuse_names_that_exist(self.folder, self.draft)
        durable.create(self.draft / states.FILE, states.encoded(book), mode=durable.PRIVATE)
        durable.flush_folder(self.draft)
        for path in _files(self.draft):
            if path.name != states.FILE:
                place = self.folder / path.relative_to(self.draft)
                place.parent.mkdir(parents=True, exist_ok=True)
                os.link(path, place)
                durable.flush_folder(place.parent)
        (self.draft / states.FILE).rename(self.folder / states.FILE)
        durable.flush_folder(self.folder)


@contextmanager
def amended(folder: Path) -> Iterator[Amendment]:
    """Hold a key folder alone for one change; without a commit it stays as it was.

    Raises:
        KeyUnavailable: no hierarchy here, or the disk refuses.
    """
    try:
        with durable.alone(folder):
            _clear(folder)
            draft = folder / DRAFT
            draft.mkdir(mode=durable.OWNER_ONLY)
            try:
                yield Amendment(folder, draft, states.load(folder))
            finally:
                _clear(folder)
    except OSError as cause:
        raise KeyUnavailable(f"The key folder cannot be used ({cause.strerror}).") from cause


def _clear(folder: Path) -> None:
    """Undo a change that was not committed; forget the draft of one that was."""
    draft = folder / DRAFT
    if (draft / states.FILE).exists():
        for path in _files(draft):
            place = folder / path.relative_to(draft)
            if place.exists() and place.samefile(path):
                place.unlink()
                _drop_empty(place.parent, below=folder)
    if draft.exists():
        # A kill in the middle of the removal must not make this look committed: files that
        # were linked go first, `states.json` last.
        for path in sorted(_files(draft), key=lambda one: one.name == states.FILE):
            path.unlink()
        shutil.rmtree(draft)


def _drop_empty(folder: Path, *, below: Path) -> None:
    while folder != below and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _refuse_names_that_exist(folder: Path, draft: Path) -> None:
    for path in _files(draft):
        if (folder / path.relative_to(draft)).exists():
            raise KeyUnavailable(f"There is a {path.name} in the key folder already.")


def _files(draft: Path) -> list[Path]:
    return sorted(path for path in draft.rglob("*") if path.is_file())
