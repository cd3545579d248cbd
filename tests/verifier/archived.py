"""A sealed file with archive data, laid out as pdf.md 3.3 (update 2) says, by hand."""

from __future__ import annotations

import hashlib
import re

from keys import hierarchy
from tests.verifier.attacks import Anatomy, update
from tests.verifier.sealed import NOW, World
from verifier.pdf.bytecheck import SEAL_REVISION, catalog_at
from verifier.pdf.syntax import Ref

ROOM = 4000


def archived(genuine: Anatomy, world: World, *, extra: dict[int, bytes] | None = None) -> bytes:
    """Append DSS and document time-stamp; `extra` slips other objects into the update."""
    store, stream, widget, stamp = (genuine.next_number + n for n in range(4))
    form = catalog_at(genuine.file, SEAL_REVISION)["AcroForm"]
    assert isinstance(form, Ref)
    field = rb"\g<0> %d 0 R " % widget
    der = genuine.file.data[:20].hex().encode()
    data = update(
        genuine,
        {
            stream: b"<</Length %d>>\nstream\n%s\nendstream" % (len(der), der),
            store: b"<</Type/DSS/Certs[%d 0 R]>>" % stream,
            genuine.root: _with(genuine.source(genuine.root), b"/DSS %d 0 R" % store),
            form.number: re.sub(rb"\d+ 0 R(?=\s*\])", field, genuine.source(form.number)),
            genuine.page: re.sub(
                rb"/Annots\s*\[", rb"\g<0> %d 0 R " % widget, genuine.source(genuine.page)
            ),
            widget: b"<</Type/Annot/Subtype/Widget/FT/Sig/T(ArchiveTimestamp1)/F 132"
            b"/Rect[0 0 0 0]/P %d 0 R/V %d 0 R>>" % (genuine.page, stamp),
            stamp: b"<</Type/DocTimeStamp/Filter/Adobe.PPKLite/SubFilter/ETSI.RFC3161"
            b"/ByteRange[0 0000000000 0000000000 0000000000]/Contents<" + b"0" * ROOM + b">>>",
            **(extra or {}),
        },
    )
    return _stamped(data, world)


def _with(dictionary: bytes, addition: bytes) -> bytes:
    return dictionary[: dictionary.rindex(b">>")] + addition + b">>"


def _stamped(data: bytes, world: World) -> bytes:
    start = data.index(b"<" + b"0" * ROOM + b">")
    end = start + ROOM + 2
    numbers = b"0 %d %d %d" % (start, end, len(data) - end)
    room = b"[0 0000000000 0000000000 0000000000]"
    data = data.replace(room, (b"[" + numbers + b"]").ljust(len(room)))
    digest = hashlib.sha256(data[:start] + data[end:]).digest()
    token = hierarchy.open_timestamper(world.keys, clock=lambda: NOW).stamp(digest)
    return data[: start + 1] + token.hex().ljust(ROOM, "0").encode() + data[end - 1 :]
