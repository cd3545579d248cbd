"""Subsets say what they show, and a letter outside them is refused."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.press.faces import run
from credentials.press.numbers import number, single
from credentials.press.shaping import FACES, ITALIC, SERIF, Look, shaper_of
from credentials.press.subsets import NAMES, subset_of
from credentials.press.unset import Unset

SUBSETS = (*range(FACES), SERIF + FACES, SERIF + 2 * FACES)


@given(value=st.floats(min_value=-2000, max_value=2000))
def test_a_number_reads_back_as_what_single_precision_keeps(value: float) -> None:
    written = number(value)
    assert b"e" not in written
    assert single(float(written)) == pytest.approx(single(value), abs=1e-9)


def tables(program: bytes) -> dict[str, bytes]:
    """The tables of a font file (OpenType 1.9, table directory)."""
    found = {}
    for at in range(12, 12 + 16 * struct.unpack_from(">H", program, 4)[0], 16):
        name, _, offset, length = struct.unpack_from(">4sLLL", program, at)
        found[name.decode()] = program[offset : offset + length]
    return found


@pytest.mark.parametrize("font", SUBSETS)
def test_a_subset_is_a_whole_font_file_with_the_box_of_its_font(font: int) -> None:
    kept = subset_of(font).embedded
    program = zlib.decompress(kept.program)
    assert len(program) == kept.length
    found = tables(program)
    assert found.keys() == {"glyf", "head", "hhea", "hmtx", "loca", "maxp"}
    assert struct.unpack_from(">4h", found["head"], 36) == shaper_of(font % FACES).box
    assert b"begincmap" in zlib.decompress(kept.unicode)


@pytest.mark.parametrize("font", SUBSETS)
def test_a_subset_tells_the_widths_that_its_glyphs_have(font: int) -> None:
    kept = subset_of(font).embedded
    found = tables(zlib.decompress(kept.program))
    count = struct.unpack_from(">H", found["hhea"], 34)[0]
    widths = [struct.unpack_from(">H", found["hmtx"], 4 * n)[0] for n in range(count)]
    told = list(map(int, kept.widths.removeprefix(b"[0[").removesuffix(b"]]").split()))
    assert told[:count] == widths
    assert set(told[count:]) <= {widths[-1]}


def test_the_small_subsets_are_small() -> None:
    """They go into every document: half of its size."""
    assert sum(len(subset_of(font).embedded.program) for font in range(FACES)) < 35_000


@given(text=st.text(alphabet=sorted(NAMES), min_size=1, max_size=40))
def test_every_run_of_common_letters_is_set_from_the_small_subset(text: str) -> None:
    try:
        made = run(text, Look(SERIF), "nl")
    except Unset:
        return  # a glyph that stands for more than its letters
    assert made.font == SERIF
    assert made.text == text


def test_a_rare_letter_takes_a_larger_subset_and_another_script_none() -> None:
    assert run("Łukasz", Look(SERIF), "nl").font == SERIF + FACES
    assert run("Nguyễn", Look(SERIF), "nl").font == SERIF + 2 * FACES
    with pytest.raises(Unset):
        run("Łukasz", Look(ITALIC), "nl")
    for text in ("Ελένη", "عبد", "q\u0303ab"):
        with pytest.raises(Unset):
            run(text, Look(SERIF), "nl")
