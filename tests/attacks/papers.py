"""F1 to F4, F7, F8 and F12: sealed PDFs edited, stripped, copied and rebuilt."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from tests.attacks import tools
from tests.attacks.originals import Originals, facts, renamed
from tests.attacks.updates import ATTACKS, Anatomy, anatomy, update
from tests.attacks.variants import Variant
from tests.verifier.coded import picture

UNKNOWN_NUMBER = "Q2Q2-Q2Q2-Q2Q2"
SPOOFED = (
    *("range_moved", "range_missing", "range_negative", "range_short", "contents_null"),
    *("contents_zero", "contents_mixed_case", "contents_padding", "other_catalog", "shifted"),
    *("signature_hidden", "loose_object", "page_without_table", "seal_rewritten"),
)
"""Updates that play with a parser (F12); the others are plain edits (F2)."""
DAMAGED = ("truncated", "cut_in_the_seal", "end_cut")
"""Accidents of a download, so honest."""


def edited(originals: Originals) -> Iterator[Variant]:
    """F1: changed and saved whole by another program."""
    sealed, other = originals.sealed, originals.superseded
    made = {
        "text-added": tools.rewritten(sealed, rb"\nET\n", b"\nET\n0 0 90 90 re f\n"),
        "font-swapped": tools.rewritten(sealed, rb"/BaseFont /\w+\+", b"/BaseFont /OTHERS+"),
        "title-changed": tools.rewritten(sealed, rb"\(Extract\)", b"(Another)"),
        "page-swapped": tools.saved_by(sealed, "qpdf in.pdf --pages other.pdf 1 -- out.pdf", other),
        "page-turned": tools.saved_by(sealed, "qpdf --rotate=90 in.pdf out.pdf"),
        "page-added": tools.saved_by(sealed, "qpdf in.pdf --pages . 1 . 1 -- out.pdf"),
        "compressed-again": tools.saved_by(
            sealed, "qpdf --recompress-flate --object-streams=generate in.pdf out.pdf"
        ),
        "decompressed": tools.saved_by(sealed, "mutool clean -d in.pdf out.pdf"),
        "attachment-changed": tools.rewritten(sealed, rb"Nursing", b"Surgery"),
    }
    for name, data in made.items():
        yield Variant("F1", "pdf", name, data)


def updated(originals: Originals) -> Iterator[Variant]:
    """F2 and F12: changed behind the seal, openly or with tricks."""
    files = {"": anatomy(originals.sealed), "-archived": anatomy(originals.archived)}
    for ending, genuine in files.items():
        for name, attack in ATTACKS.items():
            if name in DAMAGED or name == "seal_cut_off":
                continue
            modus = "F12" if name in SPOOFED else "F2"
            yield Variant(modus, "pdf", _spelled(name) + ending, attack(genuine))
        yield Variant("F2", "pdf", "overlay" + ending, _overlay(genuine))
        yield Variant("F2", "pdf", "extra-page" + ending, _extra_page(genuine))
        yield Variant("F2", "pdf", "font-redefined" + ending, _font(genuine))


def stripped(originals: Originals) -> Iterator[Variant]:
    """F3: the seal taken out, or left behind broken."""
    sealed = originals.sealed
    made = {
        "cairo": tools.saved_by(sealed, "pdftocairo -pdf in.pdf out.pdf"),
        "mupdf": tools.saved_by(sealed, "mutool convert -F pdf -o out.pdf in.pdf"),
        "before-sealing": ATTACKS["seal_cut_off"](anatomy(sealed)),
        "form-removed": tools.rewritten(sealed, rb"/AcroForm\b", b"/Former"),
        "form-removed-behind": _form_removed(anatomy(sealed)),
        "broken-seal-kept": tools.rewritten(sealed, rb"/Contents <[0-9a-f]{64}", b"/Contents <"),
        "pages-only": tools.saved_by(sealed, "qpdf --empty --pages in.pdf 1 -- out.pdf"),
    }
    for name, data in made.items():
        yield Variant("F3", "pdf", name, data)


def copied(originals: Originals) -> Iterator[Variant]:
    """F4: pictures of a document."""
    seen = tools.screenshot(originals.sealed)
    yield Variant("F4", "png", "screenshot", tools.file_of(seen, "PNG"))
    yield Variant("F4", "jpg", "screenshot", tools.file_of(seen, "JPEG", quality=60))
    yield Variant("F4", "png", "turned", tools.file_of(seen.rotate(90, expand=True), "PNG"))
    large = tools.scanned(tools.screenshot(originals.sealed, 150))
    yield Variant("F4", "pdf", "scanned", tools.file_of(large.convert("RGB"), "PDF"))
    yield Variant("F4", "png", "with-our-code", picture(originals.code))


def rebuilt(originals: Originals) -> Iterator[Variant]:
    """F7 and F8: drawn anew with another name, or with a number that nobody was given."""
    world, forger = originals.world, originals.forger
    for modus, told in (("F7", renamed()), ("F8", facts(number=UNKNOWN_NUMBER))):
        page = world.page(facts=told)
        yield Variant(modus, "pdf", "drawn-anew", page)
        yield Variant(modus, "pdf", "sealed-by-a-forger", forger.seal(page))
        yield Variant(modus, "json", "data-alone", json.dumps(told).encode())
    seen = tools.screenshot(world.page(facts=renamed()))
    yield Variant("F7", "png", "picture", tools.file_of(seen, "PNG"))


def _spelled(name: str) -> str:
    return name.replace("_", "-")


def _overlay(genuine: Anatomy) -> bytes:
    """A second stream of content over the page."""
    stream, page = genuine.next_number, genuine.source(genuine.page)
    body = b"<</Length 20>>\nstream\n0 0 900 900 re f    \nendstream"
    changed = re.sub(rb"/Contents (\d+ 0 R)", rb"/Contents [\1 %d 0 R]" % stream, page)
    return update(genuine, {genuine.page: changed, stream: body})


def _extra_page(genuine: Anatomy) -> bytes:
    found = re.search(rb"/Pages (\d+) 0 R", genuine.source(genuine.root))
    assert found is not None
    pages, copy = int(found[1]), genuine.next_number
    tree = re.sub(rb"/Kids\s*\[", b"/Kids [%d 0 R " % copy, genuine.source(pages))
    tree = re.sub(rb"/Count \d+", b"/Count 2", tree)
    return update(genuine, {pages: tree, copy: genuine.source(genuine.page)})


def _font(genuine: Anatomy) -> bytes:
    """The page's own font, defined again: other letters for the same text."""
    found = re.search(rb"(\d+) 0 obj\s*<<[^>]*/Type ?/Font\b", genuine.data)
    assert found is not None
    body = b"<</Type/Font/Subtype/Type1/BaseFont/Courier>>"
    return update(genuine, {int(found[1]): body})


def _form_removed(genuine: Anatomy) -> bytes:
    catalog = re.sub(rb"/AcroForm\b", b"/Former", genuine.source(genuine.root), count=1)
    return update(genuine, {genuine.root: catalog})
