"""What people do to a sealed file: each method is one way to change it after sealing.

All are made from a fresh genuine file, so that the only difference is the attack.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from verifier.pdf.bytecheck import SEAL_REVISION, signatures
from verifier.pdf.revisions import PdfFile, parse
from verifier.pdf.syntax import Ref, String

Objects = dict[int, bytes]


@dataclass(frozen=True, slots=True)
class Anatomy:
    """Where things are in a genuine file."""

    data: bytes
    file: PdfFile
    root: int
    info: int
    page: int
    next_number: int
    contents: String

    def source(self, number: int) -> bytes:
        """The dictionary of an object as the file writes it last."""
        pattern = rb"(?:^|\n)%d 0 obj\s*(.*?)\s*endobj" % number
        found: list[bytes] = re.findall(pattern, self.data, re.DOTALL)
        return found[-1]


def anatomy(data: bytes) -> Anatomy:
    """Take a genuine file apart with our own strict reader."""
    file = parse(data)
    trailer = file.revisions[-1].trailer
    root, info = trailer["Root"], trailer["Info"]
    seal = signatures(file)[0].dictionary["Contents"]
    page = next(
        number
        for number, item in file.revisions[SEAL_REVISION].objects.items()
        if isinstance(item.value, dict) and item.value.get("Type") == "Page"
    )
    assert isinstance(root, Ref)
    assert isinstance(info, Ref)
    assert isinstance(seal, String)
    size = trailer["Size"]
    assert isinstance(size, int)
    return Anatomy(data, file, root.number, info.number, page, size, seal)


def update(genuine: Anatomy, objects: Objects, *, listed: bool = True) -> bytes:
    """Append an incremental update (ISO 32000-1, 7.5.6), its table left out on request."""
    data = bytearray(genuine.data)
    offsets = {}
    for number, body in objects.items():
        offsets[number] = len(data)
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(data)
    previous = int(re.findall(rb"startxref\s+(\d+)", genuine.data)[-1])
    size = max(genuine.next_number, *(number + 1 for number in objects))
    identifier = re.findall(rb"/ID\s*\[[^\]]*\]", genuine.data)[-1]
    names = genuine.root, genuine.info, identifier
    if listed:
        data += b"xref\n"
        for number, offset in sorted(offsets.items()):
            if number - 1 not in offsets:
                run = next(n for n in range(number, size + 1) if n not in offsets) - number
                data += b"%d %d\n" % (number, run)
            data += b"%010d 00000 n\r\n" % offset
    trailer = b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R%s" % (size, *names)
    data += trailer + b"/Prev %d>>\nstartxref\n%d\n%%%%EOF\n" % (
        previous,
        start if listed else previous,
    )
    return bytes(data)


def _with(dictionary: bytes, addition: bytes) -> bytes:
    return dictionary[: dictionary.rindex(b">>")] + addition + b">>"


def _junk(genuine: Anatomy) -> bytes:
    return genuine.data + b"junk"


def _second_line_end(genuine: Anatomy) -> bytes:
    return genuine.data + b"\n"


def _null_bytes(genuine: Anatomy) -> bytes:
    return genuine.data + b"\x00" * 40


def _page_without_table(genuine: Anatomy) -> bytes:
    changed = _with(genuine.source(genuine.page), b"/Rotate 90")
    return update(genuine, {genuine.page: changed}, listed=False)


def _loose_object(genuine: Anatomy) -> bytes:
    return genuine.data + b"%d 0 obj\n<</Type/Page>>\nendobj\n" % genuine.page


def _info_replaced(genuine: Anatomy) -> bytes:
    return update(genuine, {genuine.info: b"<</Title(Another name)>>"})


def _page_replaced(genuine: Anatomy) -> bytes:
    changed = _with(genuine.source(genuine.page), b"/Rotate 90")
    return update(genuine, {genuine.page: changed})


def _annotation(genuine: Anatomy) -> bytes:
    note, page = genuine.next_number, genuine.source(genuine.page)
    added = b"/Annots [ %d 0 R " % note
    changed = re.sub(rb"/Annots\s*\[", added, page)
    body = b"<</Type/Annot/Subtype/FreeText/Rect[50 50 300 90]/Contents(10)/DA(/F 12 Tf)>>"
    return update(genuine, {genuine.page: changed, note: body})


def _form_field(genuine: Anatomy) -> bytes:
    field = genuine.next_number
    catalog = re.sub(rb"/Fields\s*\[", b"/Fields [ %d 0 R " % field, genuine.source(genuine.root))
    return update(genuine, {genuine.root: catalog, field: b"<</FT/Tx/T(name)/V(other)>>"})


def _names_replaced(genuine: Anatomy) -> bytes:
    catalog = re.sub(rb"/Names\b", b"/Other", genuine.source(genuine.root), count=1)
    return update(genuine, {genuine.root: catalog})


def _javascript(genuine: Anatomy) -> bytes:
    catalog = _with(genuine.source(genuine.root), b"/OpenAction<</S/JavaScript/JS(1)>>")
    return update(genuine, {genuine.root: catalog})


def _signature_hidden(genuine: Anatomy) -> bytes:
    body = b"<</X[<</Type/Sig/ByteRange[0 1 2 3]/Contents<00>>>]>>"
    return update(genuine, {genuine.next_number: body})


def _dss_emptied(genuine: Anatomy) -> bytes:
    store = genuine.next_number
    catalog = re.sub(rb"/DSS \d+ 0 R", b"", genuine.source(genuine.root))
    catalog = _with(catalog, b"/DSS %d 0 R" % store)
    return update(genuine, {genuine.root: catalog, store: b"<</Type/DSS/Certs[]>>"})


def _second_signature(genuine: Anatomy) -> bytes:
    """A field with a signature of its own, as an honest signer of another office adds one."""
    field, value = genuine.next_number, genuine.next_number + 1
    catalog = re.sub(rb"/Fields\s*\[", b"/Fields [ %d 0 R " % field, genuine.source(genuine.root))
    signature = b"<</Type/Sig/Filter/Adobe.PPKLite/ByteRange[0 1 2 3]/Contents<00>>>"
    widget = b"<</FT/Sig/T(Second)/V %d 0 R>>" % value
    return update(genuine, {genuine.root: catalog, field: widget, value: signature})


def _seal_rewritten(genuine: Anatomy) -> bytes:
    """The seal's own dictionary once more, in an update that says something else of it."""
    number = signatures(genuine.file)[0].number
    body = genuine.source(number).replace(b"/P 1", b"/P 3")
    return update(genuine, {number: body})


def _other_catalog(genuine: Anatomy) -> bytes:
    """A trailer that points at another catalog, which shows other pages."""
    copy = genuine.next_number
    changed = update(genuine, {copy: genuine.source(genuine.root)})
    head, mark, tail = changed.rpartition(b"/Root %d 0 R" % genuine.root)
    assert mark
    return head + b"/Root %d 0 R" % copy + tail


def _empty_update(genuine: Anatomy) -> bytes:
    return update(genuine, {genuine.root: genuine.source(genuine.root)})


def _metadata_replaced(genuine: Anatomy) -> bytes:
    found = re.search(rb"/Metadata (\d+) 0 R", genuine.source(genuine.root))
    assert found is not None
    body = b"<</Type/Metadata/Subtype/XML/Length 3>>\nstream\n<x>\nendstream"
    return update(genuine, {int(found[1]): body})


def _structure_replaced(genuine: Anatomy) -> bytes:
    found = re.search(rb"/StructTreeRoot (\d+) 0 R", genuine.source(genuine.root))
    assert found is not None
    return update(genuine, {int(found[1]): b"<</Type/StructTreeRoot>>"})


def _content_bit(genuine: Anatomy) -> bytes:
    place = genuine.data.index(b"stream\n") + 12
    return _flip(genuine.data, 8 * place)


def _flip(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def _byte_range(genuine: Anatomy, change: Callable[[bytes], bytes]) -> bytes:
    """Rewrite the array in its own room, so that nothing else moves."""
    found = re.search(rb"/ByteRange ?\[[^\]]+\] *", genuine.data)
    assert found is not None
    return genuine.data.replace(found[0], change(found[0]).ljust(len(found[0])))


def _range_moved(genuine: Anatomy) -> bytes:
    return _byte_range(genuine, lambda old: old.replace(b"[0 ", b"[1 "))


def _range_missing(genuine: Anatomy) -> bytes:
    return _byte_range(genuine, lambda _: b"")


def _range_negative(genuine: Anatomy) -> bytes:
    return _byte_range(genuine, lambda old: old.replace(b"[0 ", b"[-9 "))


def _range_short(genuine: Anatomy) -> bytes:
    return _byte_range(genuine, lambda old: re.sub(rb" \d+\]", b" 9]", old))


def _contents(genuine: Anatomy, change: Callable[[bytes], bytes]) -> bytes:
    start, end = genuine.contents.start, genuine.contents.end
    return genuine.data[:start] + change(genuine.data[start:end]) + genuine.data[end:]


def _contents_null(genuine: Anatomy) -> bytes:
    return _contents(genuine, lambda old: b"null".ljust(len(old)))


def _contents_zero(genuine: Anatomy) -> bytes:
    return _contents(genuine, lambda old: b"<" + b"0" * (len(old) - 2) + b">")


def _contents_mixed_case(genuine: Anatomy) -> bytes:
    return _contents(genuine, lambda old: old[:200].swapcase() + old[200:])


def _contents_padding(genuine: Anatomy) -> bytes:
    return _contents(genuine, lambda old: old[:-3] + b"1>" if old[-1:] == b">" else old)


def _truncated(genuine: Anatomy) -> bytes:
    return genuine.data[: genuine.file.revisions[0].end // 2]


def _cut_in_the_seal(genuine: Anatomy) -> bytes:
    return genuine.data[: genuine.contents.start + 2000]


def _end_cut(genuine: Anatomy) -> bytes:
    return genuine.data[:-7]


def _shifted(genuine: Anatomy) -> bytes:
    return b" \n" + genuine.data


def _seal_cut_off(genuine: Anatomy) -> bytes:
    return genuine.data[: genuine.file.revisions[0].end]


ATTACKS: dict[str, Callable[[Anatomy], bytes]] = {
    attack.__name__.strip("_"): attack
    for attack in (
        _junk,
        _second_line_end,
        _null_bytes,
        _page_without_table,
        _loose_object,
        _info_replaced,
        _page_replaced,
        _annotation,
        _form_field,
        _names_replaced,
        _javascript,
        _signature_hidden,
        _dss_emptied,
        _second_signature,
        _seal_rewritten,
        _other_catalog,
        _empty_update,
        _metadata_replaced,
        _structure_replaced,
        _content_bit,
        _range_moved,
        _range_missing,
        _range_negative,
        _range_short,
        _contents_null,
        _contents_zero,
        _contents_mixed_case,
        _contents_padding,
        _truncated,
        _cut_in_the_seal,
        _end_cut,
        _shifted,
        _seal_cut_off,
    )
}
