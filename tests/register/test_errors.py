"""Every failure of the register has one kind of its own and can be told to people."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from register.errors import RegisterError
from tests import judges

REGISTER = judges.ROOT / "register"


@pytest.mark.parametrize("error", RegisterError.__subclasses__(), ids=lambda e: e.kind)
def test_every_error_maps_to_a_distinct_problem(error: type[RegisterError]) -> None:
    kinds = [each.kind for each in RegisterError.__subclasses__()]
    assert kinds.count(error.kind) == 1
    assert 400 <= error.status < 600
    assert error("words").public == "words"


@pytest.mark.parametrize("language", ["nl", "de"])
def test_the_catalogue_translates_everything_that_the_register_says(language: str) -> None:
    path = judges.ROOT / "locales" / language / "register.po"
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    translated = {message.id: message.string for message in catalogue if message.id}

    assert set(translated) >= _said()
    assert all(translated.values())
    assert not any(message.fuzzy for message in catalogue if message.id)


def _said() -> set[str]:
    """First arguments of every raised error of the family, read from the source itself."""
    names = {error.__name__ for error in RegisterError.__subclasses__()}
    said: set[str] = set()
    for path in Path(REGISTER).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in names and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    said.add(first.value)
    return said
