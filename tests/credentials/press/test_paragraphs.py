"""Lines end where they certainly may, and what is held together stays together."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.press.paragraphs import Line, Piece, held_together, natural_width, set_lines
from credentials.press.shaping import SERIF, Look
from credentials.press.unset import Unset

WORDS = st.lists(
    st.text(alphabet="abcdefghijklmnoprstuvwyzABDEFKLTV", min_size=1, max_size=12).filter(
        lambda word: "fj" not in word and "fft" not in word  # one glyph each, left to typst
    ),
    min_size=1,
    max_size=14,
)


def piece(text: str) -> Piece:
    return Piece(text, Look(SERIF), 11.0, b"0 0 0", "nl")


def text_of(line: Line) -> str:
    return "".join(span.run.text for span in line.spans)


@given(words=WORDS, width=st.floats(min_value=110, max_value=400))
def test_lines_hold_the_text_and_are_as_full_as_they_can_be(words: list[str], width: float) -> None:
    text = " ".join(words)
    lines = set_lines([piece(text)], width)

    assert "".join(map(text_of, lines)) == text
    assert all(line.width <= width + 1e-3 for line in lines)
    for line, later in pairwise(lines):
        next_word = text_of(later).split(" ", 1)[0]
        assert natural_width([piece(text_of(line) + next_word)]) > width


def test_a_hyphen_between_letters_ends_a_line_and_before_a_figure_does_not() -> None:
    lines = set_lines([piece("Grensoverschrijdende-samenwerkingsverbanden")], 150)
    assert list(map(text_of, lines)) == ["Grensoverschrijdende-", "samenwerkingsverbanden"]
    with pytest.raises(Unset):
        set_lines([piece("Grensoverschrijdende-2026202620262026")], 150)


@pytest.mark.parametrize("text", ["een/ander " * 9, "een\u2013ander " * 9, "een ( ander " * 9])
def test_a_break_that_is_not_certain_is_left_to_typst(text: str) -> None:
    assert len(set_lines([piece(text[:9])], 400)) == 1
    with pytest.raises(Unset):
        set_lines([piece(text)], 120)


def test_short_last_words_and_joined_names_are_held_together() -> None:
    parts = held_together(piece("taal, programma II"))
    assert [(part.text, part.boxed) for part in parts] == [
        ("taal, ", False),
        ("programma II", True),
    ]
    parts = held_together(piece("2000 in 's-Hertogenbosch, Nederland"))
    assert [part.text for part in parts if part.boxed] == ["in '", "s-Hertogenbosch,"]
    assert "".join(part.text for part in parts) == "2000 in 's-Hertogenbosch, Nederland"
