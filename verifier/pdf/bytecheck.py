"""Our own look at the seal's place in the file, before any general PDF library has a say.

`spec/pdf.md` 3.7: exactly one seal, made by the first update, covering everything
but its own digits; after it nothing, or archive data under a time-stamp.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from verifier.pdf.syntax import Dictionary, Name, Ref, Refused, String, Value, same

if TYPE_CHECKING:
    from collections.abc import Iterator

    from verifier.pdf.revisions import PdfFile

SEAL_REVISION = 1
"""Revision 0 is the renderer's; the seal is the first update after it."""

_CANONICAL_HEX = re.compile(rb"<(?:[0-9a-f]+|[0-9A-F]+)>")


@dataclass(frozen=True, slots=True)
class SignaturePlace:
    """One signature dictionary: where it is and which bytes it speaks for."""

    number: int
    revision: int
    dictionary: Dictionary

    @property
    def is_stamp(self) -> bool:
        """Whether it is a document time-stamp and not a signature of a person or an office."""
        return self.dictionary.get("Type") == Name("DocTimeStamp")


@dataclass(frozen=True, slots=True)
class Covered:
    """The digits of a signature and the digest of all that they cover."""

    contents: bytes
    sha256: bytes
    data: tuple[memoryview, memoryview]

    def digest(self, algorithm: str) -> bytes:
        """Digest of the covered bytes by the seal's own hash."""
        running = hashlib.new(algorithm)
        for part in self.data:
            running.update(part)
        return running.digest()


def signatures(file: PdfFile) -> tuple[SignaturePlace, ...]:
    """Every signature dictionary that any revision wrote, wherever it hides.

    Raises:
        Refused: one of them is not an object of its own.
    """
    found: list[SignaturePlace] = []
    for index, revision in enumerate(file.revisions):
        for number, item in revision.objects.items():
            for depth, dictionary in _dictionaries(item.value):
                if not _looks_signed(dictionary):
                    continue
                if depth:
                    raise Refused("signature_hidden")
                found.append(SignaturePlace(number, index, dictionary))
    return tuple(found)


def require_seal(file: PdfFile) -> SignaturePlace:
    """The one seal, at its one place, with its one profile (`spec/pdf.md` 3.2).

    Raises:
        Refused: anything about it is otherwise.
    """
    regular = [one for one in signatures(file) if not one.is_stamp]
    if len(regular) != 1:
        raise Refused("not_one_signature")
    seal = regular[0]
    if seal.revision != SEAL_REVISION:
        raise Refused("seal_not_first_update")
    _require_profile(seal.dictionary)
    _require_field(file, seal)
    return seal


def covered_by(file: PdfFile, place: SignaturePlace) -> Covered:
    """What the signature covers: its whole revision and all before, but for its own digits.

    Raises:
        Refused: the byte range leaves anything else out.
    """
    contents, stated = place.dictionary.get("Contents"), place.dictionary.get("ByteRange")
    if not isinstance(contents, String) or not contents.is_hex:
        raise Refused("byte_range")
    end = file.revisions[place.revision].end
    if not same(stated, [0, contents.start, contents.end, end - contents.end]):
        raise Refused("byte_range")
    if _CANONICAL_HEX.fullmatch(file.data, contents.start, contents.end) is None:
        raise Refused("contents_not_canonical")
    view = memoryview(file.data)
    parts = (view[: contents.start], view[contents.end : end])
    return Covered(contents.value, hashlib.sha256(b"".join(parts)).digest(), parts)


def _looks_signed(dictionary: Dictionary) -> bool:
    kinds = (Name("Sig"), Name("DocTimeStamp"))
    # A field has FT /Sig and no such Type; a signature may leave its Type out.
    return "ByteRange" in dictionary or dictionary.get("Type") in kinds


def _dictionaries(value: Value, depth: int = 0) -> Iterator[tuple[int, Dictionary]]:
    if isinstance(value, dict):
        yield depth, value
        for part in value.values():
            yield from _dictionaries(part, depth + 1)
    elif isinstance(value, list):
        for part in value:
            yield from _dictionaries(part, depth + 1)


def _require_profile(seal: Dictionary) -> None:
    if seal.get("SubFilter") != Name("ETSI.CAdES.detached"):
        raise Refused("seal_profile")
    if seal.get("Filter") != Name("Adobe.PPKLite"):
        raise Refused("seal_profile")
    references = seal.get("Reference")
    if not isinstance(references, list) or len(references) != 1:
        raise Refused("seal_profile")
    reference = references[0]
    if not isinstance(reference, dict) or reference.get("TransformMethod") != Name("DocMDP"):
        raise Refused("seal_profile")
    rules = reference.get("TransformParams")
    if not isinstance(rules, dict) or rules.get("P") != 1:
        raise Refused("seal_profile")


def _require_field(file: PdfFile, seal: SignaturePlace) -> None:
    """One field named Seal holds it, and the catalog calls it the certification."""
    catalog = catalog_at(file, SEAL_REVISION)
    form = file.resolve(catalog.get("AcroForm"), SEAL_REVISION)
    permissions = file.resolve(catalog.get("Perms"), SEAL_REVISION)
    if not isinstance(form, dict) or not isinstance(permissions, dict):
        raise Refused("seal_field")
    if permissions != {"DocMDP": Ref(seal.number)}:
        raise Refused("seal_field")
    fields = file.resolve(form.get("Fields"), SEAL_REVISION)
    if not isinstance(fields, list) or len(fields) != 1:
        raise Refused("seal_field")
    field = file.resolve(fields[0], SEAL_REVISION)
    if not isinstance(field, dict) or field.get("V") != Ref(seal.number):
        raise Refused("seal_field")
    title = field.get("T")
    if not isinstance(title, String) or title.value != b"Seal" or field.get("FT") != Name("Sig"):
        raise Refused("seal_field")


def catalog_at(file: PdfFile, revision: int) -> Dictionary:
    """The catalog as that revision has it.

    Raises:
        Refused: there is none.
    """
    catalog = file.resolve(file.revisions[revision].trailer.get("Root"), revision)
    if not isinstance(catalog, dict):
        raise Refused("catalog")
    return catalog
