"""Rules that a drawn extract must keep before a seal may cover it.

Each lint says what is wrong in words for the operator, without a name or a number in
them. They run on every document, so they look at bytes and stay within milliseconds;
the slow judges (veraPDF, poppler, qpdf) run in `tests/oracles`.
"""

from __future__ import annotations

import json
import re
import unicodedata
import zlib
from collections.abc import Callable, Iterable, Iterator

from credentials.attachment import extract_json, overview_json
from credentials.extract import Extract
from credentials.last import last_only
from credentials.lines import Kind, numbered_lines
from credentials.overview import MOST_PAGES, Document, Overview, Stated
from credentials.press.metadata import CREATOR
from credentials.printed import UNKNOWN, Printed
from credentials.scripts import script_of
from register.names import full_name

Lint = Callable[[bytes, Stated], Iterable[str]]

CREATORS = (f"/Creator({CREATOR})".encode(), b"/Creator(Typst 0.15.")
"""The only programs whose output we seal; a value for forensics too (register.md 3.2)."""
FORBIDDEN = (
    b"/JavaScript",
    b"/JS",
    b"/Annots",
    b"/AcroForm",
    b"/URI",
    b"/Launch",
    b"/OpenAction",
    b"/AA",
    b"/OCProperties",
    b"/Encrypt",
    b"/RichMedia",
    b"/GoToR",
)
_FORBIDDEN = re.compile(b"/(?:%s)(?![A-Za-z])" % b"|".join(name[1:] for name in FORBIDDEN))
_ESCAPED = re.compile(
    rb"\((?:[^()\\\r\n]|\\[^\r\n])*+\)|(/[^\s\0/<>\[\](){}%#]*+#[^\s\0/<>\[\](){}%]*+)"
)
"""A name spelt with `#` (ISO 32000-1, 7.3.5); strings are stepped over, a line at most."""
_MEDIA_TYPE = b"/application#2Fjson"
_END = re.compile(rb"startxref\n\d+\n%%EOF\n?\Z")
_NINE_DIGITS = re.compile(r"(?<!\d)\d{9}(?!\d)", re.ASCII)
_CLUSTER = re.compile(r".[\u0300-\u036f]*", re.DOTALL)
_CODES = ("code", "codeToday")


def is_of_our_renderer(pdf: bytes, extract: Document) -> Iterator[str]:
    """The file is PDF 1.7, tagged, in the language stated, by our renderer, and whole."""
    if not pdf.startswith(b"%PDF-1.7\n"):
        yield "not PDF 1.7"
    if not any(creator in pdf for creator in CREATORS):
        yield "written by another program"
    if not _END.search(pdf[-64:]) or pdf.count(b"%%EOF") != 1:
        yield "does not end where our renderer ends"
    if b"/Marked true" not in pdf:
        yield "not tagged"
    if f"/Lang({extract.language})".encode() not in pdf:
        yield "not in the language of the extract"


def holds_nothing_active(pdf: bytes, _: Document) -> Iterator[str]:
    """No script, form, annotation, address, layer or encryption (pdf.md 3.1), nor in disguise."""
    parts = list(_outside_streams(pdf))
    names = {name for part in parts for name in _FORBIDDEN.findall(part)}
    yield from (f"holds {name.decode()}" for name in sorted(names))
    if any(set(_ESCAPED.findall(part)) - {b"", _MEDIA_TYPE} for part in parts):
        yield "holds a name spelt with #"


def attachment_equals_record(pdf: bytes, extract: Document) -> Iterator[str]:
    """The one attached file is the canonical JSON of this very document."""
    attached = list(_attachments(pdf))
    if attached != [_facts_of(extract)]:
        yield "the attached facts are not those of the record"


def page_count_is_sane(pdf: bytes, _: Document) -> Iterator[str]:
    """A document has at least one page and never a book of them."""
    try:
        pages = _printed(pdf).page_count
    except (ValueError, IndexError):
        yield "the pages cannot be read"
        return
    if not 1 <= pages <= MOST_PAGES:
        yield f"{pages} pages"


def text_equals_record(pdf: bytes, extract: Extract) -> Iterator[str]:
    """Every fact of lines 1 to 9 is printed, letter for letter, and no glyph is unknown."""
    try:
        squeezed = letters_of(pdf)
    except (ValueError, IndexError, KeyError, zlib.error):
        yield "the printed text cannot be read"
        return
    if UNKNOWN in squeezed or "\0" in squeezed:
        yield "a glyph without a letter"
    for line in numbered_lines(extract, str):
        if not all(is_printed(fact, squeezed) for fact in _facts(line.number, line.parts, extract)):
            yield f"line {line.number} is not printed as registered"


def holds_no_national_number(_: bytes, extract: Document) -> Iterator[str]:
    """No value of the attached facts, codes aside, reads as a citizen service number."""
    facts = _facts_of(extract)
    if not _NINE_DIGITS.search(facts.decode()):
        return  # whatever a value holds, its digits stand in the text as they are
    if any(_reads_as_number(value) for value in _values(json.loads(facts))):
        yield "a value reads as a national number"


LINTS: tuple[Lint[Extract], ...] = (
    is_of_our_renderer,
    holds_nothing_active,
    attachment_equals_record,
    page_count_is_sane,
    text_equals_record,
    holds_no_national_number,
)


def _facts_of(document: Document) -> bytes:
    if isinstance(document, Overview):
        return overview_json(document)
    return extract_json(document)


@last_only
def _printed(pdf: bytes) -> Printed:
    return Printed(pdf)


@last_only
def letters_of(pdf: bytes) -> str:
    """Everything that is printed, without white space; raises as `Printed.text`."""
    return _squeeze(_printed(pdf).text())


def _outside_streams(pdf: bytes) -> Iterator[bytes]:
    """The parts of the file that are objects, not data."""
    at = 0
    while (begin := pdf.find(b"stream\n", at)) >= 0:
        end = pdf.find(b"\nendstream", begin + len(b"stream\n"))
        if end < 0:
            break
        yield pdf[at:begin]
        at = end + len(b"\nendstream")
    yield pdf[at:]


def _attachments(pdf: bytes) -> Iterator[bytes]:
    for match in re.finditer(rb"/Length (\d+)/Type/EmbeddedFile[^\n]*\nstream\n", pdf):
        data = pdf[match.end() : match.end() + int(match.group(1))]
        yield zlib.decompress(data) if b"/FlateDecode" in match.group(0) else data


def _facts(number: int, parts: Iterable[object], extract: Extract) -> Iterator[str]:
    """What of a line is a fact of the record, whatever the language of the words around it."""
    record = extract.record
    if number == 1:
        yield full_name(record.person.name)
    elif number == 2:  # noqa: PLR2004 - the lines have fixed numbers
        yield record.person.birth_place
        yield str(record.person.birth.year or "")
    elif number in (3, 5, 9):
        kept = (part for part in parts if getattr(part, "kind", Kind.NOTE) is not Kind.NOTE)
        yield from (getattr(part, "text", "") for part in kept)
    elif number == 4:  # noqa: PLR2004 - the lines have fixed numbers
        yield record.award.degree
    elif number == 8:  # noqa: PLR2004 - the lines have fixed numbers
        yield record.institution.code
        yield record.programme.code


def _squeeze(text: str) -> str:
    """Without white space, which layout may add or drop, and with equal letters equal."""
    return unicodedata.normalize("NFC", "".join(text.split()))


def is_printed(fact: str, squeezed: str) -> bool:
    """Word by word where the script runs right to left, because its runs are drawn reversed."""
    if script_of(fact) is None:
        letters = _squeeze(fact)
        return letters in squeezed or _is_drawn(letters, squeezed)
    if any(unicodedata.combining(character) for character in fact):
        return all(letter in squeezed for letter in _squeeze(fact))
    return all(word in squeezed or word[::-1] in squeezed for word in map(_squeeze, fact.split()))


def _is_drawn(letters: str, squeezed: str) -> bool:
    """Whether a text with loose accents stands there, as far as a copy can tell.

    typst gives every glyph of such a letter the text of the whole letter, and a shared
    accent the text of its first letter: the paper is right, a copy has letters too many.
    So base letters are compared in order, with room for copies behind a loose accent.
    """
    clusters = _CLUSTER.findall(letters)
    if all(len(cluster) == 1 for cluster in clusters):
        return False
    pattern = "".join(
        re.escape(_bare(cluster)) + (r"\w{0,3}?" if len(cluster) > 1 else "")
        for cluster in clusters
    )
    return re.search(pattern, _bare(squeezed)) is not None


def _bare(text: str) -> str:
    """Base letters alone."""
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def _values(node: object, name: str = "") -> Iterator[str]:
    """Every text in the facts that is not a code of an institution or programme."""
    if isinstance(node, dict):
        for key, child in node.items():
            yield from _values(child, key)
    elif isinstance(node, list):
        for child in node:
            yield from _values(child, name)
    elif name not in _CODES:
        yield str(node)


def _reads_as_number(value: str) -> bool:
    return any(_passes_eleven_test(digits) for digits in _NINE_DIGITS.findall(value))


def _passes_eleven_test(digits: str) -> bool:
    """Weights 9 to 2 and then -1; remainder 0 is a BSN, 5 may be an education number."""
    weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
    remainder = sum(w * int(d) for w, d in zip(weights, digits, strict=True)) % 11
    return remainder == 0 or (digits.startswith("10") and remainder == 5)  # noqa: PLR2004 - the eleven test of an education number
