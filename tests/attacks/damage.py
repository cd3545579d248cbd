"""What happens to genuine files without any bad intention. None of it may be called forged."""

from __future__ import annotations

import base64
import gzip
import quopri
import re
from collections.abc import Iterator

from tests.attacks import tools
from tests.attacks.originals import Originals
from tests.attacks.papers import DAMAGED
from tests.attacks.updates import ATTACKS, anatomy
from tests.attacks.variants import HONEST, Variant
from tests.verifier.coded import picture


def resaved(originals: Originals) -> Iterator[Variant]:
    """Opened and saved, printed to PDF, cut back to an earlier revision."""
    sealed, archived = originals.sealed, originals.archived
    made = {
        "qpdf": tools.saved_by(sealed, "qpdf in.pdf out.pdf"),
        "linearized": tools.saved_by(sealed, "qpdf --linearize in.pdf out.pdf"),
        "mutool-clean": tools.saved_by(sealed, "mutool clean -gg in.pdf out.pdf"),
        "printed-by-cairo": tools.saved_by(archived, "pdftocairo -pdf in.pdf out.pdf"),
        "printed-by-mupdf": tools.saved_by(archived, "mutool convert -F pdf -o out.pdf in.pdf"),
        "printed-by-chromium": tools.printed_by_browser(tools.screenshot(archived, 150)),
        "archive-cut-off": archived[: anatomy(archived).file.revisions[1].end],
        "locked": tools.saved_by(sealed, "qpdf --encrypt a b 256 -- in.pdf out.pdf"),
    }
    for name in DAMAGED:
        made[name.replace("_", "-")] = ATTACKS[name](anatomy(sealed))
    for name, data in made.items():
        yield Variant(HONEST, "pdf", name, data)


def pictured(originals: Originals) -> Iterator[Variant]:
    """Printed and scanned at 150 dpi, photographed on a table, shown on a screen."""
    page = tools.screenshot(originals.page, 150)
    yield Variant(HONEST, "png", "screenshot", tools.file_of(page, "PNG"))
    scan = tools.scanned(page)
    yield Variant(HONEST, "pdf", "scan-150-dpi", tools.file_of(scan.convert("RGB"), "PDF"))
    photo = tools.photographed(page)
    yield Variant(HONEST, "jpg", "photo", tools.file_of(photo, "JPEG", quality=55))
    coded = tools.photographed(tools.opened(picture(originals.code)))
    yield Variant(HONEST, "jpg", "photo-with-code", tools.file_of(coded, "JPEG", quality=70))


def mailed(originals: Originals) -> Iterator[Variant]:
    """What gateways and mail programs make of an attachment."""
    sealed = originals.sealed
    lines = re.sub(rb"\r?\n", b"\r\n", sealed)
    made = {
        "line-ends-changed": ("pdf", lines),
        "eighth-bit-lost": ("pdf", bytes(octet & 0x7F for octet in sealed)),
        "footer-added": ("pdf", sealed + b"\r\n-- \r\nScanned for viruses\r\n"),
        "base64": ("other", base64.encodebytes(sealed)),
        "quoted-printable": ("other", quopri.encodestring(sealed)),
        "gzip": ("other", gzip.compress(sealed, mtime=0)),
        "message": ("other", b"MIME-Version: 1.0\r\n\r\n" + base64.encodebytes(sealed)),
    }
    for name, (kind, data) in made.items():
        yield Variant(HONEST, kind, name, data)
    spaced = originals.elmo.replace(b"\n", b"\r\n")
    yield Variant(HONEST, "xml", "line-ends-changed", spaced)
    yield Variant(HONEST, "xml", "unsigned", _unsigned(originals.elmo))
    wrapped = base64.b64encode(gzip.compress(originals.elmo, mtime=0))
    yield Variant(HONEST, "other", "elmo-as-emrex-sends-it", wrapped)


def _unsigned(elmo: bytes) -> bytes:
    return re.sub(rb"<Signature .*</Signature>", b"", elmo, flags=re.DOTALL)
