"""The formats in which results are fetched, all of them out of the one signed document.

What EMREX 1.x sends and what these send is the same, because it is made once (item 87).
"""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emrex.elmo.profiles import Version
from emrex.elmo.writing import NAMESPACE
from emrex.errors import FormatRefused
from xmlsig.parsing import parse

if TYPE_CHECKING:
    from lxml.etree import _Element

VERSIONS = {
    "elmo": ("", Version.V1_7.value, "1.7.0"),
    "pdf": ("",),
    "pdf_metadata": ("",),
}
"""What can be asked for: `data_format`, and the `data_format_version` that goes with it."""
_NS = {"e": NAMESPACE}
_PDF = "data:application/pdf;base64,"


@dataclass(frozen=True, slots=True)
class Result:
    """A body, and what it is."""

    body: bytes
    media_type: str


def result_of(document: bytes, form: str, version: str = "", pdf_id: str = "") -> Result:
    """The results in one format.

    Raises:
        FormatRefused: a format or version that we do not have, or no such PDF.
    """
    if version not in VERSIONS.get(form, ()):
        raise FormatRefused("We do not have this data_format in this version.")
    if form == "elmo":
        return Result(document, "application/xml")
    if form == "pdf":
        return Result(_pdf(document, pdf_id), "application/pdf")
    listed = {"pdf_list": [_described(one) for one in _attachments(document)]}
    return Result(json.dumps(listed, ensure_ascii=False).encode(), "application/json")


def _attachments(document: bytes) -> list[_Element]:
    """The PDFs in a document of our own; parsed as any other all the same."""
    root = parse(document).getroot()
    return [one for one in root.iter(f"{{{NAMESPACE}}}attachment") if _content(one)]


def _pdf(document: bytes, pdf_id: str) -> bytes:
    """The PDF of that id; the only one where none is named."""
    found = [one for one in _attachments(document) if pdf_id in {"", _text(one, "identifier")}]
    if len(found) != 1:
        raise FormatRefused("Say in pdf_id which document you want; pdf_metadata lists them.")
    return _content(found[0])


def _described(attachment: _Element) -> dict[str, object]:
    """As the draft has it; its schema is still to be written there."""
    content = _content(attachment)
    report = attachment.getparent()
    issued = _text(report, "issueDate")[:10] if report is not None else ""
    return {
        "pdf_id": _text(attachment, "identifier"),
        "title": _text(attachment, "title"),
        "issue_date": issued,
        "type": _text(attachment, "type"),
        "size_bytes": len(content),
        "checksum": f"sha256:{hashlib.sha256(content).hexdigest()}",
    }


def _content(attachment: _Element) -> bytes:
    text = _text(attachment, "content")
    return base64.b64decode(text.removeprefix(_PDF)) if text.startswith(_PDF) else b""


def _text(element: _Element, name: str) -> str:
    return element.findtext(f"e:{name}", "", _NS)
