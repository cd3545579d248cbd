"""Files that are either wholly there or not there at all, also after a power cut."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PRIVATE = 0o600
PUBLIC = 0o644
OWNER_ONLY = 0o700


def create(path: Path, data: bytes, *, mode: int) -> None:
    """Write a new file and flush it to disk; never follows or overwrites what is there."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    with os.fdopen(descriptor, "wb") as file:
        os.fchmod(descriptor, mode)  # the umask does not decide who reads a key
        file.write(data)
        file.flush()
        os.fsync(descriptor)


def replace(path: Path, data: bytes, *, mode: int) -> None:
    """Put `data` in the place of a file in one step: a reader sees the old or the new."""
    draft = path.with_name(f".{path.name}.new")
    draft.unlink(missing_ok=True)
    create(draft, data, mode=mode)
    draft.replace(path)
    flush_folder(path.parent)


def flush_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Hold the one lock of a folder: a second process waits until this one is done."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def whole(place: Path) -> Iterator[Path]:
    """Fill a draft beside `place`, which becomes `place` at the end, or never was.

    What a killed attempt left is cleared first. The caller holds the lock of the parent.
    """
    draft = place.with_name(f".{place.name}.making")
    if draft.exists():
        shutil.rmtree(draft)
    draft.mkdir(mode=OWNER_ONLY)
    try:
        yield draft
        for folder in (*(one for one in draft.rglob("*") if one.is_dir()), draft):
            flush_folder(folder)
        draft.rename(place)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    flush_folder(place.parent)
