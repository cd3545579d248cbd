"""What the file says of itself, the same in XMP and in Info (ISO 19005-3 6.6.2.3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from importlib.resources import files
from typing import Final

from lxml import etree

from credentials.press.strings import string
from credentials.press.unset import Unset
from credentials.sheet import Json

CREATOR: Final = "Echt press 1"
_HEAD: Final = b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>'
_TAIL: Final = b'<?xpacket end="r"?>'
_SPACES: Final = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "xmpMM": "http://ns.adobe.com/xap/1.0/mm/",
}
_NUMBER: Final = "@NUMBER@"
_MOMENT: Final = "@MOMENT@"
_IDENTIFIER: Final = "@IDENTIFIER@"
_SAFE: Final = re.compile(r"[A-Za-z0-9+/=:.-]+")
"""What may be put into a frame that was written with placeholders: it needs no escapes."""


@dataclass(frozen=True, slots=True)
class About:
    """What is told of one document."""

    title: str
    number: str
    issuer: str
    language: str
    moment: datetime


def about(page: Json, moment: datetime) -> About:
    """What is told of the document with this sheet.

    Raises:
        Unset: its number would need escapes.
    """
    if not _SAFE.fullmatch(page["number"]):
        raise Unset("a number with other signs than letters, digits and hyphens")
    return About(page["title"], page["number"], page["issuer"], page["lang"], moment)


def xmp(told: About, identifier: bytes) -> bytes:
    """The metadata stream."""
    moment = told.moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00").encode()
    frame = _frame(told.title, told.issuer, told.language)
    frame = frame.replace(_NUMBER.encode(), told.number.encode())
    return frame.replace(_MOMENT.encode(), moment).replace(_IDENTIFIER.encode(), identifier)


def info(told: About) -> bytes:
    """The Info dictionary."""
    day = date(told.moment)
    return b"<</Title%b/Author%b/Creator%b/ModDate%b/CreationDate%b>>" % (
        string(f"{told.title} {told.number}"), string(told.issuer), string(CREATOR), day, day,
    )  # fmt: skip


def date(moment: datetime) -> bytes:
    """A date (ISO 32000-1 7.9.4)."""
    return b"(D:" + moment.astimezone(UTC).strftime("%Y%m%d%H%M%SZ").encode() + b")"


@lru_cache(maxsize=64)
def _frame(title: str, issuer: str, language: str) -> bytes:
    root = etree.fromstring(files("credentials").joinpath("data/frame.xmp").read_bytes())
    for path, text in (
        (".//dc:title//rdf:li", f"{title} {_NUMBER}"),
        (".//dc:creator//rdf:li", issuer),
        (".//dc:language//rdf:li", language),
        (".//xmp:CreatorTool", CREATOR),
        (".//xmp:ModifyDate", _MOMENT),
        (".//xmp:CreateDate", _MOMENT),
        (".//xmpMM:DocumentID", _IDENTIFIER),
        (".//xmpMM:InstanceID", _IDENTIFIER),
    ):
        (element,) = root.iterfind(path, _SPACES)
        element.text = text
    return _HEAD + etree.tostring(root, encoding="utf-8") + _TAIL
