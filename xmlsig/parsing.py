"""A hardened parser: UTF-8, no DOCTYPE, no comments, no instructions, counted as it goes.

One lexical look over the octets comes first, because a parser that meets a DOCTYPE has
already begun to believe it. After that there is nothing left that could split a text,
name an entity or fetch a file.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, TypedDict

from lxml import etree

from xmlsig.errors import NotRead

if TYPE_CHECKING:
    from lxml.etree import _Element, _ElementTree

MAX_DEPTH, MAX_ELEMENTS, MAX_ATTRIBUTES = 100, 50_000, 10_000
"""emrex.md 3.5.2."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What an honest document stays below."""

    depth: int = MAX_DEPTH
    elements: int = MAX_ELEMENTS
    attributes: int = MAX_ATTRIBUTES


DOCUMENT = Limits()
_BOM = b"\xef\xbb\xbf"
_DECLARATION = re.compile(
    rb"<\?xml\s+version\s*=\s*(?:'1\.0'|\"1\.0\")"
    rb"(?:\s+encoding\s*=\s*(?:'([A-Za-z0-9._-]+)'|\"([A-Za-z0-9._-]+)\"))?"
    rb"(?:\s+standalone\s*=\s*(?:'(?:yes|no)'|\"(?:yes|no)\"))?\s*\?>"
)
_ENCODINGS = {b"utf-8", b"us-ascii"}
_REFUSED = re.compile(rb"<!(?!\[CDATA\[)|<\?")
_REASONS = ((b"<!--", "comment"), (b"<!", "doctype"), (b"<?", "instruction"))
_VALUE = re.compile(rb"=\s*[\"']")
_ROOM_IN_TEXT = 4
"""Texts may hold what looks like the value of an attribute, too."""
_FEW = 20_000
"""Up to so many tags it is cheaper to go from one to the next than to look at every octet."""
_STEP = 64 * 1024


def parse(data: bytes) -> _ElementTree:
    """The document, or nothing of it.

    Raises:
        NotRead: another encoding, a DOCTYPE, comment or instruction, more than we read, or
            not well-formed.
    """
    body = _body(data)
    refused = _refused(body)
    if refused is not None:
        found = body[refused.start() : refused.start() + 4]
        raise NotRead(next(why for mark, why in _REASONS if found.startswith(mark)))
    return _tree(body, without_remarks=False)


def parse_for_looking(data: bytes) -> _ElementTree:
    """The document without its comments and instructions: to look at, and never to believe.

    Raises:
        NotRead: as `parse`, for everything else that it refuses.
    """
    return _tree(_without_doctype(data), without_remarks=True)


def each(data: bytes, name: str, limits: Limits) -> Iterator[_Element]:
    """Every element of that name, whole, in a long list of which nothing else is kept.

    Comments and instructions are passed over, as in `parse_for_looking`. An element is
    good until the next one is asked for.

    Raises:
        NotRead: as `parse_for_looking`, by these limits; what came before it was still given.
    """
    inside = 0
    for event, element in _events(_without_doctype(data), limits, without_remarks=True):
        if element.tag == name:
            inside += 1 if event == "start" else -1
        if event == "end" and not inside:
            if element.tag == name:
                yield element
            element.clear()


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
    _require_utf8(plain)
    declared = _DECLARATION.match(plain)
    if declared is None:
        return plain
    encoding = declared[1] or declared[2]
    if encoding is not None and encoding.lower() not in _ENCODINGS:
        raise NotRead("encoding")
    return plain[declared.end() :]


def _require_utf8(data: bytes) -> None:
    """Piece by piece, so that nobody holds the whole once more as text."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for at in range(0, len(data), _STEP):
            decoder.decode(data[at : at + _STEP])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as cause:
        raise NotRead("encoding") from cause


def _refused(body: bytes) -> re.Match[bytes] | None:
    """What nothing that we read has: a DOCTYPE, a comment, an instruction.

    Tags are not counted here: a text may hold any number of what looks like one.
    """
    signs = _places(body, b"<")
    for at in islice(signs, _FEW):
        if found := _REFUSED.match(body, at):
            return found
    rest = next(signs, None)
    return None if rest is None else _REFUSED.search(body, rest)


def _places(body: bytes, sign: bytes) -> Iterator[int]:
    """Where this sign is: sought from one to the next, with a file of megabytes between them."""
    at = body.find(sign)
    while at >= 0:
        yield at
        at = body.find(sign, at + 1)


def _without_doctype(data: bytes) -> bytes:
    body = _body(data)
    for refused in _REFUSED.finditer(body):
        if not body.startswith((b"<!--", b"<?"), refused.start()):
            raise NotRead("doctype")
    return body


def _tree(body: bytes, *, without_remarks: bool) -> _ElementTree:
    events = _events(body, DOCUMENT, without_remarks=without_remarks)
    first = next(events, None)
    if first is None:
        raise NotRead("malformed")
    for _ in events:
        pass  # each was counted
    return first[1].getroottree()


def _events(
    body: bytes, limits: Limits, *, without_remarks: bool
) -> Iterator[tuple[str, _Element]]:
    """Build the tree step by step, and stop where it grows beyond every honest document."""
    puller = etree.XMLPullParser(
        ("start", "end"), remove_comments=without_remarks, remove_pis=without_remarks, **_OPTIONS
    )
    counts = _Counts(limits)
    _require_few_values(body, limits)
    try:
        for at in range(0, len(body), _STEP):
            puller.feed(body[at : at + _STEP])
            yield from counts.taken(puller)
        puller.close()
        yield from counts.taken(puller)
    except etree.XMLSyntaxError as cause:
        raise NotRead("malformed") from cause


def _require_few_values(body: bytes, limits: Limits) -> None:
    """A parser makes a whole tag of attributes before anybody can count them."""
    most = _ROOM_IN_TEXT * limits.attributes
    if next(islice(_places(body, b"="), most, None), None) is None:
        return
    if next(islice(_VALUE.finditer(body), most, None), None) is not None:
        raise NotRead("too_many_attributes")


class _Counts:
    """How deep, how many elements and attributes so far."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._depth = 0
        self._elements = 0
        self._attributes = 0

    def taken(self, puller: etree.XMLPullParser[_Element]) -> Iterator[tuple[str, _Element]]:
        """What the parser met since the last time, each counted before it is given on."""
        for event, element in puller.read_events():
            self._take(event, element)
            yield event, element

    def _take(self, event: str, element: _Element) -> None:
        if event == "end":
            self._depth -= 1
            return
        self._depth += 1
        self._elements += 1
        self._attributes += len(element.attrib)
        self._require_within()

    def _require_within(self) -> None:
        if self._depth > self._limits.depth:
            raise NotRead("too_deep")
        if self._elements > self._limits.elements:
            raise NotRead("too_many_elements")
        if self._attributes > self._limits.attributes:
            raise NotRead("too_many_attributes")
