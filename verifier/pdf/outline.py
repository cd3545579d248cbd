"""What a person would see of a PDF at first sight: pages, a title, signatures in its form.

Read from our strict reader where it accepts the file, else from what can be salvaged.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from verifier.pdf import salvage
from verifier.pdf.syntax import Dictionary, Name, Refused, String, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from verifier.pdf.revisions import PdfFile

MAX_PAGES = 20
"""`spec/verifier.md` 3.7.5."""
MAX_NODES = 200
"""Of the page tree."""
MAX_FIELDS = 1000
_FILTER_OF_PASSWORDS = "Encrypt"
_EVEN = 2


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature of a person or an office, as the file states it."""

    contents: bytes
    byte_range: tuple[int, ...]
    in_form: bool
    """A field of the form holds it; else it lies about loose, and no program shows it."""

    def digest(self, data: bytes, algorithm: str) -> bytes:
        """Digest of the bytes that it says it covers.

        Raises:
            Refused: the byte range leads outside the file, or nowhere.
        """
        if len(self.byte_range) % _EVEN or not self.byte_range:
            raise Refused("byte_range")
        running = hashlib.new(algorithm)
        for start, length in zip(self.byte_range[::2], self.byte_range[1::2], strict=True):
            if start < 0 or length < 0 or start + length > len(data):
                raise Refused("byte_range")
            running.update(memoryview(data)[start : start + length])
        return running.digest()


@dataclass(frozen=True, slots=True)
class Outline:
    """What is seen of one file."""

    title: str
    signatures: tuple[Signature, ...]


def outline(data: bytes, strict: PdfFile | None) -> Outline:
    """Look at a file; `strict` is what our own reader made of it, if it did.

    Raises:
        Refused: encrypted, too many pages, damaged, or beyond the bounds.
    """
    held = salvage.salvage(data) if strict is None else _as_read(strict)
    if _FILTER_OF_PASSWORDS in held.trailer:
        raise Refused("encrypted")
    catalog = held.resolve(held.trailer.get("Root"))
    if not isinstance(catalog, dict):
        raise Refused("damaged")
    _require_few_pages(held, catalog)
    return Outline(_title(held), tuple(_signatures(held, catalog)))


def _as_read(strict: PdfFile) -> salvage.Salvaged:
    objects: dict[int, Value] = {}
    for revision in strict.revisions:
        objects.update({number: item.value for number, item in revision.objects.items()})
    return salvage.Salvaged(objects, set(), strict.revisions[-1].trailer)


def _title(held: salvage.Salvaged) -> str:
    about = held.resolve(held.trailer.get("Info"))
    title = held.resolve(about.get("Title")) if isinstance(about, dict) else None
    if not isinstance(title, String):
        return ""
    if title.value.startswith(b"\xfe\xff"):
        return title.value[2:].decode("utf-16-be", "replace")
    return title.value.decode("utf-8", "replace")


def _require_few_pages(held: salvage.Salvaged, catalog: Dictionary) -> None:
    """Count the leaves themselves: the tree's own count may lie."""
    pages, nodes = 0, 0
    waiting: list[Value] = [catalog.get("Pages")]
    while waiting:
        node, nodes = held.resolve(waiting.pop()), nodes + 1
        if not isinstance(node, dict):
            raise Refused("damaged")
        kids = held.resolve(node.get("Kids"))
        pages += kids is None
        if pages > MAX_PAGES or nodes > MAX_NODES:
            raise Refused("too_many_pages")
        waiting.extend(kids if isinstance(kids, list) else ())


def _signatures(held: salvage.Salvaged, catalog: Dictionary) -> Iterator[Signature]:
    shown = list(_in_form(held, catalog))
    for one in shown:
        if one.get("Type") != Name("DocTimeStamp"):
            yield _signature(held, one)
    for other in held.objects.values():
        if isinstance(other, dict) and other.get("Type") == Name("Sig") and "ByteRange" in other:
            if any(other is one for one in shown):
                continue
            try:
                yield _signature(held, other, in_form=False)
            except Refused:
                continue


def _in_form(held: salvage.Salvaged, catalog: Dictionary) -> Iterator[Dictionary]:
    """The value of every signature field (ISO 32000-1, 12.7.4.5)."""
    form = held.resolve(catalog.get("AcroForm"))
    if "AcroForm" in catalog and form is None:
        raise Refused("damaged")
    fields = held.resolve(form.get("Fields")) if isinstance(form, dict) else None
    waiting: list[tuple[Value, Value]] = [(one, None) for one in _listed(fields)]
    seen = 0
    while waiting:
        reference, inherited = waiting.pop(0)
        node, seen = held.resolve(reference), seen + 1
        if seen > MAX_FIELDS:
            raise Refused("too_many_objects")
        if not isinstance(node, dict):
            continue
        kind = node.get("FT", inherited)
        waiting.extend((kid, kind) for kid in _listed(held.resolve(node.get("Kids"))))
        value = held.resolve(node.get("V"))
        if kind == Name("Sig") and isinstance(value, dict):
            yield value


def _listed(value: Value) -> list[Value]:
    return value if isinstance(value, list) else []


def _signature(held: salvage.Salvaged, value: Dictionary, *, in_form: bool = True) -> Signature:
    contents, stated = held.resolve(value.get("Contents")), held.resolve(value.get("ByteRange"))
    if not isinstance(contents, String) or not isinstance(stated, list):
        raise Refused("damaged")
    numbers = [number for number in stated if type(number) is int]
    if len(numbers) != len(stated):
        raise Refused("damaged")
    return Signature(contents.value, tuple(numbers), in_form)
