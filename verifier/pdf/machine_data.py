"""The facts that a sealed file carries for machines, as its seal covers them."""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING, TypeGuard

from verifier.extract_data import MAX_JSON, NotExtractData, facts_of
from verifier.pdf.bytecheck import SEAL_REVISION, catalog_at
from verifier.pdf.syntax import Name, Refused, String, Value

if TYPE_CHECKING:
    from verifier.pdf.revisions import PdfFile
    from verifier.verdict import Facts

ATTACHMENTS = (b"extract.json", b"overview.json")
"""What it is called: a document carries one of these."""
MAX_NAMES = 100


def read_facts(file: PdfFile) -> Facts:
    """The whitelisted facts of the one attachment.

    Raises:
        Refused: there is none, more than one, or not of the known form.
    """
    try:
        return facts_of(_attachment(file))
    except NotExtractData as cause:
        raise Refused("machine_data_form") from cause


def _attachment(file: PdfFile) -> bytes:
    names = file.resolve(catalog_at(file, SEAL_REVISION).get("Names"), SEAL_REVISION)
    tree = file.resolve(names.get("EmbeddedFiles"), SEAL_REVISION) if _is_dict(names) else None
    pairs = tree.get("Names") if _is_dict(tree) else None
    pairs = file.resolve(pairs, SEAL_REVISION)
    if not isinstance(pairs, list) or len(pairs) > MAX_NAMES:
        raise Refused("no_machine_data")
    found = [
        value
        for key, value in zip(pairs[::2], pairs[1::2], strict=True)
        if isinstance(key, String) and key.value in ATTACHMENTS
    ]
    if len(found) != 1:
        raise Refused("no_machine_data")
    return _stream_of(file, found[0])


def _stream_of(file: PdfFile, specification: Value) -> bytes:
    held = file.resolve(specification, SEAL_REVISION)
    embedded = file.resolve(held.get("EF"), SEAL_REVISION) if _is_dict(held) else None
    reference = embedded.get("F") if _is_dict(embedded) else None
    number = getattr(reference, "number", None)
    item = file.at(number, SEAL_REVISION) if isinstance(number, int) else None
    if item is None or item.stream is None or not isinstance(item.value, dict):
        raise Refused("no_machine_data")
    packing = item.value.get("Filter")
    if packing is None:
        return item.stream
    if packing not in (Name("FlateDecode"), [Name("FlateDecode")]):
        raise Refused("machine_data_form")
    return _inflate(item.stream)


def _inflate(packed: bytes) -> bytes:
    running = zlib.decompressobj()
    plain = running.decompress(packed, MAX_JSON)
    if running.unconsumed_tail or not running.eof:
        raise Refused("machine_data_form")
    return plain


def _is_dict(value: object) -> TypeGuard[dict[str, Value]]:
    return isinstance(value, dict)
