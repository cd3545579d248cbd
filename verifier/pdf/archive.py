"""What may stand after the seal: archive data, all of it under a time-stamp of ours.

`spec/pdf.md` 3.7.2. An update may add a DSS with its streams and a document
time-stamp with its widget; of what existed it may touch the catalog (form fields
and DSS only), the form, and the first page (annotations only). Nothing else.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import TYPE_CHECKING

from verifier.pdf import cms
from verifier.pdf.bytecheck import SEAL_REVISION, catalog_at, covered_by, signatures
from verifier.pdf.syntax import Dictionary, Name, Ref, Refused, Value

if TYPE_CHECKING:
    from keys.trust import TrustList
    from verifier.pdf.revisions import PdfFile

_DSS = frozenset({"Type", "Certs", "OCSPs", "CRLs"})
_STREAM = frozenset({"Length", "Filter"})
_WIDGET = {"FT": Name("Sig"), "Subtype": Name("Widget")}
_ROOT_MAY_CHANGE = frozenset({"AcroForm", "DSS"})


def require_archival(file: PdfFile, trust: TrustList) -> None:
    """Allow the updates after the seal, if there are any.

    Raises:
        Refused: one changes what it may not, or the last is not under our time-stamp.
    """
    for revision in range(SEAL_REVISION + 1, len(file.revisions)):
        _require_same_trailer(file, revision)
        allowed = _new_objects(file, revision) | _old_objects(file, revision)
        if not allowed.issuperset(file.revisions[revision].objects):
            raise Refused("object_not_archival")
    if len(file.revisions) > SEAL_REVISION + 1:
        _require_final_stamp(file, trust)


def _require_same_trailer(file: PdfFile, revision: int) -> None:
    sealed, trailer = file.revisions[SEAL_REVISION].trailer, file.revisions[revision].trailer
    if any(trailer.get(key) != sealed.get(key) for key in ("Root", "Info")):
        raise Refused("trailer_changed")
    if not trailer.keys() <= {"Size", "Root", "Info", "ID", "Prev"}:
        raise Refused("trailer_changed")


def _new_objects(file: PdfFile, revision: int) -> set[int]:
    """Numbers of archive objects that are reached from the catalog, and only from there."""
    catalog = catalog_at(file, revision)
    found = _dss_objects(file, catalog.get("DSS"), revision)
    for field in _fields(file, revision)[1:]:
        if isinstance(field, Ref):
            found |= _stamp_objects(file, field, revision)
    return {number for number in found if file.at(number, SEAL_REVISION) is None}


def _dss_objects(file: PdfFile, dss: Value, revision: int) -> set[int]:
    if dss is None:
        return set()
    store = file.resolve(dss, revision)
    if not isinstance(dss, Ref) or not isinstance(store, dict) or not store.keys() <= _DSS:
        raise Refused("archive_data")
    found = {dss.number}
    for name in ("Certs", "OCSPs", "CRLs"):
        entries = store.get(name, [])
        if not isinstance(entries, list):
            raise Refused("archive_data")
        found |= {_stream_number(file, entry, revision) for entry in entries}
    return found


def _stream_number(file: PdfFile, entry: Value, revision: int) -> int:
    if not isinstance(entry, Ref):
        raise Refused("archive_data")
    item = file.at(entry.number, revision)
    if item is None or item.stream is None or not isinstance(item.value, dict):
        raise Refused("archive_data")
    if not item.value.keys() <= _STREAM:
        raise Refused("archive_data")
    return entry.number


def _stamp_objects(file: PdfFile, field: Ref, revision: int) -> set[int]:
    widget = file.resolve(field, revision)
    if not isinstance(widget, dict) or any(widget.get(k) != v for k, v in _WIDGET.items()):
        raise Refused("archive_field")
    value = widget.get("V")
    stamp = file.resolve(value, revision)
    invisible = widget.get("Rect") == [0, 0, 0, 0] and "AP" not in widget
    if not invisible or not isinstance(value, Ref) or not isinstance(stamp, dict):
        raise Refused("archive_field")
    if stamp.get("Type") != Name("DocTimeStamp"):
        raise Refused("archive_field")
    return {field.number, value.number}


def _old_objects(file: PdfFile, revision: int) -> set[int]:
    """Numbers of sealed objects that this update rewrote in the ways that it may."""
    changed = file.revisions[revision].objects
    before = {number: file.at(number, SEAL_REVISION) for number in changed}
    root, form, page = _root(file), _form_number(file), _first_page(file)
    allowed: set[int] = set()
    for number, old in before.items():
        if old is None:
            continue
        keys = {root: _ROOT_MAY_CHANGE, form: {"Fields"}, page: {"Annots"}}.get(number)
        if keys is None or not _same_but(old.value, changed[number].value, keys):
            raise Refused("sealed_object_changed")
        allowed.add(number)
    _require_form_grows(file, revision)
    _require_annotations_are_fields(file, page, revision)
    return allowed


def _same_but(old: Value, new: Value, keys: AbstractSet[str]) -> bool:
    if not isinstance(old, dict) or not isinstance(new, dict):
        return False
    return all(old.get(key) == new.get(key) for key in (old.keys() | new.keys()) - keys)


def _require_form_grows(file: PdfFile, revision: int) -> None:
    """The form keeps all it had; fields are only added behind the seal's."""
    old, new = _form(file, SEAL_REVISION), _form(file, revision)
    if not _same_but(old, new, {"Fields"}):
        raise Refused("form_changed")
    kept = _fields(file, SEAL_REVISION)
    if _fields(file, revision)[: len(kept)] != kept:
        raise Refused("form_changed")


def _require_annotations_are_fields(file: PdfFile, page: int, revision: int) -> None:
    """On the first page stands every widget of the form that was added, and nothing new else."""
    old, new = (_annotations(file, page, at) for at in (SEAL_REVISION, revision))
    fields = _fields(file, revision)
    if any(one not in new for one in old):
        raise Refused("annotations_changed")
    if any(one not in old and one not in fields for one in new):
        raise Refused("annotations_changed")


def _annotations(file: PdfFile, page: int, revision: int) -> list[Value]:
    leaf = file.resolve(Ref(page), revision)
    listed = file.resolve(leaf.get("Annots"), revision) if isinstance(leaf, dict) else None
    return listed if isinstance(listed, list) else []


def _require_final_stamp(file: PdfFile, trust: TrustList) -> None:
    """The last update ends under a document time-stamp that covers the whole file."""
    last = len(file.revisions) - 1
    stamps = [one for one in signatures(file) if one.is_stamp and one.revision == last]
    if len(stamps) != 1:
        raise Refused("archive_not_stamped")
    covered = covered_by(file, stamps[0])
    cms.stamped_at(covered.contents, covered.sha256, trust)


def _root(file: PdfFile) -> int:
    root = file.revisions[SEAL_REVISION].trailer.get("Root")
    return root.number if isinstance(root, Ref) else -1


def _form(file: PdfFile, revision: int) -> Dictionary:
    form = file.resolve(catalog_at(file, revision).get("AcroForm"), revision)
    if not isinstance(form, dict):
        raise Refused("form_changed")
    return form


def _form_number(file: PdfFile) -> int:
    form = catalog_at(file, SEAL_REVISION).get("AcroForm")
    return form.number if isinstance(form, Ref) else -1


def _fields(file: PdfFile, revision: int) -> list[Value]:
    fields = file.resolve(_form(file, revision).get("Fields"), revision)
    if not isinstance(fields, list):
        raise Refused("form_changed")
    return fields


def _first_page(file: PdfFile) -> int:
    """Number of the first leaf of the page tree (ISO 32000-1, 7.7.3)."""
    node: Value = catalog_at(file, SEAL_REVISION).get("Pages")
    for _ in range(8):
        item = file.resolve(node, SEAL_REVISION)
        if not isinstance(node, Ref) or not isinstance(item, dict):
            break
        kids = item.get("Kids")
        if item.get("Type") == Name("Page"):
            return node.number
        node = kids[0] if isinstance(kids, list) and kids else None
    raise Refused("page_tree")
