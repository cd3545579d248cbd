"""What the press writes is what typst draws: the same dots, the same text, the same structure."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from credentials.attachment import extract_json
from credentials.extract import Extract, Language
from credentials.lint import LINTS
from credentials.pades.shape import read_draft
from credentials.press.document import document
from credentials.press.unset import Unset
from credentials.qr import draw
from credentials.rendering import Compilers
from tests import judges
from tests.credentials.paper import SAME_KEY, by_typst, page_of, payload, renderer
from tests.credentials.people import PEOPLE, extract
from tests.oracles import verapdf
from tests.products import every_value

SET = ("hbo", "vwo", "nt2", "mbo", "nameless", "single-name")
"""Whom the press draws; the others have another script, other letters or more pages."""
NOT_SET = tuple(person for person in PEOPLE if person not in SET)
COMPILERS = Compilers("extract.typ")


@dataclass(frozen=True, slots=True)
class Both:
    """One extract, drawn in both ways."""

    asked: Extract
    press: bytes
    typst: bytes


@cache
def both(person: str, language: Language) -> Both:
    asked = extract(person, language)
    qr = payload(asked, SAME_KEY)
    page, rows, record = page_of(asked, qr), draw(qr).rows, extract_json(asked)
    press = document(page, rows, record, asked.issued_at)
    return Both(asked, press, by_typst(COMPILERS, asked, qr))


CASES = [
    (person, language)
    for person in SET
    for language in Language
    if (person, language) != ("vwo", Language.DE)  # two pages, because English stands beside it
]
each = pytest.mark.parametrize(("person", "language"), CASES)


def ask(program: str, *arguments: str | Path) -> bytes:
    command = [judges.require(program), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, (command, done.stderr[-500:])
    return done.stdout


@pytest.fixture(name="files")
def _files(person: str, language: Language, tmp_path: Path) -> tuple[Path, Path]:
    drawn = both(person, language)
    ours, theirs = tmp_path / "press.pdf", tmp_path / "typst.pdf"
    ours.write_bytes(drawn.press)
    theirs.write_bytes(drawn.typst)
    return ours, theirs


@each
@pytest.mark.judge
def test_no_dot_of_the_paper_differs(files: tuple[Path, Path]) -> None:
    """Both papers at 150 dots an inch, dot by dot."""
    ours, theirs = (ask("pdftoppm", "-r", "150", file) for file in files)
    assert ours == theirs


@each
@pytest.mark.judge
def test_a_copy_and_a_screen_reader_get_the_same(files: tuple[Path, Path]) -> None:
    """Text as laid out, and the structure with its text, languages and attributes."""
    for command in (("pdftotext", "-layout"), ("pdfinfo", "-struct-text"), ("pdfinfo", "-struct")):
        program, option = command
        ours, theirs = (
            ask(program, option, file, *(["-"] if program == "pdftotext" else [])) for file in files
        )
        assert ours == theirs


@each
@pytest.mark.judge
def test_qpdf_and_mutool_find_nothing_wrong(files: tuple[Path, Path]) -> None:
    assert b"No syntax or stream encoding errors" in ask("qpdf", "--check", files[0])
    assert b"Pages: 1" in ask("mutool", "info", files[0])


@pytest.mark.judge
def test_every_paper_of_the_press_is_pdf_a_and_pdf_ua(tmp_path: Path) -> None:
    """pdf.md 4.1: everybody that the press draws and every language, by veraPDF."""
    files = []
    for person, language in filter(CASES.__contains__, every_value(SET, list(Language))):
        files.append(tmp_path / f"{person}-{language}.pdf")
        files[-1].write_bytes(both(person, language).press)
    findings = verapdf.judge(files)
    assert [finding for finding in findings if not finding.compliant] == []
    assert len(findings) == len(files) * len(verapdf.FLAVOURS)


@each
def test_it_can_be_linted_and_sealed(person: str, language: Language) -> None:
    drawn = both(person, language)
    assert [finding for lint in LINTS for finding in lint(drawn.press, drawn.asked)] == []
    assert read_draft(drawn.press).size > 100


@each
def test_the_renderer_takes_the_press_where_it_can(person: str, language: Language) -> None:
    drawn = both(person, language)
    assert renderer().render(drawn.asked, payload(drawn.asked, SAME_KEY)) == drawn.press


@pytest.mark.parametrize("person", NOT_SET)
def test_the_renderer_takes_typst_where_the_press_is_not_certain(person: str) -> None:
    with pytest.raises(Unset):
        both(person, Language.NL)
    asked = extract(person, Language.NL)
    assert b"(Typst " in renderer().render(asked, payload(asked, SAME_KEY))
