"""A hardened parser: UTF-8, no DOCTYPE, no comments, no instructions, counted as it goes.

One lexical look over the octets comes first, because a parser that meets a DOCTYPE has
already begun to believe it. After that there is nothing left that could split a text,
name an entity or fetch a file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypedDict

from lxml import etree

from xmlsig.errors import NotRead

if TYPE_CHECKING:
    from lxml.etree import _Element, _ElementTree

MAX_DEPTH, MAX_ELEMENTS, MAX_ATTRIBUTES = 100, 50_000, 10_000
"""emrex.md 3.5.2."""
_BOM = b"\xef\xbb\xbf"
_DECLARATION = re.compile(
    rb"<\?xml\s+version\s*=\s*(?:'1\.0'|\"1\.0\")"
    rb"(?:\s+encoding\s*=\s*(?:'([A-Za-z0-9._-]+)'|\"([A-Za-z0-9._-]+)\"))?"
    rb"(?:\s+standalone\s*=\s*(?:'(?:yes|no)'|\"(?:yes|no)\"))?\s*\?>"
)
_ENCODINGS = {b"utf-8", b"us-ascii"}
_REFUSED = re.compile(rb"<!(?!\[CDATA\[)|<\?")
_REASONS = ((b"<!--", "comment"), (b"<!", "doctype"), (b"<?", "instruction"))
_STEP = 64 * 1024


def parse(data: bytes) -> _ElementTree:
    """The document, or nothing of it.

    Raises:
        NotRead: another encoding, a DOCTYPE, comment or instruction, more than we read, or
            not well-formed.
    """
    body = _body(data)
    refused = _REFUSED.search(body)
    if refused is not None:
        found = body[refused.start() : refused.start() + 4]
        raise NotRead(next(why for mark, why in _REASONS if found.startswith(mark)))
    return _counted(body)


def parser() -> etree.XMLParser:
    """The parser for bytes that were looked over, or that we wrote ourselves."""
    return etree.XMLParser(**_OPTIONS)


class _Options(TypedDict):
    """What both parsers of lxml are told."""

    resolve_entities: bool
    load_dtd: bool
    no_network: bool
    dtd_validation: bool
    huge_tree: bool


_OPTIONS: _Options = {
    "resolve_entities": False,
    "load_dtd": False,
    "no_network": True,
    "dtd_validation": False,
    "huge_tree": True,  # lxml refuses texts above 10 MB by default; the limits here are our own
}


def _body(data: bytes) -> bytes:
    """What comes after the declaration, as UTF-8."""
    plain = data.removeprefix(_BOM)
    if b"\0" in plain:  # UTF-16 of plain letters passes for UTF-8; no XML has this one (2.2)
        raise NotRead("encoding")
    try:
        plain.decode()
    except UnicodeDecodeError as cause:
        raise NotRead("encoding") from cause
    declared = _DECLARATION.match(plain)
    if declared is None:
        return plain
    encoding = declared[1] or declared[2]
    if encoding is not None and encoding.lower() not in _ENCODINGS:
        raise NotRead("encoding")
    return plain[declared.end() :]


def _counted(body: bytes) -> _ElementTree:
    """Build the tree step by step, and stop where it grows beyond every honest document."""
    puller = etree.XMLPullParser(("start", "end"), **_OPTIONS)
    counts = _Counts()
    try:
        for at in range(0, len(body), _STEP):
            puller.feed(body[at : at + _STEP])
            counts.take(puller)
        root = puller.close()
        counts.take(puller)
    except etree.XMLSyntaxError as cause:
        raise NotRead("malformed") from cause
    if not isinstance(root, etree._Element):  # noqa: SLF001 - lxml has no public name for it
        raise NotRead("malformed")
    return root.getroottree()


class _Counts:
    """How deep, how many elements and attributes so far."""

    def __init__(self) -> None:
        self._depth = 0
        self._elements = 0
        self._attributes = 0

    def take(self, puller: etree.XMLPullParser[_Element]) -> None:
        """Count what the parser met since the last time."""
        for event, element in puller.read_events():
            if event == "end":
                self._depth -= 1
                continue
            self._depth += 1
            self._elements += 1
            self._attributes += len(element.attrib)
            self._require_within()

    def _require_within(self) -> None:
        if self._depth > MAX_DEPTH:
            raise NotRead("too_deep")
        if self._elements > MAX_ELEMENTS:
            raise NotRead("too_many_elements")
        if self._attributes > MAX_ATTRIBUTES:
            raise NotRead("too_many_attributes")
