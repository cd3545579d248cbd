"""How it looks, as far as a program can tell: contrast, size, nothing inline, nothing foreign."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from web.static import OWN, StaticTree
from web.templates import OWN as TEMPLATES

TEXT, LINE = 4.5, 3.0
GROUNDS = ("paper", "sheet", "sand", "genuine-wash", "look-wash", "changed-wash", "unknown-wash")
TONES = ("genuine", "look", "changed", "unknown")
PAIRS = (
    *((ink, ground, TEXT) for ink in ("ink", "ink-soft", "amber-text") for ground in GROUNDS),
    *((t, g, TEXT) for t in TONES for g in ("paper", "sheet", "sand", f"{t}-wash")),
    *(("rule", ground, LINE) for ground in ("paper", "sheet", "sand")),
    ("on-ink", "ink", TEXT),
    ("on-ink", "ink-soft", TEXT),
    ("on-foot", "foot", TEXT),
    ("on-amber", "amber", TEXT),
)
CSS = (OWN / "tokens.css").read_text()
PAGES = ("", "login", "privacy", "accessibility", "check-without-us", "contact", "nothing")


def tokens(block: str) -> dict[str, str]:
    return dict(re.findall(r"--echt-([a-z-]+): (#[0-9a-f]{6});", block))


def luminance(colour: str) -> float:
    """WCAG 2.2, definition of relative luminance."""
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


LIGHT = tokens(CSS[: CSS.index("@media")])
DARK = LIGHT | tokens(CSS[CSS.index("dark)") : CSS.index("forced-colors")])


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "ground", "least"), PAIRS)
def test_what_is_read_stands_out(
    theme: dict[str, str], front: str, ground: str, least: float
) -> None:
    """portal.md 3.11: WCAG 1.4.3 and 1.4.11."""
    assert contrast(theme[front], theme[ground]) >= least


def test_only_the_tokens_have_colours() -> None:
    for name in ("echt.css", "paper.css"):
        assert re.findall(r"#[0-9a-fA-F]{3,8}\b", (OWN / name).read_text()) == []


@pytest.mark.parametrize("name", ["echt.css", "paper.css", "tokens.css", "fonts.css"])
def test_a_stylesheet_is_small(name: str) -> None:
    assert (OWN / name).stat().st_size < 30_000


def test_every_font_is_there_and_free() -> None:
    """platform.md 4.1.15: no proprietary font, token or logo."""
    css = (OWN / "fonts.css").read_text()
    named = re.findall(r'url\("(fonts/[^"]+)"\)', css)

    assert len(named) == 12
    assert {path.relative_to(OWN).as_posix() for path in OWN.rglob("*.woff2")} == set(named)
    licences = [path.read_text() for path in OWN.glob("fonts/OFL-*.txt")]
    assert len(licences) == 2
    assert all("SIL OPEN FONT LICENSE" in text.upper() for text in licences)
    assert "http" not in css


@pytest.mark.parametrize("lang", ["nl", "en", "de"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_has_nothing_inline_and_nothing_foreign(
    client: TestClient, lang: str, page: str
) -> None:
    """platform.md 4.1.13: the policy would refuse it."""
    text = client.get(f"/{lang}/{page}").text

    assert not re.search(r"\sstyle=|<style|<script|\son\w+=|javascript:", text)
    assert not re.search(r'(?:src|href|action)="(?:https?:)?//', text)
    assert f'<html lang="{lang}">' in text
    assert text.count("<h1") == 1
    assert text.count('aria-current="true">') >= 1
    classes = {name for names in re.findall(r'class="([^"]+)"', text) for name in names.split()}
    css = (OWN / "echt.css").read_text()
    assert {name for name in classes if f".{name}" not in css} <= {"utrecht-page", "echt-arrow"}


def test_other_languages_keep_the_page(client: TestClient) -> None:
    text = client.get("/nl/check-without-us").text

    assert 'href="/de/check-without-us" lang="de"' in text


def test_every_shape_is_a_drawing_without_colour() -> None:
    shapes = (TEMPLATES / "shapes.html").read_text()

    assert shapes.count("{% macro ") == 21
    assert "fill=" not in shapes.replace('fill="none"', "")
    assert "style=" not in shapes


def test_a_static_address_changes_with_any_file(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for folder, text in ((one, "a"), (other, "b")):
        folder.mkdir()
        (folder / "x.css").write_text(text)
    trees = [StaticTree((one,)), StaticTree((other,)), StaticTree((one,))]

    assert trees[0].version == trees[2].version != trees[1].version
    assert trees[0].url("x.css") == f"/static/{trees[0].version}/x.css"
    with pytest.raises(LookupError):
        trees[0].url("y.css")
