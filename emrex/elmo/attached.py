"""The PDFs in a signed document of our own."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from emrex.elmo.writing import LANGUAGE, NAMESPACE
from xmlsig.parsing import parse

if TYPE_CHECKING:
    from lxml.etree import _Element

_NS = {"e": NAMESPACE}
_PDF = "data:application/pdf;base64,"


@dataclass(frozen=True, slots=True)
class Attached:
    """One PDF, and what the document says of it."""

    pdf_id: str
    """Good inside its document only."""
    titles: Mapping[str, str]
    """By language; the original first."""
    kind: str
    """The type, in ELMO's own words."""
    issued: str
    """The day of its report, or of the document where it is about all of them."""
    content: bytes = field(repr=False)

    def title(self, language: str = "") -> str:
        """In that language, or the original."""
        return self.titles.get(language) or next(iter(self.titles.values()), "")


def attached(document: bytes) -> Iterator[Attached]:
    """Every PDF in the order of the document; parsed as any other all the same."""
    for one in parse(document).getroot().iter(f"{{{NAMESPACE}}}attachment"):
        text = _text(one, "content")
        if text.startswith(_PDF):
            content = base64.b64decode(text.removeprefix(_PDF))
            yield Attached(
                _text(one, "identifier"),
                {str(it.get(LANGUAGE)): it.text or "" for it in one.iterfind("e:title", _NS)},
                _text(one, "type"),
                _day(one),
                content,
            )


def _day(attachment: _Element) -> str:
    above = attachment.getparent()
    if above is None:
        return ""
    return (_text(above, "issueDate") or _text(above, "generatedDate"))[:10]


def _text(element: _Element, name: str) -> str:
    return element.findtext(f"e:{name}", "", _NS)
