"""The second opinion: a general PDF library. Necessary for a yes, never sufficient.

It also is the only one that opens files which our strict reader refuses, to tell
"no seal at all" from "somebody else's seal" from "our seal over changed bytes".
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from asn1crypto import x509
from pyhanko.pdf_utils.decode_limits import DecodeLimits, DocumentDecodeBudget, StreamDecodeLimits
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from verifier.pdf.syntax import Refused

if TYPE_CHECKING:
    from datetime import datetime

    from keys.trust import KeyEntry, TrustList

MAX_PAGES = 20
"""`spec/verifier.md` 3.7.5."""
MAX_NODES = 200
_MIB = 1024 * 1024
MAX_STREAM = _MIB
"""Of cross-reference and object streams, unpacked, in bytes. A row may be one byte long, and a
million rows cost seconds; no honest file of twenty pages comes near."""
_LIMITS = DecodeLimits(
    per_stream=StreamDecodeLimits(max_output_size=MAX_STREAM),
    document_budget=DocumentDecodeBudget(base_allowance=32 * _MIB, max_ratio=20),
)
_COVERAGE = {SignatureCoverageLevel.ENTIRE_FILE, SignatureCoverageLevel.ENTIRE_REVISION}
_LEVELS = {ModificationLevel.NONE, ModificationLevel.LTA_UPDATES}


@dataclass(frozen=True, slots=True)
class Opened:
    """A PDF as a general library sees it."""

    reader: Any
    regular: tuple[Any, ...]
    contents: tuple[bytes, ...]


def open_file(data: bytes) -> Opened:
    """Open any PDF within limits; whatever the library raises goes on to the caller.

    Raises:
        Refused: encrypted, or too many pages.
    """
    reader = PdfFileReader(io.BytesIO(data), strict=False, decode_limits=_LIMITS)
    if reader.encrypted:
        raise Refused("encrypted")
    _require_few_pages(reader)
    regular = tuple(reader.embedded_regular_signatures)
    return Opened(reader, regular, tuple(bytes(one.pkcs7_content) for one in regular))


def title_of(opened: Opened) -> str:
    """The title that the file gives itself; empty where it gives none."""
    try:
        return str(opened.reader.trailer_view["/Info"]["/Title"])
    except KeyError:
        return ""


@dataclass(frozen=True, slots=True)
class Opinion:
    """What the library says, in the two questions that differ in meaning."""

    unchanged: bool
    """The bytes are what was signed, and only archive data came after."""
    trusted: bool
    """The signature holds and its certificate leads to our root."""


def opinion_on(signature: Any, entry: KeyEntry, trust: TrustList, at: datetime) -> Opinion:  # noqa: ANN401 - untyped
    """What the library finds, offline and by our roots only."""
    status = validate_pdf_signature(signature, _context(entry, trust, at))
    in_place = status.coverage in _COVERAGE and status.modification_level in _LEVELS
    return Opinion(
        unchanged=bool(status.intact and status.docmdp_ok and in_place),
        trusted=bool(status.bottom_line and status.valid and status.trusted),
    )


def _context(entry: KeyEntry, trust: TrustList, at: datetime) -> ValidationContext:
    """Our roots only, as of the proven time, and no fetching whatever a certificate asks for."""
    others = {der for key in trust.keys for der in key.certificates} | set(entry.certificates)
    return ValidationContext(
        trust_roots=[x509.Certificate.load(der) for der in trust.roots],
        other_certs=[x509.Certificate.load(der) for der in sorted(others - set(trust.roots))],
        moment=at,
        best_signature_time=at,
        allow_fetching=False,
        revocation_mode="soft-fail",
    )


def _require_few_pages(reader: Any) -> None:  # noqa: ANN401 - untyped
    """Count the leaves themselves: the tree's own count may lie."""
    pages, nodes, waiting = 0, 0, [reader.root["/Pages"]]
    while waiting:
        node, nodes = waiting.pop().get_object(), nodes + 1
        kids = node.get("/Kids")
        pages += kids is None
        if pages > MAX_PAGES or nodes > MAX_NODES:
            raise Refused("too_many_pages")
        waiting.extend(kids or ())
