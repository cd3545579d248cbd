"""The unsigned extract before judges that we did not write (pdf.md 4.1 to 4.7)."""

from __future__ import annotations

import hashlib
import multiprocessing
import re
import subprocess
import unicodedata
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import pytest
import zxingcpp

from credentials.attachment import extract_json
from credentials.extract import Extract, Language
from register.names import full_name
from register.records import Name
from tests import judges
from tests.credentials.paper import SAME_KEY, payload, renderer
from tests.credentials.people import PEOPLE, extract
from tests.oracles import verapdf
from tests.products import every_value

pytestmark = pytest.mark.judge

SCRIPTS = {
    "latin-a": Name("Żółć-Ďuriš", "Ağça Ĺubomír"),
    "latin-b": Name("Ɖɔkpo", "Ɛsi"),
    "middle-dot": Name("Gal·la", "Muŋoz Ñíguez"),
    "prefix": Name("S Gravezande", "Jan", "'"),
    "real-dot": Name("Harmensz. Jansz.", "Pieter"),
    "combining": Name("q\u0303ab m\u0303bo", "Te\u0301a"),
    "polish": Name("Rygielski-Święcka", "Łucja"),
    "icelandic": Name("Þórðardóttir", "Ægir"),
    "turkish": Name("I\u015f\u0131k\u00e7\u0131", "İlknur"),
    "vietnamese": Name("Nguyễn", "Thị Hường"),
    "maltese": Name("Ħaż-Żebbuġ", "Ġorġ"),
    "romanian": Name("Ștefănescu", "Țîru"),
    "hungarian": Name("Őrsi", "Ödön Ű."),
    "greek": Name("Παπαδοπούλου", "Ἑλένη"),
    "cyrillic": Name("Шевченко-Їжак", "Юлія"),
    "arabic": Name("الرحمن", "عبد"),
    "hebrew": Name("בן־דוד", "שרה"),
    "armenian": Name("Հակոբյան", "Արմեն"),
    "georgian": Name("ჭავჭავაძე", "ილია"),
    "ethiopic": Name("ተስፋዬ", "ሕይወት"),
}


@dataclass(frozen=True, slots=True)
class Paper:
    """One drawn extract on disk, with what was asked for."""

    extract: Extract
    qr: str
    path: Path


def draw(asked: Extract, folder: Path, name: str) -> Paper:
    path, qr = folder / f"{name}.pdf", payload(asked, SAME_KEY)
    path.write_bytes(renderer().render(asked, qr))
    return Paper(asked, qr, path)


@pytest.fixture(name="papers", scope="module")
def _papers(tmp_path_factory: pytest.TempPathFactory) -> list[Paper]:
    folder = tmp_path_factory.mktemp("paper")
    return [
        draw(extract(person, language), folder, f"{person}-{language}")
        for person, language in every_value(list(PEOPLE), list(Language))
    ]


def ask(program: str, *arguments: str | Path) -> str:
    command = [judges.require(program), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, (command, done.stdout[-500:], done.stderr[-500:])
    return done.stdout.decode()


def named(name: Name) -> Extract:
    base = extract("hbo")
    person = replace(base.record.person, name=name)
    return replace(base, record=replace(base.record, person=person))


def joined(text: str) -> str:
    """One name out of text that layout broke into lines; marks of direction are not letters."""
    kept = (c for c in text if not c.isspace() and c not in "\u202a\u202b\u202c\u200e\u200f")
    return unicodedata.normalize("NFC", "".join(kept))


def test_every_paper_is_pdf_a_and_pdf_ua(papers: list[Paper]) -> None:
    """pdf.md 4.1, unsigned: three languages, one to four pages."""
    findings = verapdf.judge(paper.path for paper in papers)

    assert [finding for finding in findings if not finding.compliant] == []
    assert len(findings) == len(papers) * len(verapdf.FLAVOURS)


def test_the_judge_itself_fails_a_planted_defect(papers: list[Paper], tmp_path: Path) -> None:
    """pdf.md 4.1: an oracle that passes everything judges nothing."""
    broken = tmp_path / "broken.pdf"
    pdf = papers[0].path.read_bytes()
    broken.write_bytes(
        pdf.replace(b"/Marked true", b"/Marked nope").replace(b"/Lang(nl)", b"/Lung(nl)")
    )

    findings = {finding.flavour: finding for finding in verapdf.judge([broken])}

    assert not findings["3a"].compliant
    assert "6.7.2.2-1" in findings["3a"].failed_rules
    assert not findings["ua1"].compliant


def test_qpdf_finds_nothing_wrong(papers: list[Paper]) -> None:
    for paper in papers:
        assert "No syntax or stream encoding errors" in ask("qpdf", "--check", paper.path)


def test_every_font_is_embedded_subset_and_copies_out(papers: list[Paper]) -> None:
    """pdf.md 4.4: emb, sub and uni are yes for every font of every paper."""
    for paper in papers:
        rows = ask("pdffonts", paper.path).splitlines()[2:]
        assert rows
        assert {tuple(re.findall(r"\b(yes|no)\b", row)) for row in rows} == {("yes",) * 3}


def test_the_file_says_what_it_is(papers: list[Paper]) -> None:
    """pdf.md 4.2: tagged, PDF 1.7, title, and the language of the document."""
    for paper in papers:
        info = ask("pdfinfo", paper.path)
        assert re.search(r"Tagged: +yes", info)
        assert re.search(r"PDF version: +1\.7", info)
        assert re.search(rf"Title: .*{paper.extract.number}", info)
        assert re.search(r"JavaScript: +no", info)
        assert re.search(r"Form: +none", info)
        pdf = paper.path.read_bytes()
        assert f"/Lang({paper.extract.language})".encode() in pdf
        assert b"/DisplayDocTitle true" in pdf


def test_other_scripts_carry_their_own_language(tmp_path: Path) -> None:
    """pdf.md 4.2: Arabic and Greek runs say that they are Arabic and Greek."""
    for script, tag in (("arabic", "ar"), ("greek", "el"), ("hebrew", "he"), ("cyrillic", "und")):
        paper = draw(named(SCRIPTS[script]), tmp_path, script)
        plain = tmp_path / f"{script}.qdf"
        ask("qpdf", "--qdf", "--object-streams=disable", paper.path, plain)
        assert f"/Lang ({tag})".encode() in plain.read_bytes()


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_name_copies_out_as_registered(script: str, tmp_path: Path) -> None:
    """pdf.md 4.4: twenty names in eight scripts, code point for code point, in NFC."""
    name = SCRIPTS[script]
    paper = draw(named(name), tmp_path, script)

    text = ask("pdftotext", "-layout", paper.path, "-")

    assert joined(full_name(name)) in joined(text.split("2001")[0])


def test_a_raised_loose_accent_copies_out_twice_at_most(tmp_path: Path) -> None:
    """A known limit of typst 0.15: M with a loose tilde is right on paper, doubled in a copy."""
    paper = draw(named(Name("M\u0303bo", "Oke")), tmp_path, "loose")

    text = joined(ask("pdftotext", "-layout", paper.path, "-"))

    assert "OkeM\u0303bo" in text.replace("M\u0303M\u0303", "M\u0303")
    assert "M\u0303" in extract_json(paper.extract).decode()


def test_every_name_of_the_ten_copies_out(papers: list[Paper]) -> None:
    for paper in papers:
        name = full_name(paper.extract.record.person.name)
        text = ask("pdftotext", "-raw", paper.path, "-")
        flat = joined(text)
        assert all(joined(word).strip("-") in flat for word in name.replace("-", " ").split())


def attached_data(path: Path, name: str, folder: Path) -> bytes:
    """The one file of that name in a document, which is attached as data."""
    assert f"1: {name}" in ask("pdfdetach", "-list", path)
    assert b"/AFRelationship/Data" in path.read_bytes()
    saved = folder / f"{path.stem}.json"
    ask("pdfdetach", "-save", "1", "-o", saved, path)
    return saved.read_bytes()


def test_the_attached_facts_are_the_record(papers: list[Paper], tmp_path: Path) -> None:
    """pdf.md 4.3: one attachment, with the bytes of the canonical JSON."""
    for paper in papers:
        attached = attached_data(paper.path, "extract.json", tmp_path)
        assert attached == extract_json(paper.extract)


LARGE = 700
"""Letters from which a code has so many modules that 75 dots an inch leave one each."""


@pytest.mark.parametrize("dots", [75, 100, 150])
def test_zxing_reads_the_code(papers: list[Paper], dots: int, tmp_path: Path) -> None:
    """pdf.md 4.6: the exact payload from a whole page at a low resolution."""
    chosen = [paper for paper in papers if dots > 75 or len(paper.qr) < LARGE]
    assert len(chosen) >= 0.9 * len(papers)
    for paper in chosen:
        image = cv2.imread(str(picture(paper, dots, tmp_path)), cv2.IMREAD_GRAYSCALE)
        assert image is not None
        assert [found.text for found in zxingcpp.read_barcodes(image)] == [paper.qr]


@pytest.mark.parametrize(("dots", "share"), [(200, 2 / 3), (300, 1)])
def test_a_second_reader_reads_the_code(
    papers: list[Paper], dots: int, share: float, tmp_path: Path
) -> None:
    """pdf.md 4.6: OpenCV, which shares no code with zxing-cpp.

    At 200 dots its decoder gives up on one code in six of this size, whatever the mask.
    What it reads is right: a wrong answer is never accepted.
    """
    answers = [second_reader(picture(paper, dots, tmp_path)) for paper in papers]
    right = [answer == paper.qr for answer, paper in zip(answers, papers, strict=True) if answer]

    assert all(right)
    assert len(right) >= share * len(papers)


def second_reader(image: Path) -> str:
    pixels = cv2.imread(str(image))
    assert pixels is not None
    read, *_ = cv2.QRCodeDetector().detectAndDecode(pixels)
    return read


def picture(paper: Paper, dots: int, folder: Path) -> Path:
    stem = folder / f"{paper.path.stem}-{dots}"
    ask("pdftoppm", "-r", str(dots), "-f", "1", "-l", "1", "-singlefile", "-png", paper.path, stem)
    return stem.with_suffix(".png")


def test_the_same_extract_gives_the_same_bytes_in_another_process(papers: list[Paper]) -> None:
    """pdf.md 4.7: warm or fresh, this process or a spawned one."""
    chosen = [paper for paper in papers if paper.extract.language is Language.DE]
    here = [hashlib.sha256(paper.path.read_bytes()).hexdigest() for paper in chosen]
    jobs = [(paper.extract, paper.qr) for paper in chosen]

    with multiprocessing.get_context("spawn").Pool(1) as pool:
        there = pool.starmap(digest_of, jobs)

    assert there == here
    assert [digest_of(*job) for job in jobs] == here


def digest_of(asked: Extract, qr: str) -> str:
    return hashlib.sha256(renderer().render(asked, qr)).hexdigest()
