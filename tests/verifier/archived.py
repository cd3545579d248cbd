"""Archive data appended by hand, as pdf.md 3.3 (update 2) lays it out, or not quite so.

Nothing of the sealer is used: what is right and what is wrong here is written down
a second time, from the specification alone.
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.attacks.updates import Anatomy, update
from tests.verifier.sealed import World

ROOM = 4000
STAMP = b"<</Type/DocTimeStamp/Filter/Adobe.PPKLite/SubFilter/ETSI.RFC3161"
WIDGET = b"<</Type/Annot/Subtype/Widget/FT/Sig/F 132/Rect[0 0 0 0]"
_RANGE = b"[0 0000000000 0000000000 0000000000]"


def packed(content: bytes) -> bytes:
    """A stream in the one form for what nothing covers: zlib's own stored blocks."""
    data = zlib.compress(content, 0)
    return b"<</Length %d/Filter/FlateDecode>>\nstream\n%s\nendstream" % (len(data), data)


@dataclass(frozen=True, slots=True)
class Archive:
    """What one update brings, in the form in which our sealers write it."""

    certs: tuple[bytes, ...] = ()
    ocsps: tuple[bytes, ...] = ()
    crls: tuple[bytes, ...] = ()
    token: Callable[[bytes], bytes] | None = None
    """Takes the digest of the document, gives a time-stamp; without it there is no time-stamp."""
    name: bytes = b"ArchiveTimestamp1"
    widget: bytes = WIDGET
    stamp: bytes = STAMP
    stream: Callable[[bytes], bytes] = packed
    extra: dict[int, bytes] = field(default_factory=dict)
    """Other objects that ride along."""

    def onto(self, genuine: Anatomy) -> bytes:
        """Append it to a file."""
        objects = self._store(genuine) | self._widget(genuine)
        catalog, page = genuine.source(genuine.root), genuine.source(genuine.page)
        first = genuine.next_number
        if self._items:
            catalog = re.sub(rb"/DSS \d+ 0 R", b"", catalog)
            catalog = _with(catalog, b"/DSS %d 0 R" % (first + len(self._items)))
        if self.token:
            widget = first + len(self._items) + 1
            catalog = re.sub(rb"(/Fields\s*\[[^\]]*)\]", rb"\1 %d 0 R]" % widget, catalog)
            page = re.sub(rb"/Annots\s*\[", rb"/Annots[%d 0 R " % widget, page)
            objects[genuine.page] = page
        objects[genuine.root] = catalog
        data = update(genuine, objects | self.extra)
        return stamped(data, self.token) if self.token else data

    @property
    def _items(self) -> tuple[bytes, ...]:
        return (*self.certs, *self.ocsps, *self.crls)

    def _store(self, genuine: Anatomy) -> dict[int, bytes]:
        first = genuine.next_number
        if not self._items:
            return {}
        objects = {first + n: self.stream(item) for n, item in enumerate(self._items)}
        kept = {kind: _kept(genuine, kind) for kind in (b"Certs", b"OCSPs", b"CRLs")}
        numbers = iter(objects)
        lists = b"".join(
            b"/%s[%s]" % (kind, b" ".join([*kept[kind], *(b"%d 0 R" % next(numbers) for _ in new)]))
            for kind, new in zip(kept, (self.certs, self.ocsps, self.crls), strict=True)
        )
        return {**objects, first + len(objects): b"<</Type/DSS%s>>" % lists}

    def _widget(self, genuine: Anatomy) -> dict[int, bytes]:
        if not self.token:
            return {}
        number = genuine.next_number + len(self._items) + 1
        names = self.name, genuine.page, number + 1
        return {
            number: self.widget + b"/T(%s)/P %d 0 R/V %d 0 R>>" % names,
            number + 1: self.stamp + b"/ByteRange%s/Contents<%s>>>" % (_RANGE, b"0" * ROOM),
        }


def ours(world: World, **changes: object) -> Archive:
    """Archive data of this world: what a document at B-LTA carries."""
    data = world.revocation()
    made = {
        "certs": world.chain[::-1],
        "ocsps": data.ocsps,
        "crls": data.crls,
        "token": world.timestamper().stamp,
        **changes,
    }
    return Archive(**made)  # type: ignore[arg-type]  # a test names only what matters to it


def stamped(data: bytes, token: Callable[[bytes], bytes]) -> bytes:
    """Fill in the byte range and the time-stamp of the last, still empty place."""
    start = data.index(b"<" + b"0" * ROOM + b">")
    end = start + ROOM + 2
    numbers = b"[0 %d %d %d]" % (start, end, len(data) - end)
    data = data.replace(_RANGE, numbers.ljust(len(_RANGE)))
    digest = hashlib.sha256(data[:start] + data[end:]).digest()
    return data[: start + 1] + token(digest).hex().ljust(ROOM, "0").encode() + data[end - 1 :]


def _kept(genuine: Anatomy, kind: bytes) -> list[bytes]:
    """What an earlier DSS has in that list: a new one keeps all of it."""
    found: list[bytes] = re.findall(rb"/%s\[([^\]]*)\]" % kind, genuine.data)
    return re.findall(rb"\d+ 0 R", found[-1]) if found else []


def _with(dictionary: bytes, addition: bytes) -> bytes:
    return dictionary[: dictionary.rindex(b">>")] + addition + b">>"
