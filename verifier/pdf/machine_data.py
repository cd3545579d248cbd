"""The facts that a sealed file carries for machines: `extract.json`, as the seal covers it."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeGuard

from verifier.pdf.bytecheck import SEAL_REVISION, catalog_at
from verifier.pdf.syntax import Name, Refused, String, Value

if TYPE_CHECKING:
    from verifier.pdf.revisions import PdfFile
    from verifier.verdict import Facts

ATTACHMENT = b"extract.json"
MAX_JSON = 1024 * 1024
MAX_NAMES = 100
MAX_RESULTS = 1000

Shape = Mapping[str, Any]
_TEXTS = [{"language": str, "text": str}]
_SHAPE: Shape = {
    "number": str,
    "issuedAt": str,
    "language": str,
    "holder": {"name": str, "birthDate": str, "birthPlace": str, "birthCountry": str},
    "award": {
        "sector": str,
        "awarded": str,
        "result": str,
        "degree": str,
        "profile": _TEXTS,
        "thesis": str,
        "partial": bool,
    },
    "programme": {"code": str, "scheme": str, "title": _TEXTS, "nlqf": str, "eqf": int},
    "institution": {
        "code": str,
        "scheme": str,
        "country": str,
        "name": str,
        "nameToday": str,
        "codeToday": str,
    },
    "results": [
        {
            "subject": _TEXTS,
            "schoolExam": str,
            "centralExam": str,
            "final": str,
            "credits": str,
            "level": str,
            "day": str,
            "counted": bool,
        }
    ],
}
"""All that is taken over, member by member; whatever else a file says is dropped."""


def read_facts(file: PdfFile) -> Facts:
    """The whitelisted facts of the one attachment.

    Raises:
        Refused: there is none, more than one, or not of the known form.
    """
    return facts_in(_attachment(file))


def facts_in(data: bytes) -> Facts:
    """The whitelisted facts of one `extract.json`; raises as `read_facts`."""
    stated = _parse(data)
    if stated.get("format") != "echt-extract" or stated.get("version") != 1:
        raise Refused("machine_data_form")
    facts = _only(stated, _SHAPE)
    if not isinstance(facts, dict) or not facts.get("number"):
        raise Refused("machine_data_form")
    return facts


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
        if isinstance(key, String) and key.value == ATTACHMENT
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


def _parse(data: bytes) -> dict[str, Any]:
    if len(data) > MAX_JSON:
        raise Refused("machine_data_form")
    try:
        value = json.loads(data.decode(), object_pairs_hook=_once)
    except (ValueError, RecursionError) as cause:
        raise Refused("machine_data_form") from cause
    if not isinstance(value, dict):
        raise Refused("machine_data_form")
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member stands twice")
    return found


def _only(value: Any, shape: Any) -> Any:  # noqa: ANN401 - JSON has no narrower type
    """The parts of a JSON value that the shape names, each of the type that it names."""
    if isinstance(shape, Mapping):
        if not isinstance(value, dict):
            raise Refused("machine_data_form")
        return {key: _only(value[key], part) for key, part in shape.items() if key in value}
    if isinstance(shape, list):
        if not isinstance(value, list) or len(value) > MAX_RESULTS:
            raise Refused("machine_data_form")
        return [_only(one, shape[0]) for one in value]
    if type(value) is not shape:
        raise Refused("machine_data_form")
    return value


def _is_dict(value: object) -> TypeGuard[dict[str, Value]]:
    return isinstance(value, dict)
