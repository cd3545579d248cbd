"""Files that are the same for everybody: styles, fonts, the mark.

They are read once at start and served from memory, so a request can never name a
path outside the folders. The hash of all of them together is part of every address:
a browser may keep a file for a year, and a release that changes one changes them all.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from web import joining

_PACKED_ALREADY = frozenset({".woff2"})
OWN = Path(__file__).resolve().parent / "static"
JOINED = ("echt.css",)
"""What every page loads is one file."""

MEDIA_TYPES: Mapping[str, str] = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file, ready to send."""

    content: bytes
    media_type: str
    packed: bytes | None = None
    """The same in gzip (RFC 1952); None for what is packed already. Secrets never stand in here."""

    def answer_for(self, accepted: str) -> tuple[bytes, Mapping[str, str]]:
        """The bytes and headers for a reader that sent this Accept-Encoding (RFC 9110 12.5.3)."""
        if self.packed is None:
            return self.content, {}
        vary = {"Vary": "Accept-Encoding"}
        words = {part.replace(" ", "") for part in accepted.split(",")}
        if words & {"gzip", "gzip;q=1.0", "gzip;q=1"}:
            return self.packed, vary | {"Content-Encoding": "gzip"}
        return self.content, vary


class StaticTree:
    """All static files of the service under one version."""

    def __init__(self, folders: Iterable[Path] = (OWN,), joined: Iterable[str] = ()) -> None:
        """Read these folders; modules and styles named in `joined` bring all that they import."""
        self._files = {
            path.relative_to(folder).as_posix(): _read(path)
            for folder in folders
            for path in sorted(folder.rglob("*"))
            if path.suffix in MEDIA_TYPES
        }
        self._files |= {name: self._with_imports(name) for name in joined}
        digest = hashlib.sha256()
        for name, file in sorted(self._files.items()):
            digest.update(name.encode() + b"\0" + hashlib.sha256(file.content).digest())
        self.version = digest.hexdigest()[:16]

    def _with_imports(self, name: str) -> StaticFile:
        kind = Path(name).suffix
        alike = {one: file for one, file in self._files.items() if one.endswith(kind)}
        texts = {one: file.content.decode() for one, file in alike.items()}
        join = joining.joined_styles if kind == ".css" else joining.joined
        return packed(join(name, texts).encode(), alike[name].media_type)

    def url(self, name: str) -> str:
        """Address of a file; a name that does not exist fails where it is written."""
        if name not in self._files:
            raise LookupError(name)
        return f"/static/{self.version}/{name}"

    def find(self, version: str, name: str) -> StaticFile | None:
        """The file, when the address is of this release."""
        return self._files.get(name) if version == self.version else None


def _read(path: Path) -> StaticFile:
    content, media_type = path.read_bytes(), MEDIA_TYPES[path.suffix]
    is_packed = path.suffix in _PACKED_ALREADY
    return StaticFile(content, media_type) if is_packed else packed(content, media_type)


def packed(content: bytes, media_type: str) -> StaticFile:
    """These very bytes, also in gzip. Not for what holds a secret: its length would tell of it."""
    return StaticFile(content, media_type, gzip.compress(content, 9, mtime=0))
