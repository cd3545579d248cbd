"""Keeping the newest proven index: pulled from the issuer, kept on disk, never exchanged for worse.

A pull may end anywhere, by a dead line or a dead process. Segments are checked before they
get their name, and the page gets its place last, so what is found at the next start is an
index that was whole and proven; and it is proven again before it is used.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Protocol

from verifier.errors import IndexNotTrusted, IndexUnavailable
from verifier.index.page import MAX_PAGE, Page, SegmentName, read_page
from verifier.index.segment import Segment
from verifier.index.snapshot import Snapshot

LATEST = "latest.jws"
_CHUNK = 1024 * 1024


class Fetch(Protocol):
    """Brings what the issuer publishes, piece by piece."""

    def __call__(self, name: str, *, at_most: int) -> Iterator[bytes]:
        """The bytes under a name.

        Raises:
            IndexUnavailable: no answer in time, or more bytes than that.
        """
        ...


class PulledIndex:
    """The newest index that was proven, for any number of readers and one puller."""

    def __init__(
        self,
        folder: Path,
        fetch: Fetch,
        *,
        trust: Callable[[], bytes | None],
        clock: Callable[[], datetime],
    ) -> None:
        self._folder = folder
        self._fetch = fetch
        self._trust = trust
        self._clock = clock
        self._pulling = threading.Lock()
        self._current: Snapshot | None = None

    def current(self) -> Snapshot:
        """The newest proven index, however old: its moment is in it.

        Raises:
            IndexUnavailable: there never was one.
        """
        if self._current is None:
            raise IndexUnavailable("The list of issued documents cannot be asked now.")
        return self._current

    def load(self) -> None:
        """Take up what an earlier run kept; what is not whole and proven is passed over."""
        try:
            page = self._proven((self._folder / LATEST).read_bytes())
            if all(self._has(name) for name in page.segments):
                self._current = self._opened(page)
        except (OSError, IndexNotTrusted):
            return

    def pull(self) -> bool:
        """Fetch and prove the newest index; tell whether there was a newer one.

        Raises:
            IndexUnavailable: the issuer does not answer, or not in time.
            IndexNotTrusted: what came is not ours, changed, or older than what is kept.
        """
        with self._pulling:
            page = self._proven(b"".join(self._fetch(LATEST, at_most=MAX_PAGE)))
            if self._current is not None and page.data == self._current.page:
                return False
            if self._current is not None and page.as_of <= self._current.as_of:
                raise IndexNotTrusted("The index is older than the one that was seen before.")
            try:
                self._take(page)
            except OSError as cause:
                raise IndexUnavailable("The index cannot be kept on this disk.") from cause
            return True

    def _proven(self, data: bytes) -> Page:
        return read_page(data, self._trust(), now=self._clock())

    def _take(self, page: Page) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for name in page.segments:
            if not self._has(name):
                self._download(name)
        snapshot = self._opened(page)
        _write(self._folder / LATEST, iter((page.data,)))
        self._current = snapshot
        self._clear(page)

    def _has(self, name: SegmentName) -> bool:
        path = self._path(name)
        return path.is_file() and _sha256(path) == name.sha256

    def _download(self, name: SegmentName) -> None:
        """Write beside its place, prove it, and only then give it its name."""
        draft = self._path(name).with_suffix(".draft")
        _write(draft, self._fetch(f"{name.sha256}.segment", at_most=name.size), final=False)
        if _sha256(draft) != name.sha256:
            draft.unlink()
            raise IndexNotTrusted("A part of the index is not the one that was signed.")
        draft.replace(self._path(name))

    def _opened(self, page: Page) -> Snapshot:
        """Map every segment; each was proven by its hash."""
        segments = tuple(Segment(self._path(name)) for name in page.segments)
        return Snapshot(page.as_of, page.data, segments)

    def _path(self, name: SegmentName) -> Path:
        return self._folder / f"{name.sha256}.segment"

    def _clear(self, page: Page) -> None:
        """Remove what no page needs; a mapping of it lives on until its last reader is done."""
        needed = {self._path(name) for name in page.segments}
        for one in (*self._folder.glob("*.segment"), *self._folder.glob("*.draft")):
            if one not in needed:
                one.unlink()


def _write(path: Path, pieces: Iterator[bytes], *, final: bool = True) -> None:
    """All of it on disk before it has its name."""
    draft = path.with_name(f".{path.name}.new") if final else path
    with draft.open("wb") as file:
        for piece in pieces:
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    if final:
        draft.replace(path)


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(_CHUNK):
            digest.update(piece)
    return digest.hexdigest()
