"""The last good file of each registry, on disk: wholly there, or not at all.

One file for each address: a line that says what it is, and then the bytes as they came. It is
replaced in one step, so whoever is killed leaves the old one or the new one.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from emrex.registry.fetching import Marks
from emrex.registry.reading import MAX_BYTES
from keys import durable

MAX_HEAD = 4 * 1024


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A registry's file, and when it was seen."""

    address: str
    body: bytes = field(repr=False)
    marks: Marks
    checked_at: datetime
    """When the registry last said that this is what it lists."""


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder with the last good file of each registry."""

    folder: Path

    def keep(self, snapshot: Snapshot) -> None:
        """Put a file in the place of the one before; durable when this returns.

        Raises:
            OSError: the disk refuses; the one before is still there.
        """
        self.folder.mkdir(mode=durable.OWNER_ONLY, parents=True, exist_ok=True)
        head = {
            "address": snapshot.address,
            "etag": snapshot.marks.etag,
            "modified": snapshot.marks.modified,
            "checked_at": snapshot.checked_at.isoformat(),
            "sha256": hashlib.sha256(snapshot.body).hexdigest(),
        }
        data = json.dumps(head).encode() + b"\n" + snapshot.body
        with durable.alone(self.folder):
            durable.replace(self._path(snapshot.address), data, mode=durable.PRIVATE)

    def kept(self, address: str) -> Snapshot | None:
        """The last good file of that registry; None where there is none, or a damaged one."""
        try:
            with self._path(address).open("rb") as file:
                data = file.read(MAX_HEAD + MAX_BYTES + 1)
        except OSError:
            return None
        head, _, body = data.partition(b"\n")
        return _opened(address, head, body)

    def stamp(self, address: str) -> tuple[int, ...]:
        """Another one for every file that is put there; empty where there is none."""
        try:
            found = self._path(address).stat()
        except OSError:
            return ()
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _path(self, address: str) -> Path:
        return self.folder / f"{hashlib.sha256(address.encode()).hexdigest()[:32]}.registry"


def _opened(address: str, head: bytes, body: bytes) -> Snapshot | None:
    try:
        told = json.loads(head)
        is_whole = told["sha256"] == hashlib.sha256(body).hexdigest()
        if not is_whole or told["address"] != address:
            return None
        marks = Marks(str(told["etag"]), str(told["modified"]))
        checked_at = datetime.fromisoformat(told["checked_at"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    return Snapshot(address, body, marks, checked_at) if checked_at.tzinfo else None
