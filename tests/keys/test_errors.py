"""The promise under test: a closed family, told to people in their own language."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from keys.errors import KeysError

FAMILY = KeysError.__subclasses__()
LOCALES = Path(__file__).resolve().parents[2] / "locales"


def catalogue(language: str) -> Catalog:
    with (LOCALES / language / "keys.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


@pytest.mark.parametrize("error", FAMILY, ids=lambda error: error.kind)
def test_every_error_has_its_own_kind_and_a_status(error: type[KeysError]) -> None:
    """platform.md 4.1.25."""
    kinds = [one.kind for one in FAMILY]

    assert kinds.count(error.kind) == 1
    assert 400 <= error.status < 600
    assert error("what to do").reason == "what to do"


@pytest.mark.parametrize("language", ["nl", "de"])
def test_every_public_text_is_translated(language: str) -> None:
    """platform.md 4.1.16 and 4.1.25."""
    found = catalogue(language)
    texts = {KeysError.public, *(error.public for error in FAMILY)}

    assert texts == {message.id for message in found if message.id}
    for text in texts:
        message = found.get(text)
        assert message is not None
        assert message.string
        assert message.string != text
        assert not message.fuzzy


@pytest.mark.parametrize("error", FAMILY, ids=lambda error: error.kind)
def test_public_texts_are_short_sentences(error: type[KeysError]) -> None:
    assert error.public.endswith(".")
    assert len(error.public.split()) <= 25
