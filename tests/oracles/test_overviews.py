"""Overviews before judges that we did not write, unsealed and sealed (pdf.md 4.1 to 4.11)."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from credentials.attachment import overview_json
from credentials.extract import Language, Purpose
from credentials.overview import Overview
from credentials.overview_lines import closing_line, sections
from keys import hierarchy
from overview_wiring import overviews_of
from register.names import full_name
from register.records import AwardRecord, AwardStatus
from tests.credentials.overviews import EVERY, TWO, overview, renderer
from tests.credentials.paper import translator
from tests.oracles import verapdf
from tests.oracles.test_paper import ask, attached_data, joined
from wiring import Instance

pytestmark = pytest.mark.judge

HOLDERS = ("vwo", "arabic", "nameless")


@dataclass(frozen=True, slots=True)
class Drawn:
    """One overview on disk, with what was asked for."""

    overview: Overview
    path: Path


@pytest.fixture(name="drawn", scope="module")
def _drawn(tmp_path_factory: pytest.TempPathFactory) -> list[Drawn]:
    """Two, three and ten awards, in three languages: from two pages to many."""
    folder, draw = tmp_path_factory.mktemp("overviews"), renderer()
    asked = [
        overview(people, language, holder)
        for people, holder in zip((TWO, ("nt2", "mbo", "sixty"), EVERY), HOLDERS, strict=True)
        for language in Language
    ]
    paths = [folder / f"{place}.pdf" for place in range(len(asked))]
    for one, path in zip(asked, paths, strict=True):
        path.write_bytes(draw.render(one))
    return [Drawn(*both) for both in zip(asked, paths, strict=True)]


def several(instance: Instance) -> list[Sequence[AwardRecord]]:
    """What stands of each person with more than one diploma."""
    people = dict.fromkeys(one.person.person_id for one in instance.register.awards())
    held = (
        [
            one
            for one in instance.register.awards_of(person)
            if one.award.status is not AwardStatus.WITHDRAWN
        ]
        for person in people
    )
    return [one for one in held if len(one) > 1]


@pytest.fixture(name="sealed", scope="module")
def _sealed(house: Instance, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Sealed ones of the house, in each language."""
    folder, road = tmp_path_factory.mktemp("sealed"), overviews_of(house)
    paths = []
    for place, records in enumerate(several(house)[:2]):
        for language in Language:
            path = folder / f"{place}-{language}.pdf"
            path.write_bytes(road.overview(records, language, Purpose.STUDY).document)
            paths.append(path)
    assert len(paths) >= 3
    return paths


def test_every_overview_is_pdf_a_and_pdf_ua(drawn: list[Drawn], sealed: list[Path]) -> None:
    """pdf.md 4.1: unsigned and at B-T, in three languages, of two and of many pages."""
    findings = verapdf.judge([*(one.path for one in drawn), *sealed])

    assert [finding for finding in findings if not finding.compliant] == []
    assert len(findings) == (len(drawn) + len(sealed)) * len(verapdf.FLAVOURS)


def test_the_structure_is_sound(drawn: list[Drawn], sealed: list[Path]) -> None:
    """pdf.md 4.2, 4.4, 4.11: qpdf, the fonts, and what the file says of itself."""
    for path in (*(one.path for one in drawn), *sealed):
        assert "No syntax or stream encoding errors" in ask("qpdf", "--check", path)
        fonts = ask("pdffonts", path).splitlines()[2:]
        assert {tuple(re.findall(r"\b(yes|no)\b", row)) for row in fonts} == {("yes",) * 3}
        info = ask("pdfinfo", path)
        assert re.search(r"Tagged: +yes", info)
        assert re.search(r"PDF version: +1\.7", info)


def test_the_attached_facts_are_those_of_the_awards(drawn: list[Drawn], tmp_path: Path) -> None:
    """pdf.md 4.3: one attachment, with the bytes of the canonical JSON."""
    for one in drawn:
        assert attached_data(one.path, "overview.json", tmp_path) == overview_json(one.overview)


def test_every_result_of_every_award_copies_out(drawn: list[Drawn]) -> None:
    """pdf.md 4.4, emrex.md 4.43: by pdftotext, each in the row of its own number."""
    for one in drawn:
        text = ask("pdftotext", "-layout", one.path, "-")
        by_number = {row.split()[0]: row for row in text.splitlines() if row.split()}
        for section in sections(one.overview, translator(one.overview.language)):
            for row in section.table.rows if section.table else ():
                title, final = row.cells[0][0].text, row.cells[-1]
                told = by_number[str(row.number)]
                assert joined(title.split()[0]) in joined(told), (one.path, title)
                assert all(part.text.split()[0] in told for part in final)


def test_the_name_copies_out(drawn: list[Drawn]) -> None:
    """pdf.md 4.4."""
    for one in drawn:
        raw = joined(ask("pdftotext", "-raw", one.path, "-"))
        name = full_name(one.overview.records[0].person.name)
        assert all(joined(word) in raw for word in name.split())


def test_others_find_our_seal_over_the_whole_file(house: Instance, sealed: list[Path]) -> None:
    """pdf.md 4.8, 4.9, 4.11: pdfsig and pyHanko."""
    root = x509.Certificate.load(hierarchy.root_of(house.keys_folder))
    trust = ValidationContext(trust_roots=[root], allow_fetching=False)
    for path in sealed:
        said = ask("pdfsig", "-nocert", path)
        assert said.count("Signature #") == 1
        assert "Signature Validation: Signature is Valid." in said
        assert "Total document signed" in said
        (seal,) = PdfFileReader(io.BytesIO(path.read_bytes())).embedded_regular_signatures
        status = validate_pdf_signature(seal, trust, ts_validation_context=trust)
        assert status.bottom_line
        assert status.docmdp_ok
        assert status.coverage is SignatureCoverageLevel.ENTIRE_FILE
        assert seal.docmdp_level is MDPPerm.NO_CHANGES


def test_the_ring_never_stands_alone(drawn: list[Drawn]) -> None:
    """The last line is that of the overview itself, and it stays with the seal's words."""
    for one in drawn:
        pages = re.findall(r"Pages: +(\d+)", ask("pdfinfo", one.path))[0]
        last = ask("pdftotext", "-f", pages, "-layout", one.path, "-")
        number = str(closing_line(one.overview, str).number)
        rows = [row.split() for row in last.splitlines()]
        assert any(row[:1] == [number] and one.overview.number in row for row in rows), one.path
        assert "(BSN)" in last
        assert int(pages) >= 2
