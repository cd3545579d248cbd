"""What may stand after the seal: archive data, update upon update (`spec/pdf.md` 3.7.2).

An update may add validation data (DSS) with its streams, a document time-stamp with
its widget, or both. Of what existed before it may touch the catalog (form fields and
DSS only), the form, and the first page (annotations only). Nothing else, and nothing
of an earlier update: each is held against the file as the update before left it.
Whether the data and the time-stamps are ours is asked elsewhere.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from verifier.pdf.bytecheck import SEAL_REVISION, SignaturePlace, catalog_at
from verifier.pdf.plainness import is_plain
from verifier.pdf.syntax import Dictionary, Name, Ref, Refused, String, Value, same
from verifier.pdf.uncovered import require_exact

if TYPE_CHECKING:
    from verifier.pdf.revisions import PdfFile

LISTS = ("Certs", "OCSPs", "CRLs")
"""What a DSS holds (ETSI EN 319 142-1, 5.4.2.2); our sealers write no VRI."""
MAX_STREAMS = 400
MAX_IDENTIFIER = 64
"""Length of either half of the ID, in bytes."""

_DSS = frozenset({"Type", *LISTS})
_STREAM = frozenset({"Length", "Filter"})
_TRAILER = frozenset({"Size", "Root", "Info", "ID", "Prev"})
_ROOT_MAY_CHANGE = frozenset({"AcroForm", "DSS"})
_WIDGET: Dictionary = {
    "Type": Name("Annot"),
    "Subtype": Name("Widget"),
    "FT": Name("Sig"),
    "F": 132,
    "Rect": [0, 0, 0, 0],
}
_STAMP: Dictionary = {
    "Type": Name("DocTimeStamp"),
    "Filter": Name("Adobe.PPKLite"),
    "SubFilter": Name("ETSI.RFC3161"),
}
_FIELD_NAME = b"ArchiveTimestamp%d"


def require_archival(file: PdfFile) -> tuple[SignaturePlace, ...]:
    """Allow the updates after the seal, if there are any; give their time-stamps, oldest first.

    Raises:
        Refused: one of them adds or changes what is not archive data.
    """
    stamps: list[SignaturePlace] = []
    for number in range(SEAL_REVISION + 1, len(file.revisions)):
        update = _Update(file, number)
        update.require_sound(len(stamps))
        stamps += update.stamps()
        if not update.stamps() and number == len(file.revisions) - 1:
            update.require_exact()
    return tuple(stamps)


def validation_streams(file: PdfFile, revision: int, kind: str) -> list[int]:
    """Object numbers of one list of the DSS as that revision has it; empty without a DSS.

    Raises:
        Refused: the DSS is not of the one form that we write.
    """
    dss = catalog_at(file, revision).get("DSS")
    if dss is None:
        return []
    store = file.resolve(dss, revision)
    if not isinstance(dss, Ref) or not isinstance(store, dict) or not store.keys() <= _DSS:
        raise Refused("archive_data")
    if store.get("Type") != Name("DSS"):
        raise Refused("archive_data")
    entries = store.get(kind, [])
    if not isinstance(entries, list) or len(entries) > MAX_STREAMS:
        raise Refused("archive_data")
    numbers = [_stream_number(file, entry, revision) for entry in entries]
    if len(set(numbers)) != len(numbers):
        raise Refused("archive_data")
    return numbers


def _stream_number(file: PdfFile, entry: Value, revision: int) -> int:
    item = file.at(entry.number, revision) if isinstance(entry, Ref) else None
    if item is None or item.stream is None or not isinstance(item.value, dict):
        raise Refused("archive_data")
    if not item.value.keys() <= _STREAM:
        raise Refused("archive_data")
    return item.number


class _Update:
    """One update after the seal, held against the file as it was before."""

    def __init__(self, file: PdfFile, revision: int) -> None:
        self._file = file
        self._revision = revision
        self._before = revision - 1
        self._changed = file.revisions[revision].objects
        self._new = {number for number in self._changed if file.at(number, self._before) is None}
        self._fields = self._fields_at(revision)[len(self._fields_at(self._before)) :]

    def require_sound(self, stamps_before: int) -> None:
        """Refuse whatever is not archive data.

        Raises:
            Refused: the first thing that is not.
        """
        if not is_plain(self._file.frame(self._revision)):
            raise Refused("object_not_archival")
        self._require_same_trailer()
        self._require_rewritten_in_bounds()
        self._require_form_grows(stamps_before)
        self._require_annotations_grow()
        expected = self._validation_objects() | self._stamp_objects()
        if not self._new or self._new - expected:
            raise Refused("object_not_archival")

    def require_exact(self) -> None:
        """Refuse whatever could be spelled otherwise, since nothing covers this update.

        Raises:
            Refused: a byte is not the one that there has to be.
        """
        root = self._file.revisions[self._revision].trailer["Root"]
        dss = catalog_at(self._file, self._revision).get("DSS")
        if not isinstance(root, Ref) or not isinstance(dss, Ref):
            raise Refused("archive_data")
        lists = {kind: validation_streams(self._file, self._revision, kind) for kind in LISTS}
        require_exact(self._file, lists, root.number, dss.number)

    def stamps(self) -> list[SignaturePlace]:
        """The document time-stamp that this update brings, if it brings one."""
        return [self._stamp(field) for field in self._fields]

    def _require_same_trailer(self) -> None:
        old = self._file.revisions[self._before].trailer
        new = self._file.revisions[self._revision].trailer
        if any(new.get(key) != old.get(key) for key in ("Root", "Info")):
            raise Refused("trailer_changed")
        if new.keys() != _TRAILER or not same(new["Size"], self._size()):
            raise Refused("trailer_changed")
        if not _is_identifier(new["ID"]) or _first_identifier(new) != _first_identifier(old):
            raise Refused("trailer_changed")

    def _size(self) -> int:
        """One more than the highest number of any object (ISO 32000-1, 7.5.5)."""
        revisions = self._file.revisions[: self._revision + 1]
        return 1 + max(number for one in revisions for number in one.objects)

    def _require_rewritten_in_bounds(self) -> None:
        """Of the objects that existed, few may be written again, and each in few keys."""
        may_change = self._may_change()
        for number in self._changed.keys() - self._new:
            old = self._file.at(number, self._before)
            keys = may_change.get(number)
            if old is None or keys is None:
                raise Refused("sealed_object_changed")
            if not _same_but(old.value, self._changed[number].value, keys):
                raise Refused("sealed_object_changed")

    def _may_change(self) -> dict[int, AbstractSet[str]]:
        catalog = catalog_at(self._file, self._before)
        bounds: dict[int, AbstractSet[str]] = {self._page(): {"Annots"}}
        places = (
            (self._file.revisions[self._before].trailer.get("Root"), _ROOT_MAY_CHANGE),
            (catalog.get("AcroForm"), {"Fields"}),
            (catalog.get("DSS"), set(LISTS)),
        )
        return bounds | {place.number: keys for place, keys in places if isinstance(place, Ref)}

    def _require_form_grows(self, stamps_before: int) -> None:
        """The form keeps all it had; one field more at most, named by its place in the row."""
        old, new = self._form_at(self._before), self._form_at(self._revision)
        kept = self._fields_at(self._before)
        if not _same_but(old, new, {"Fields"}) or len(self._fields) > 1:
            raise Refused("form_changed")
        if self._fields_at(self._revision)[: len(kept)] != kept:
            raise Refused("form_changed")
        for place, field in enumerate(self._fields, stamps_before + 1):
            title = self._widget(field).get("T")
            if not isinstance(title, String) or title.value != _FIELD_NAME % place:
                raise Refused("archive_field")

    def _require_annotations_grow(self) -> None:
        """On the first page stands the widget of every field that was added, and nothing else."""
        old, new = self._annotations_at(self._before), self._annotations_at(self._revision)
        if not same([one for one in new if one not in self._fields], old):
            raise Refused("annotations_changed")
        if len(new) != len(old) + len(self._fields):
            raise Refused("annotations_changed")

    def _validation_objects(self) -> set[int]:
        """Numbers of a DSS and its streams; all that was there before is there still."""
        file, found = self._file, set[int]()
        for kind in LISTS:
            old, new = (validation_streams(file, at, kind) for at in (self._before, self._revision))
            if not set(old) <= set(new) or not set(new) <= set(old) | self._new:
                raise Refused("archive_data")
            found |= set(new)
        dss = catalog_at(file, self._revision).get("DSS")
        if isinstance(dss, Ref) and not found:
            raise Refused("archive_data")
        return found | ({dss.number} if isinstance(dss, Ref) else set())

    def _stamp_objects(self) -> set[int]:
        found = set[int]()
        for field in self._fields:
            found |= {self._widget_number(field), self._stamp(field).number}
        return found

    def _stamp(self, field: Value) -> SignaturePlace:
        value = self._widget(field).get("V")
        stamp = self._file.resolve(value, self._revision)
        if not isinstance(value, Ref) or value.number not in self._new:
            raise Refused("archive_field")
        if not isinstance(stamp, dict) or not _is_exactly(stamp, _STAMP, {"ByteRange", "Contents"}):
            raise Refused("archive_field")
        return SignaturePlace(value.number, self._revision, stamp)

    def _widget(self, field: Value) -> Dictionary:
        """The one form of an invisible widget: whatever more it had, it could act on."""
        widget = self._file.resolve(Ref(self._widget_number(field)), self._revision)
        if not isinstance(widget, dict) or not _is_exactly(widget, _WIDGET, {"T", "P", "V"}):
            raise Refused("archive_field")
        if widget["P"] != Ref(self._page()):
            raise Refused("archive_field")
        return widget

    def _widget_number(self, field: Value) -> int:
        if not isinstance(field, Ref) or field.number not in self._new:
            raise Refused("archive_field")
        return field.number

    def _form_at(self, revision: int) -> Dictionary:
        form = self._file.resolve(catalog_at(self._file, revision).get("AcroForm"), revision)
        if not isinstance(form, dict):
            raise Refused("form_changed")
        return form

    def _fields_at(self, revision: int) -> list[Value]:
        fields = self._file.resolve(self._form_at(revision).get("Fields"), revision)
        if not isinstance(fields, list):
            raise Refused("form_changed")
        return fields

    def _annotations_at(self, revision: int) -> list[Value]:
        leaf = self._file.resolve(Ref(self._page()), revision)
        listed = leaf.get("Annots") if isinstance(leaf, dict) else None
        listed = self._file.resolve(listed, revision)
        return listed if isinstance(listed, list) else []

    def _page(self) -> int:
        """Number of the first leaf of the page tree (ISO 32000-1, 7.7.3)."""
        node: Value = catalog_at(self._file, SEAL_REVISION).get("Pages")
        for _ in range(8):
            item = self._file.resolve(node, SEAL_REVISION)
            if not isinstance(node, Ref) or not isinstance(item, dict):
                break
            kids = item.get("Kids")
            if item.get("Type") == Name("Page"):
                return node.number
            node = kids[0] if isinstance(kids, list) and kids else None
        raise Refused("page_tree")


def _same_but(old: Value, new: Value, keys: AbstractSet[str]) -> bool:
    if not isinstance(old, dict) or not isinstance(new, dict):
        return False
    kept = old.keys() - keys
    return kept == new.keys() - keys and all(same(old[key], new[key]) for key in kept)


def _is_exactly(value: Dictionary, fixed: Dictionary, free: AbstractSet[str]) -> bool:
    """Whether a dictionary has these values, these free keys, and no other."""
    if value.keys() != fixed.keys() | free:
        return False
    return all(same(value[key], one) for key, one in fixed.items())


def _is_identifier(value: Value) -> bool:
    """Two short strings, and no room for anything else."""
    if not isinstance(value, list) or len(value) != len(("first", "second")):
        return False
    return all(isinstance(one, String) and len(one.value) <= MAX_IDENTIFIER for one in value)


def _first_identifier(trailer: Dictionary) -> Value:
    """The half of the ID that stays the same for the life of a file (ISO 32000-1, 14.4)."""
    identifier = trailer.get("ID")
    return identifier[0] if isinstance(identifier, list) and identifier else None
