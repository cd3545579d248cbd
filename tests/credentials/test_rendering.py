"""Drawing is deterministic, shareable between threads, and refuses what would hang."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from credentials.extract import Language
from credentials.qr import draw
from credentials.rendering import Compilers
from tests.credentials.paper import ROOT, payload, renderer
from tests.credentials.people import PEOPLE, extract

RENDERER = renderer()

FORK_AFTER_COMPILE = """
import os, signal, sys
from credentials.rendering import ForkedAfterCompile
from tests.credentials.paper import payload, renderer
from tests.credentials.people import extract
warm, asked = renderer(), extract("hbo")
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
        timeout=60,
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
