"""Sealed extracts of the ten hardest people, in each language, before outside judges."""

from __future__ import annotations

import io
import json
import re
import subprocess
import unicodedata
from datetime import UTC, datetime
from pathlib import Path

import pytest
from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from credentials.attachment import extract_json
from credentials.extract import Extract, Purpose
from keys import hierarchy
from register.names import full_name
from tests import judges
from tests.house import SealedExtract
from tests.oracles import verapdf
from wiring import Instance

pytestmark = [pytest.mark.judge, pytest.mark.slow]


def ask(program: str, *arguments: str | Path) -> str:
    command = [judges.require(program), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, check=False, timeout=600)
    assert done.returncode == 0, (command, done.stdout[-500:], done.stderr[-500:])
    return done.stdout.decode()


def letters(text: str) -> str:
    """What was written, without the line breaks and direction marks that layout adds."""
    marks = "\u202a\u202b\u202c\u200e\u200f"
    return "".join(c for c in text if not c.isspace() and c not in marks)


def test_every_sealed_extract_is_still_pdf_a_and_pdf_ua(hard_extracts: list[SealedExtract]) -> None:
    """pdf.md 4.1 at B-T: veraPDF agrees for PDF/A-3a and PDF/UA-1."""
    findings = verapdf.judge(extract.path for extract in hard_extracts)

    assert [finding for finding in findings if not finding.compliant] == []
    assert len(findings) == len(hard_extracts) * len(verapdf.FLAVOURS)


def test_the_structure_is_sound(hard_extracts: list[SealedExtract]) -> None:
    """pdf.md 4.11: qpdf finds nothing."""
    for extract in hard_extracts:
        assert "No syntax or stream encoding errors" in ask("qpdf", "--check", extract.path)


def test_pdfsig_finds_one_valid_signature_over_the_whole_file(
    hard_extracts: list[SealedExtract],
) -> None:
    """pdf.md 4.8 and 4.11."""
    for extract in hard_extracts:
        said = ask("pdfsig", "-nocert", extract.path)
        assert said.count("Signature #") == 1
        assert "Signature Field Name: Seal" in said
        assert "Signature Type: ETSI.CAdES.detached" in said
        assert "Signature Validation: Signature is Valid." in said
        assert "Total document signed" in said


def test_pyhanko_finds_our_certification_intact_and_trusted(
    house: Instance, hard_extracts: list[SealedExtract]
) -> None:
    """pdf.md 4.9: intact, valid, trusted, no changes allowed, whole file, time-stamped."""
    root = x509.Certificate.load(hierarchy.root_of(house.keys_folder))
    trust = ValidationContext(trust_roots=[root], allow_fetching=False)
    for extract in hard_extracts:
        reader = PdfFileReader(io.BytesIO(extract.path.read_bytes()))
        (seal,) = reader.embedded_regular_signatures
        status = validate_pdf_signature(seal, trust, ts_validation_context=trust)
        assert status.bottom_line
        assert status.docmdp_ok
        assert status.coverage is SignatureCoverageLevel.ENTIRE_FILE
        assert status.timestamp_validity is not None
        assert status.timestamp_validity.valid
        assert seal.docmdp_level is MDPPerm.NO_CHANGES


def test_the_name_copies_out_in_nfc_exactly(hard_extracts: list[SealedExtract]) -> None:
    """register.md 4.10, pdf.md 4.4."""
    for extract in hard_extracts:
        name = full_name(extract.record.person.name)
        text = letters(ask("pdftotext", "-layout", extract.path, "-"))
        raw = letters(ask("pdftotext", "-raw", extract.path, "-"))
        assert unicodedata.is_normalized("NFC", name)
        assert letters(name) in text or letters(name) in raw, extract.path


def test_the_attachment_is_the_record_in_every_language(
    hard_extracts: list[SealedExtract], tmp_path: Path
) -> None:
    """register.md 4.20, pdf.md 4.3: the same machine data apart from language and issue."""
    for extract in hard_extracts:
        saved = tmp_path / f"{extract.path.stem}.json"
        ask("pdfdetach", "-save", "1", "-o", saved, extract.path)
        attached = json.loads(saved.read_text())
        assert attached["language"] == extract.language
        issued = _moment(attached)
        stated = Extract(extract.number, extract.language, Purpose.GENERAL, issued, extract.record)
        assert saved.read_bytes() == extract_json(stated)


def test_there_is_an_end_of_line_between_the_renderer_and_the_update(
    hard_extracts: list[SealedExtract],
) -> None:
    """pdf.md 4.13, and file profile 3.1: PDF 1.7, one end-of-line at the end."""
    for extract in hard_extracts:
        pdf = extract.path.read_bytes()
        assert re.search(rb"%%EOF\n\d+ 0 obj", pdf)
        assert pdf.count(b"%%EOF") == 2
        assert re.search(r"PDF version: +1\.7", ask("pdfinfo", extract.path))


def _moment(attached: dict[str, str]) -> datetime:
    return datetime.fromisoformat(attached["issuedAt"]).astimezone(UTC)
