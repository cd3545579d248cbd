"""The documents are true: every named test, file and command exists."""

from __future__ import annotations

import ast
import re
import tomllib
from pathlib import Path

import pytest

from tests.judges import ROOT

DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
ROW = re.compile(r"^\|.*\| `?(tests/[\w/]+\.py)::(\w+)`? \|$", re.MULTILINE)
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#]+)")


def named_tests() -> list[tuple[str, str]]:
    rows = ROW.findall((ROOT / "docs" / "conformance.md").read_text())
    assert len(rows) > 60
    return rows


def functions_of(path: str) -> set[str]:
    tree = ast.parse((ROOT / path).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_test_named_in_the_conformance_table_exists() -> None:
    missing = [
        f"{path}::{name}"
        for path, name in named_tests()
        if not (ROOT / path).is_file() or name not in functions_of(path)
    ]

    assert missing == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_to_a_file_leads_somewhere(document: Path) -> None:
    broken = [
        target
        for target in LINK.findall(document.read_text())
        if not (document.parent / target).exists()
    ]

    assert broken == []


def test_every_make_target_in_the_readme_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"`?make ([a-z]+)", (ROOT / "README.md").read_text()))

    assert named <= targets


def test_every_room_is_under_the_import_contracts() -> None:
    """A new room that nobody entered in the contracts would be outside of them."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    rooms = {
        path.parent.name
        for path in ROOT.glob("*/__init__.py")
        if path.parent.name not in {"migrations", "tests"}
    }
    web_rule = next(c for c in settings["contracts"] if c.get("forbidden_modules") == ["web"])

    assert set(settings["root_packages"]) == rooms
    assert set(web_rule["source_modules"]) == rooms - {"web"}
