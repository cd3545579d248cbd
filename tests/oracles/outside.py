"""Programs that judge one PDF at a time, and what each can and cannot say (pdf.md 2.4)."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from tests import judges

SECONDS = 600
_PDFSIGNER = """
import json, sys, pdfsigner
for path in sys.argv[2:]:
    print(json.dumps(pdfsigner.verify_pdf_report(path, roots=sys.argv[1])))
"""
"""In a process of its own: that library is under the GPL, and no part of ours."""


def ask(program: str, *arguments: str | Path) -> str:
    """What a program says of a file; it may fail, and then says why."""
    command = [judges.require(program), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, check=False, timeout=SECONDS)
    return (done.stdout + done.stderr).decode(errors="replace")


def qpdf_finds_nothing(path: Path) -> bool:
    """Structure and cross-references; no cryptography."""
    said = ask("qpdf", "--check", path)
    return "No syntax or stream encoding errors" in said and "WARNING" not in said


def mutool_says(path: Path) -> str:
    """`unchanged`, `edited after sealing` or `broken`, for the seal; no document time-stamps."""
    first = ask("mutool", "sign", "-v", path).partition("Verifying signature")[2]
    first = first.partition("Verifying signature")[0]
    if "The document is unchanged since signing." in first:
        return "unchanged"
    valid = "The signature is valid but there have been edits since signing." in first
    return "edited after sealing" if valid else "broken"


@dataclass(frozen=True, slots=True)
class PdfsigFinding:
    """The seal by NSS; document time-stamps are beyond it, and so is every kind of update."""

    is_seal: bool
    valid: bool
    whole: bool


def pdfsig_says(path: Path) -> PdfsigFinding:
    """What poppler finds of the first signature; certificates are not looked at."""
    first = (
        ask("pdfsig", "-nocert", path).partition("Signature #1:")[2].partition("Signature #2:")[0]
    )
    return PdfsigFinding(
        is_seal="Field Name: Seal" in first and "Type: ETSI.CAdES.detached" in first,
        valid="Signature Validation: Signature is Valid." in first,
        whole=re.search(r"- Total document signed", first) is not None,
    )


def pdfsigner_reports(paths: Iterable[Path], root: Path) -> list[dict[str, Any]]:
    """The report of an independent library in Rust about each file, in order."""
    command = [sys.executable, "-c", _PDFSIGNER, str(root), *map(str, paths)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert done.returncode == 0, done.stderr[-2000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def pyhanko_accepts(document: bytes, root: bytes, *, whole: bool) -> bool:
    """Intact, trusted, certified against changes; over the whole file or all of its revision."""
    trust = ValidationContext(trust_roots=[x509.Certificate.load(root)], allow_fetching=False)
    (seal,) = PdfFileReader(io.BytesIO(document)).embedded_regular_signatures
    status = validate_pdf_signature(seal, trust, ts_validation_context=trust)
    expected = (
        (SignatureCoverageLevel.ENTIRE_FILE, ModificationLevel.NONE)
        if whole
        else (SignatureCoverageLevel.ENTIRE_REVISION, ModificationLevel.LTA_UPDATES)
    )
    as_expected = (status.coverage, status.modification_level) == expected
    return bool(status.bottom_line and status.trusted and status.docmdp_ok and as_expected)
