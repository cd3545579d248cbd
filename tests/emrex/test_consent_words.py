"""The words that a holder says yes to belong to a version, which receipts name."""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path

from jinja2.ext import babel_extract

import emrex
from emrex.exchange.receipt import TEXT_VERSION
from web.i18n import Language, translations, translator

TEMPLATES = Path(emrex.__path__[0]) / "templates"
PAGES = ("transfer_preview.html", "receiver.html")
"""What is read before the yes: what goes, to whom, and the warning about an unknown receiver."""
WORDS = {
    "1": "3f61b21def9129eabdab67b42c578dcb6a4ef57a1b87e306c68198056800a517",
    "2": "87a6fbadf8dbb3d3ab0aaf56be33f49f5f4b1278571ddc7a3c997f6e6addf536",
    "3": "688eef509e6f6019674b7599846a18fab1f941889a0bba204cd570d2095e2aa9",
}
"""SHA-256 of the words in all three languages, by their version. Only ever add a line."""


def consent_words() -> list[dict[str, str]]:
    """Every text of those pages in its order, in each language."""
    said = {language: translator(translations(), language) for language in Language}
    return [
        {str(language): say(text) for language, say in said.items()}
        for page in PAGES
        for text in texts((TEMPLATES / page).read_bytes())
    ]


def texts(page: bytes) -> list[str]:
    """What a template translates; one with a place to fill in comes with the names of those."""
    found = babel_extract(io.BytesIO(page), ("_",), (), {})
    return [str(text[0] if isinstance(text, tuple) else text) for _, _, text, _ in found]


def test_the_words_of_the_consent_change_with_their_version_only() -> None:
    """emrex.md 3.3, 4.25: fails when words change and `TEXT_VERSION` does not, in any language."""
    words = consent_words()
    told = json.dumps(words, ensure_ascii=False, sort_keys=True).encode()

    assert len(words) > 15
    assert all(len(one) == len(Language) for one in words)
    assert hashlib.sha256(told).hexdigest() == WORDS[TEXT_VERSION]
    assert list(WORDS)[-1] == TEXT_VERSION


def test_the_words_are_those_that_a_holder_sees() -> None:
    """The extraction misses nothing that asks for a yes."""
    english = {one["en"] for one in consent_words()}

    assert "Yes, send what I see here to %(host)s." in english
    assert "I know that %(host)s is the right address." in english
    assert "We do not know who this is" in english
