"""No text is wider than its sum of advances says; typst itself is the judge."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
import typst

from credentials.coverage import needs_wide, require_sans
from credentials.errors import UncoveredText
from credentials.extract import Language
from credentials.widths import UNKNOWN, may_hold_words_together, widest
from register.names import full_name
from tests.credentials.paper import ROOT, messages
from tests.credentials.people import PEOPLE

MEASURE = """
#set text(size: 100pt, fallback: false, hyphenate: false)
#let serif = (
  (font: "Source Serif 4", weight: 400), (font: "Source Serif 4", weight: 600),
  (font: "Source Serif 4", style: "italic"),
)
#let sans = ((font: "Source Sans 3", weight: 400), (font: "Source Sans 3", weight: 600))
#let wide = ((font: "Noto Serif", weight: 400),)
#let faces = (serif: serif, sans: sans, wide: wide)
#context [#metadata(json("texts.json").map(((words, sets)) => calc.max(
  ..sets.map(name => faces.at(name)).flatten().map(face =>
    measure(text(..face, words)).width / 100pt)))) <widths>]
"""
HARD = [
    "AVAVAVA",
    "To Te Ty",
    "fi ffl ff fj",
    "Wij",
    "L\u2019Y",
    "r. r, y.",
    "(f) [j] {Q}",
    "1/2 7.4,",
    "ÅŞÇĶ",
]


def faces_for(text: str) -> list[str]:
    """The faces that a text can be set in: those that have all of its letters."""
    own = ["wide" if needs_wide(text) else "serif"]
    try:
        require_sans([text])
    except UncoveredText:
        return own
    return [*own, "sans"]


def measured(texts: list[str], folder: Path) -> list[float]:
    """The width of each on one line in its widest face, kerned and with its ligatures."""
    asked = [(text, faces_for(text)) for text in texts]
    (folder / "texts.json").write_text(json.dumps(asked))
    (folder / "main.typ").write_text(MEASURE)
    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(ROOT / "credentials" / "fonts")],
    )
    compiler = typst.Compiler(str(folder / "main.typ"), root=str(folder), font_paths=fonts)
    widths: list[float] = json.loads(compiler.query("<widths>", field="value", one=True))
    return widths


def chance_texts(count: int) -> list[str]:
    """Words of any letters that the serif has, so every pair of them has its turn."""
    draw = random.Random(1)
    points = [*range(0x20, 0x7F), *range(0xA1, 0x17F), *range(0x386, 0x3CF), *range(0x400, 0x460)]
    known = [chr(p) for p in points if p != 0xAD and widest(chr(p)) < UNKNOWN]
    return ["".join(draw.choices(known, k=draw.randint(1, 40))) for _ in range(count)]


def test_no_text_is_wider_than_it_is_said_to_be(tmp_path: Path) -> None:
    words = [
        text for language in (Language.NL, Language.DE) for text in messages(language).values()
    ]
    names = [full_name(person().person.name) for person in PEOPLE.values()]
    texts = [text for text in [*HARD, *words, *names, *chance_texts(1500)] if "\n" not in text]
    judged = [text for text in texts if widest(text) < UNKNOWN]

    assert len(judged) > 1500
    widths = measured(judged, tmp_path)

    wider = [(t, w, widest(t)) for t, w in zip(judged, widths, strict=True) if w > widest(t)]
    assert wider == []


@pytest.mark.parametrize("text", ["عبد", "שרה", "O\u0323\u0301", "ተስፋዬ", "漢"])
def test_what_only_setting_can_tell_is_unknown(text: str) -> None:
    assert widest(text) == UNKNOWN


@pytest.mark.parametrize(
    "text", ["Willem II", "ar-Ra\u1e25m\u0101n", "d\u2019Hondt", "in \u2019t", "a\u0301-b"]
)
def test_words_that_stay_together_are_noticed(text: str) -> None:
    assert may_hold_words_together(text)


@pytest.mark.parametrize("text", ["Noor Jansen", "Bachelor of Nursing", "Zwolle, Nederland", ""])
def test_other_words_are_left_alone(text: str) -> None:
    assert not may_hold_words_together(text)
