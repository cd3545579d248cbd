"""The formats in which results are fetched, all of them out of the one signed document.

What EMREX 1.x sends and what these send is the same, because it is made once (item 87).
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from emrex.elmo.attached import Attached, attached
from emrex.elmo.profiles import Version
from emrex.errors import FormatRefused

VERSIONS = {
    "elmo": ("", Version.V1_7.value, "1.7.0"),
    "pdf": ("",),
    "pdf_metadata": ("",),
}
"""What can be asked for: `data_format`, and the `data_format_version` that goes with it."""


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
    listed = {"pdf_list": [_described(one) for one in attached(document)]}
    return Result(json.dumps(listed, ensure_ascii=False).encode(), "application/json")


def _pdf(document: bytes, pdf_id: str) -> bytes:
    """The PDF of that id; the only one where none is named."""
    found = [one for one in attached(document) if pdf_id in {"", one.pdf_id}]
    if len(found) != 1:
        raise FormatRefused("Say in pdf_id which document you want; pdf_metadata lists them.")
    return found[0].content


def _described(one: Attached) -> dict[str, object]:
    """As the draft has it; its schema is still to be written there."""
    return {
        "pdf_id": one.pdf_id,
        "title": one.title(),
        "issue_date": one.issued,
        "type": one.kind,
        "size_bytes": len(one.content),
        "checksum": f"sha256:{hashlib.sha256(one.content).hexdigest()}",
    }
