"""No hole in anybody's name: every letter has a glyph, or the document stops."""

from __future__ import annotations

import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

from credentials.coverage import needs_wide, require_sans, require_serif
from credentials.errors import UncoveredText
from register.records import Name
from tests.credentials.paper import ROOT, renderer
from tests.credentials.people import PEOPLE, extract

FONTS = ROOT / "credentials" / "fonts"


def cmap(path: Path) -> set[int]:
    with TTFont(path) as font:
        return set(font.getBestCmap())


CMAPS = [cmap(path) for path in FONTS.glob("*.ttf") if "Sans" not in path.name]
LATIN = "".join(chr(point) for point in (*range(0x20, 0x7F), *range(0xA1, 0x250)) if point != 0xAD)


def test_all_of_latin_extended_is_covered() -> None:
    """register.md 2.5 and 4.10: Latin-1, Extended-A and Extended-B without a gap."""
    require_serif(LATIN)


def test_a_text_is_set_whole_in_the_wider_face() -> None:
    assert not needs_wide("Noor van den Łukasiewicz-Özdemir")
    assert needs_wide("Ŧhorlàcius")
    assert needs_wide("O\N{COMBINING DOT BELOW}\N{COMBINING ACUTE ACCENT}")
    assert not needs_wide("الرحمن")


def test_an_uncovered_name_is_refused_by_code_point_and_never_repeated() -> None:
    """pdf.md 4.5."""
    asked = extract("hbo")
    person = replace(asked.record.person, name=Name("李", "小龍"))
    asked = replace(asked, record=replace(asked.record, person=person))

    with pytest.raises(UncoveredText) as caught:
        renderer().render(asked, "https://echt.voorbeeld.nl/#AAAA")

    assert caught.value.code_points == ("U+5C0F", "U+674E", "U+9F8D")
    assert "李" not in str(caught.value)


@pytest.mark.parametrize("point", [0x202E, 0x2066, 0x0000, 0x0007, 0xFFFE, 0x1F393])
def test_what_cannot_be_seen_is_refused(point: int) -> None:
    """A direction override would let a name read differently from its letters."""
    with pytest.raises(UncoveredText) as caught:
        require_serif([f"Jan{chr(point)}sen"])
    assert caught.value.code_points == (f"U+{point:04X}",)


@given(st.text())
def test_what_is_accepted_has_a_glyph_in_one_of_the_files(text: str) -> None:
    """The oracle reads the font files afresh."""
    try:
        require_serif([text])
    except UncoveredText:
        return
    assert all(any(ord(letter) in cmap for cmap in CMAPS) for letter in text)


def test_our_own_words_are_covered_by_the_sans() -> None:
    require_sans(["Zählt nicht mit", "Prüfen auf echt.voorbeeld.nl", "niet geslaagd"])
    with pytest.raises(UncoveredText):
        require_sans(["الرحمن"])


def test_every_font_is_listed_with_its_digest() -> None:
    listed = dict(
        re.findall(r"\| `([0-9a-f]{64})` \| (\S+) \|", (FONTS / "SOURCES.md").read_text("utf-8"))
    )
    assert {path.name: digest(path) for path in FONTS.glob("*.ttf")} == {
        name: value for value, name in listed.items()
    }


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_the_ten_hard_people_are_all_covered() -> None:
    for person in PEOPLE.values():
        name = person().person.name
        require_serif([name.given, name.surname])
