"""Every level, key, number of pages and language before programs that we did not write.

pdf.md 4.1 and 4.8 to 4.13. Each judge has its blind spots (2.4); together they have none
that we know of, and each is first shown a file that it must fail.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from credentials.sealing import Level
from keys import publishing
from tests.oracles import ades, grid, outside, verapdf
from tests.oracles.grid import Document, Office
from verifier.reading import ReadingHere
from verifier.verdict import CheckResult

pytestmark = [pytest.mark.judge, pytest.mark.slow]


@dataclass(frozen=True, slots=True)
class Row:
    """All files to judge, and by what."""

    office: Office
    root: Path
    """The root in PEM."""
    drafts: list[Document]
    sealed: list[Document]

    def of(self, level: Level) -> Document:
        """One file of that level."""
        return next(one for one in self.sealed if one.level is level)

    @property
    def judge(self) -> ades.Judge:
        """PyHanko's AdES validation, a minute after everything was made."""
        return ades.Judge(self.office.root, self.office.at + timedelta(minutes=1))


@pytest.fixture(scope="module", name="row")
def _row(tmp_path_factory: pytest.TempPathFactory) -> Row:
    folder = tmp_path_factory.mktemp("levels")
    office = Office.at_work(folder)
    root = folder / "root.pem"
    root.write_bytes(x509.load_der_x509_certificate(office.root).public_bytes(Encoding.PEM))
    drafts = grid.drawn(folder)
    made = [*grid.sealed(office, drafts), *grid.preserved(office, drafts)]
    return Row(office, root, drafts, made)


def those(documents: list[Document], wrong: Callable[[Document], bool]) -> list[str]:
    """The names of the files of which that is true, two programs running at a time."""
    with ThreadPoolExecutor(2) as pool:
        found = pool.map(wrong, documents)
        return [one.path.name for one, bad in zip(documents, found, strict=True) if bad]


def beside(document: Document, name: str, data: bytes) -> Path:
    """Another file in the same folder."""
    path = document.path.with_name(name)
    path.write_bytes(data)
    return path


def test_the_row_is_complete(row: Row) -> None:
    """Four levels, three kinds of key, one to three pages, three languages; and renewals."""
    renewed = [one for one in row.sealed if one.path.stem.endswith("-preserved")]
    first = [one for one in row.sealed if one not in renewed]
    counted = {(pages_of(one), one.language, one.level, one.purpose) for one in first}

    assert [len(set(column)) for column in zip(*counted, strict=True)] == [3, 3, 4, 3]
    assert len(counted) == len(first) == 3 * 3 * 4 * 3
    assert Counter(one.purpose for one in renewed) == dict.fromkeys(grid.SEAL_KEYS, 2)
    assert len(row.drafts) == 9


def pages_of(document: Document) -> int:
    """The number of leaves, counted in the file itself."""
    page = rb"\n(\d+) 0 obj\n<<[^\n]*/Type/Page[/>\s]"
    found = len(set(re.findall(page, document.path.read_bytes())))
    assert found == document.pages
    return found


def test_verapdf_passes_every_file_and_fails_a_glued_update(row: Row) -> None:
    """pdf.md 4.1 and 4.13: PDF/A-3a and PDF/UA-1 at every level, unsigned too."""
    whole = row.of(Level.B_LTA).path.read_bytes()
    glued = beside(row.sealed[0], "glued.pdf", whole.replace(b"%%EOF\n", b"%%EOF", 1))
    files = [one.path for one in (*row.drafts, *row.sealed)]

    findings = verapdf.judge([*files, glued])

    failed = [one for one in findings if not one.compliant]
    assert {one.file for one in failed} == {glued}, failed
    assert any("6.1.9-1" in one.failed_rules for one in failed)
    assert len(findings) == 2 * (len(files) + 1)


def test_qpdf_finds_nothing_and_finds_a_table_that_is_wrong(row: Row) -> None:
    """pdf.md 4.11."""
    data = row.of(Level.B_LT).path.read_bytes()
    head, mark, tail = data.rpartition(b"startxref\n")
    spoiled = beside(row.sealed[0], "table.pdf", head + mark + b"9" + tail)

    assert not outside.qpdf_finds_nothing(spoiled)
    assert those(row.sealed, lambda one: not outside.qpdf_finds_nothing(one.path)) == []


def flipped(document: Document) -> Path:
    """The file with one bit of a page changed."""
    data = bytearray(document.path.read_bytes())
    data[data.index(b"stream\n") + 40] ^= 1
    return beside(document, f"flipped-{document.level}.pdf", bytes(data))


def test_mutool_finds_the_digest_unchanged(row: Row) -> None:
    """pdf.md 4.11: it says nothing of what an update holds, but whether there is one."""

    def wrong(one: Document) -> bool:
        expected = "unchanged" if one.is_last_word else "edited after sealing"
        return outside.mutool_says(one.path) != expected

    assert those(row.sealed, wrong) == []
    assert {outside.mutool_says(flipped(row.of(level))) for level in Level} == {"broken"}


def test_pdfsig_finds_a_valid_seal_over_the_whole_file_at_b_b_and_b_t(row: Row) -> None:
    """pdf.md 4.8 and 4.11."""

    def wrong(one: Document) -> bool:
        found = outside.pdfsig_says(one.path)
        return found != outside.PdfsigFinding(is_seal=True, valid=True, whole=one.is_last_word)

    assert those(row.sealed, wrong) == []
    assert not any(outside.pdfsig_says(flipped(row.of(level))).valid for level in Level)


def test_pdfsigner_finds_every_file_intact_and_trusted_and_its_times(row: Row) -> None:
    """pdf.md 4.11 and 4.12: it tells B-B, B-T and up, and B-LTA apart."""
    reports = outside.pdfsigner_reports([one.path for one in row.sealed], row.root)

    for one, said in zip(row.sealed, reports, strict=True):
        assert said["document_intact"], (one, said)
        assert said["all_trusted"], (one, said)
        seal, *stamps = said["signatures"]
        assert (seal["trusted_time"] is not None) is (one.level is not Level.B_B), (one, said)
        assert bool(stamps) is (one.level is Level.B_LTA), (one, said)
        assert all(stamp["is_timestamp"] and stamp["valid"] for stamp in stamps), (one, said)
    changed = [flipped(row.of(level)) for level in Level]
    assert not any(one["all_valid"] for one in outside.pdfsigner_reports(changed, row.root))


def test_pyhanko_accepts_every_file_with_the_coverage_of_its_level(row: Row) -> None:
    """pdf.md 4.9."""

    def wrong(one: Document) -> bool:
        document = one.path.read_bytes()
        return not outside.pyhanko_accepts(document, row.office.root, whole=one.is_last_word)

    assert [one.path.name for one in row.sealed if wrong(one)] == []
    spoiled = flipped(row.of(Level.B_T)).read_bytes()
    assert not outside.pyhanko_accepts(spoiled, row.office.root, whole=True)


def test_the_level_that_is_claimed_is_the_level_that_is_found(row: Row) -> None:
    """pdf.md 4.10 and 4.12: by the rules of ETSI EN 319 102-1, with nobody asked."""
    judge = row.judge
    wrong = [one for one in row.sealed if judge.level(one.path.read_bytes()) is not one.level]

    assert wrong == []


def test_the_judge_of_levels_sees_what_is_missing(row: Row) -> None:
    """Cut back, or with a token or a proof spoiled, a file is of the level that is left."""
    archived = row.of(Level.B_LTA).path.read_bytes()
    ends = [match.end() for match in re.finditer(rb"%%EOF\n", archived)]
    changed = bytearray(archived)
    changed[archived.index(b"stream\n") + 40] ^= 1

    assert row.judge.level(archived[: ends[1]]) is Level.B_T
    assert row.judge.level(bytes(changed)) is None
    other = ades.Judge(row.office.signer("tsa").chain[0], row.judge.at)
    assert other.level(archived) is None


def test_our_own_verifier_agrees_with_all_of_them(row: Row) -> None:
    """pdf.md 4.14: genuine files accepted, at every level."""
    trust_key = row.office.signer("trust")
    publishing.publish(row.office.keys, trust_key, now=row.office.at)
    trust = (row.office.keys / publishing.LIST).read_bytes()

    def wrong(one: Document) -> bool:
        seen = ReadingHere().read(one.path.read_bytes(), trust, row.office.at)
        return {check.result for check in seen.checks} != {CheckResult.PASS}

    assert [one.path.name for one in row.sealed if wrong(one)] == []
