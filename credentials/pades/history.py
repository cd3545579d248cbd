"""What our own updates made of a file, held to the form that we write, byte by byte.

An archival update is a new time-stamp of ours over everything before it. So everything
before it must be ours: the renderer's file, one seal, archival updates, and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from credentials.pades import dictionaries, layout, shape
from credentials.pades.layout import PdfObject, Trailer
from credentials.pades.reading import SEAL, Revision, SealedFile, Signed
from credentials.pades.shape import OwnFile, foreign

_CATALOG_END = re.compile(
    rb"/AcroForm<</Fields\[(\d{1,7} 0 R(?: \d{1,7} 0 R)*)\]/SigFlags 3>>"
    rb"/Perms<</DocMDP (\d{1,7}) 0 R>>"
    + re.escape(dictionaries.ESIC)
    + rb"(?:/DSS (\d{1,7}) 0 R)?>>\Z"
)
_LITERAL = rb"\((?:[^()\\\r\n]|\\[()\\rn])*\)"
_SIGNATURE = re.compile(
    rb"<</Type/Sig/Filter/Adobe\.PPKLite/SubFilter/ETSI\.CAdES\.detached/M\(D:\d{14}Z\)"
    rb"(?:/Reason" + _LITERAL + rb")?(?:/Location" + _LITERAL + rb")?"
    rb"/Reference\[<</Type/SigRef/TransformMethod/DocMDP/TransformParams"
    rb"<</Type/TransformParams/V/1\.2/P 1>>>>\]"
)
_STORE = re.compile(rb"<</Type/DSS/Certs\[([^\]]*)\]/OCSPs\[([^\]]*)\]/CRLs\[([^\]]*)\]>>")
_REFERENCE = re.compile(rb"(\d{1,7}) 0 R")
_STREAM = re.compile(rb"<</Length (\d{1,8})/Filter/FlateDecode>>\nstream\n")
_STREAM_END = b"\nendstream"
_BYTE_RANGE = b"/ByteRange"
SEAL_FIELD = b"(Seal)"


@dataclass(slots=True)
class History:
    """A file of ours as it now stands: what the next update must know."""

    file: SealedFile
    draft: OwnFile
    fields: list[int]
    """The seal's field, then those of the archive time-stamps."""
    seal: int
    page: bytes
    store: tuple[list[int], list[int], list[int]] = field(default_factory=lambda: ([], [], []))
    """Streams of the DSS: certificates, OCSP responses, revocation lists."""
    streams: dict[bytes, int] = field(default_factory=dict)
    """Number of each DSS stream by its body."""
    stamps: list[Signed] = field(default_factory=list)

    @property
    def newest(self) -> Revision:
        """The last update."""
        return self.file.revisions[-1]


def read_history(file: SealedFile) -> History:
    """Read the updates of a sealed file, oldest first.

    Raises:
        UnknownShape: some update is not one of ours.
    """
    if len(file.revisions) <= SEAL:
        raise foreign()
    history = _seal(file)
    for number in range(SEAL + 1, len(file.revisions)):
        _archival(history, number)
    return history


def begin_history(file: SealedFile, draft: OwnFile) -> History:
    """The history of a file that has its seal and nothing behind it."""
    page = dictionaries.page_with(draft.page, draft.size)
    return History(file, draft, [draft.size], draft.size + 1, page)


def _seal(file: SealedFile) -> History:
    draft = shape.read_draft(file.data[: file.revisions[SEAL].start])
    history = begin_history(file, draft)
    widget, value = history.fields[0], history.seal
    signed = file.signed(value, SEAL)
    if _SIGNATURE.fullmatch(signed.dictionary) is None:
        raise foreign()
    expected = (
        (draft.page_number, history.page),
        (draft.root, dictionaries.catalog_with(draft.catalog, [widget], value)),
        (widget, dictionaries.widget(SEAL_FIELD, draft.page_number, value)),
        (value, _signature_body(file, signed)),
    )
    _require_laid(history, SEAL, expected)
    return history


def _archival(history: History, at: int) -> None:
    """One archival update: a DSS, and mostly a time-stamp with its widget."""
    file, draft = history.file, history.draft
    end = _CATALOG_END.search(file.catalog(at))
    if end is None or end[3] is None:
        raise foreign()
    fields, dss = _references(end[1]), int(end[3])
    added = fields[len(history.fields) :]
    if fields[: len(history.fields)] != history.fields or len(added) > 1:
        raise foreign()
    objects = [*_store(history, at, dss)]
    history.fields = fields
    catalog = dictionaries.catalog_with(draft.catalog, fields, history.seal, dss)
    objects.append((draft.root, catalog))
    if added:
        objects.extend(_stamp(history, at, added[0]))
    _require_laid(history, at, tuple(objects))


def _store(history: History, at: int, dss: int) -> Iterator[PdfObject]:
    """The streams that this update adds, and the DSS that lists them behind the older ones."""
    body = history.file.body(dss, at)
    listed = _STORE.fullmatch(body)
    if listed is None:
        raise foreign()
    store = tuple(_references(one) for one in listed.groups())
    if any(new[: len(old)] != old for old, new in zip(history.store, store, strict=True)):
        raise foreign()
    added = {one for group in store for one in group} - set(history.streams.values())
    for number in sorted(added):
        stream = _stream(history.file, at, number)
        history.streams[stream] = number
        yield number, stream
    history.store = (store[0], store[1], store[2])
    yield dss, dictionaries.document_security_store(*history.store)


def _stream(file: SealedFile, at: int, number: int) -> bytes:
    table = file.revisions[at]
    head = b"%d 0 obj\n" % number
    start = table.rows.get(number, -1)
    found = _STREAM.match(file.data, start + len(head), table.xref) if start >= 0 else None
    if found is None:
        raise foreign()
    end = found.end() + int(found[1])
    if not file.data.startswith(_STREAM_END, end):
        raise foreign()
    return file.data[start + len(head) : end + len(_STREAM_END)]


def packed_in(body: bytes) -> bytes:
    """The packed content of a stream of `History.streams`."""
    head = _STREAM.match(body)
    if head is None:
        raise foreign()
    return body[head.end() : -len(_STREAM_END)]


def _stamp(history: History, at: int, widget: int) -> Iterator[PdfObject]:
    """The page with its new widget, the widget, and the document time-stamp."""
    page, value = history.draft.page_number, widget + 1
    history.page = dictionaries.page_with(history.page, widget)
    signed = history.file.signed(value, at)
    if signed.dictionary + _BYTE_RANGE != dictionaries.DOCUMENT_TIME_STAMP:
        raise foreign()
    history.stamps.append(signed)
    name = dictionaries.stamp_field(len(history.stamps))
    yield page, history.page
    yield widget, dictionaries.widget(name, page, value)
    yield value, _signature_body(history.file, signed)


def _signature_body(file: SealedFile, signed: Signed) -> bytes:
    """The signature dictionary as we would write it around those digits."""
    opening, closing = signed.gap
    stated = b"[0 %d %d %d]" % (opening, closing, signed.end - closing)
    return b"%b%b%b/Contents%b>>" % (
        signed.dictionary,
        _BYTE_RANGE,
        stated.ljust(layout.BYTE_RANGE_FIELD),
        file.data[opening:closing],
    )


def _require_laid(history: History, at: int, objects: tuple[PdfObject, ...]) -> None:
    """The update is exactly these objects, its table and its trailer, in our form."""
    file, draft, table = history.file, history.draft, history.file.revisions[at]
    before = file.revisions[at - 1]
    size = max(before.size, *(number + 1 for number, _ in objects))
    trailer = Trailer(
        size, draft.root, draft.info, (draft.identifier, table.identifiers[1]), before.xref
    )
    if layout.lay(table.start, objects, trailer) != file.data[table.start : table.end]:
        raise foreign()


def _references(listed: bytes) -> list[int]:
    """The numbers in an array of references, which was written by us: nothing else is in it."""
    found = [int(one) for one in _REFERENCE.findall(listed)]
    if dictionaries.references(found) != b"[%b]" % listed:
        raise foreign()
    return found
