"""Opens an ELMO file that anybody may have made, without letting it do anything.

Caps come before meaning: size, then a parser without network, entities or huge
trees, then no DOCTYPE, then depth and number of elements (emrex.md 3.5), then the
namespace. Comments and processing instructions are dropped while parsing, because
one inside a family name would otherwise cut it short.
"""

from __future__ import annotations

import re
from pathlib import Path

from lxml import etree

from register.dates import PartialDate
from register.errors import InvalidDate, UnreadableSource

NAMESPACE = "https://github.com/emrex-eu/elmo-schemas/tree/v1"
"""ELMO 1.0 up to and including 2.0."""
_FIELD_TRIAL = "http://purl.org/net/elmo"
MAX_BYTES = 8 * 1024 * 1024
MAX_DEPTH = 100
MAX_ELEMENTS = 50_000
MAX_ATTRIBUTES = 10_000
UNSTATED = "und"
"""Language of a title that names none (ISO 639-3: undetermined)."""
_MAX_LANGUAGES = 10
_LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{1,8})*")
_DATE = re.compile(r"([0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?)(?:T.*|Z|[+-][0-9]{2}:[0-9]{2})?")
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def open_elmo(source: Path | bytes) -> etree._Element:
    """The root of a well-formed ELMO document of ordinary size.

    Raises:
        UnreadableSource: it is not such a document, or it cannot be read at all.
    """
    data = source if isinstance(source, bytes) else _content(source)
    if len(data) > MAX_BYTES:
        raise UnreadableSource("This file is larger than 8 MB, the most that an ELMO file may be.")
    root = _parsed(data)
    document = root.getroottree().docinfo
    if document.doctype or document.internalDTD is not None:
        raise UnreadableSource("This XML file has a DOCTYPE. ELMO files have none.")
    _check_size(root)
    _check_name(root)
    return root


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise UnreadableSource("This file cannot be opened.") from error


def _parsed(data: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        return etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        line = error.lineno or 1
        raise UnreadableSource(f"This is not well-formed XML: see line {line}.") from error


def _check_size(root: etree._Element) -> None:
    depth = elements = attributes = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if event == "start":
            elements += 1
            attributes += len(element.attrib)
        if depth > MAX_DEPTH or elements > MAX_ELEMENTS or attributes > MAX_ATTRIBUTES:
            raise UnreadableSource("This XML file is nested too deeply or holds too much.")


def _check_name(root: etree._Element) -> None:
    name = etree.QName(root)
    if name.namespace == _FIELD_TRIAL:
        raise UnreadableSource("This ELMO file is of the 2015 field trial, which is not supported.")
    if name.namespace != NAMESPACE or name.localname != "elmo":
        raise UnreadableSource("This XML file is not ELMO: its root element is another one.")


def children(element: etree._Element, *path: str) -> list[etree._Element]:
    """Every ELMO element at the end of that path of names."""
    found = [element]
    for name in path:
        found = [
            child for parent in found for child in parent.iterchildren(f"{{{NAMESPACE}}}{name}")
        ]
    return found


def text(element: etree._Element, *path: str) -> str:
    """Text of the first element at the end of that path, blanks folded; empty if none."""
    first = next(iter(children(element, *path)), None)
    return "" if first is None else " ".join("".join(first.itertext()).split())


def titles(element: etree._Element) -> dict[str, str]:
    """Titles by language in the order of the file, of which the first is the original."""
    found: dict[str, str] = {}
    for title in children(element, "title"):
        primary, dash, rest = str(title.get(_XML_LANG, "")).partition("-")
        language = primary.lower() + dash + rest
        known = language if _LANGUAGE.fullmatch(language) else UNSTATED
        if text(title) and len(found) < _MAX_LANGUAGES:
            found.setdefault(known, text(title))
    return found


def date_of(written: str) -> str:
    """The day, month or year of an XML date or dateTime; empty when it is none."""
    match = _DATE.fullmatch(written)
    try:
        return str(PartialDate.parse(match.group(1))) if match else ""
    except InvalidDate:
        return ""
