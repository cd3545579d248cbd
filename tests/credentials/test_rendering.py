"""Drawing is deterministic, shareable between threads, and refuses what would hang."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typst

from credentials.attachment import extract_json
from credentials.extract import TEMPLATE_VERSION, Language
from credentials.qr import draw
from credentials.rendering import Compilers, compiled, program_of
from credentials.sheet import House, sheet
from tests.credentials.paper import ROOT, SAME_KEY, measure_all, payload, renderer, translator
from tests.credentials.people import PEOPLE, extract

RENDERER = renderer()
DIGESTS = Path(__file__).parent / "digests.json"

FORK_AFTER_COMPILE = """
import os, signal, sys
from credentials.rendering import ForkedAfterCompile
from tests.credentials.paper import payload, renderer
from tests.credentials.people import extract
warm, asked = renderer(), extract("arabic")
warm.render(asked, payload(asked))
child = os.fork()
if child == 0:
    signal.alarm(20)
    try:
        renderer().render(asked, payload(asked))
    except ForkedAfterCompile:
        os._exit(42)
    os._exit(1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.parametrize("person", PEOPLE)
def test_the_same_extract_is_the_same_file(person: str) -> None:
    """pdf.md 4.7, in one process; tests/oracles/test_paper.py asks it of two."""
    asked = extract(person)
    qr = payload(asked)
    assert RENDERER.render(asked, qr) == renderer().render(asked, qr)


def test_bytes_change_only_with_the_template_version() -> None:
    """pdf.md 3.1: an old record drawn again must give the bytes that were sealed.

    A template, text, font or typst that changes a byte raises `TEMPLATE_VERSION`; then the
    digests are written anew: `python -m tests.credentials.test_rendering`.
    """
    known = json.loads(DIGESTS.read_text())
    assert {"template": TEMPLATE_VERSION, "digests": digests()} == known


def digests() -> dict[str, str]:
    """SHA-256 of every paper of the ten, in three languages, with one key."""
    asked = [extract(person, language) for person in PEOPLE for language in Language]
    drawn = (RENDERER.render(one, payload(one, SAME_KEY)) for one in asked)
    names = (f"{person} {language}" for person in PEOPLE for language in Language)
    return {name: hashlib.sha256(pdf).hexdigest() for name, pdf in zip(names, drawn, strict=True)}


def test_nothing_of_one_person_reaches_the_document_of_another() -> None:
    """typst, the lints and the attachment keep what they made for the next document."""
    asked = [extract(person, Language.NL) for person in PEOPLE]
    codes = [payload(one) for one in asked]
    fresh = [renderer().render(one, code) for one, code in zip(asked, codes, strict=True)]
    for _ in range(2):
        for one, code, alone in zip(asked, codes, fresh, strict=True):
            assert RENDERER.render(one, code) == alone
    for one, code, alone in reversed([*zip(asked, codes, fresh, strict=True)]):
        assert RENDERER.render(one, code) == alone


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("person", PEOPLE)
def test_reckoning_with_widths_changes_no_byte(person: str, language: Language) -> None:
    """The same sheet when every text is measured, because none says how wide it can be."""
    asked = extract(person, language)
    code = draw(payload(asked))
    house = House("Diplomaregister (test)", "echt.voorbeeld.nl", "echt punt voorbeeld punt nl")
    page = sheet(asked, code, house, translator(language))
    with Compilers("extract.typ").borrow() as compiler:
        reckoned, measured = (
            compiled(compiler, program_of(one, code.svg, extract_json(asked)), asked.issued_at)
            for one in (page, measure_all(page))
        )
    assert reckoned == measured


def test_an_error_in_the_template_shows_nobody() -> None:
    """What typst says of a failure quotes the line of the call, never the data."""
    program = program_of({"lines": "Noor van den Secret"}, b"<svg/>", b"{}")
    with Compilers("extract.typ").borrow() as compiler, pytest.raises(typst.TypstError) as caught:
        compiled(compiler, program, datetime(2026, 1, 1, tzinfo=UTC))
    told = [str(caught.value), caught.value.diagnostic, *caught.value.hints, *caught.value.trace]
    assert "#extract(sheet, code, record)" in caught.value.diagnostic
    assert "Secret" not in "".join(told)


def test_any_text_survives_the_way_into_typst(tmp_path: Path) -> None:
    """Quotation marks, backslashes, typst code and control characters are data."""
    (tmp_path / "extract.typ").write_text(
        '#let extract(a, b, c) = { set document(title: "t"); pdf.attach('
        '"all", bytes(a.t) + b + c, mime-type: "text/plain", description: "d", '
        'relationship: "data") }'
    )
    nasty = '"\\"#panic() \\u{41} */ // $x$ <a> @b `c` \\\\ \n\r\t\u2028 \x07 {} [] é 漢'
    program = program_of({"t": nasty}, nasty.encode(), nasty.encode())
    drawn = compiled(typst.Compiler(root=str(tmp_path)), program, datetime(2026, 1, 1, tzinfo=UTC))
    begin = drawn.index(b"stream\n", drawn.index(b"/EmbeddedFile")) + len(b"stream\n")
    assert zlib.decompressobj().decompress(drawn[begin:]).decode() == 3 * nasty


def test_threads_share_a_renderer() -> None:
    """pdf.md 4.22."""
    asked = [extract(person, language) for person in PEOPLE for language in Language]
    codes = [payload(one) for one in asked]
    alone = [RENDERER.render(one, code) for one, code in zip(asked, codes, strict=True)]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(RENDERER.render, asked, codes))
    assert together == alone


def test_a_fork_after_a_compile_refuses_instead_of_hanging() -> None:
    """pdf.md 4.22: the guard, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORK_AFTER_COMPILE],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
        timeout=300,
    )
    assert done.returncode == 42


def test_a_renderer_costs_nothing_before_its_first_document() -> None:
    assert Compilers("extract.typ")._free == []


def test_nothing_is_added_to_what_the_renderer_wrote() -> None:
    """pdf.md 2.2: no end of line after the last mark; the sealer adds it."""
    asked = extract("hbo")
    assert RENDERER.render(asked, payload(asked)).endswith(b"%%EOF")


def test_the_code_keeps_its_correction_until_modules_get_small() -> None:
    """verifier.md 2.4: version 12 for usual facts; never shortened, the code grows."""
    usual, long = (draw(f"https://echt.voorbeeld.nl/#{'A' * n}") for n in (350, 1000))
    assert usual.version <= 12
    assert usual.modules == 17 + 4 * usual.version
    assert 12 < long.version <= 20


def test_sixty_results_take_more_pages_and_keep_the_ring_in_company() -> None:
    asked = extract("sixty")
    pdf = RENDERER.render(asked, payload(asked))
    assert pdf.count(b"/StructParents") >= 3


if __name__ == "__main__":
    DIGESTS.write_text(
        json.dumps({"template": TEMPLATE_VERSION, "digests": digests()}, indent=1) + "\n"
    )
