"""Every text in three languages, with the same placeholders (platform.md 4.1.16)."""

from __future__ import annotations

from pathlib import Path

import pytest

from web.i18n import LOCALES, Language, translations, translator
from web.messages import messages, missing

ROOT = LOCALES.parent


def test_every_text_of_this_room_is_translated() -> None:
    assert missing(LOCALES, rooms=("web", "storage")) == []


def test_every_text_of_the_house_is_translated() -> None:
    """The gate "translations complete", over all rooms at once."""
    assert missing(LOCALES) == []


def test_texts_are_found_wherever_they_are_written() -> None:
    found = messages(("register", "storage", "web"), ROOT)

    assert found["My diplomas"] == "web/templates/base.html:41"
    assert found["This is missing."].startswith("web/problems.py:")
    assert found["We have no page at this address."].startswith("web/errors.py:")
    assert found["This page does not exist"].startswith("web/errors.py:")
    assert found["The database cannot be used right now."].startswith("storage/engine.py:")
    assert "that month has no such day" in found


def test_a_catalogue_speaks_its_language() -> None:
    catalogues = translations()

    assert translator(catalogues, Language.NL)("Log out") == "Uitloggen"
    assert translator(catalogues, Language.DE)("Log out") == "Abmelden"
    assert translator(catalogues, Language.EN)("Log out") == "Log out"


HEADER = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
CODE = 'def page(_):\n    return _("Hello %(name)s"), _("Bye")\n'


@pytest.mark.parametrize(
    ("entries", "fault"),
    [
        ("", "nl: 'Hello %(name)s' (portal/pages.py:2) is not translated"),
        (
            'msgid "Hello %(name)s"\nmsgstr "Hallo %(naam)s"\n',
            "nl: 'Hello %(name)s' has other placeholders",
        ),
        (
            'msgid "Hello %(name)s"\nmsgstr ""\n',
            "nl: 'Hello %(name)s' has an empty translation",
        ),
        ('msgid "Gone"\nmsgstr "Weg"\n', "nl: 'Gone' is no longer used"),
        ('#, fuzzy\nmsgid "Bye"\nmsgstr "Dag"\n', "nl: 'Bye' is marked as unsure"),
    ],
)
def test_every_fault_in_a_catalogue_is_named(tmp_path: Path, entries: str, fault: str) -> None:
    room, locale = tmp_path / "portal", tmp_path / "locales" / "nl"
    room.mkdir()
    locale.mkdir(parents=True)
    (room / "pages.py").write_text(CODE)
    (locale / "portal.po").write_text(HEADER + entries)

    assert fault in missing(tmp_path / "locales", rooms=("portal",), languages=("nl",))


def test_a_complete_catalogue_has_no_fault(tmp_path: Path) -> None:
    room, locale = tmp_path / "portal", tmp_path / "locales" / "nl"
    room.mkdir()
    locale.mkdir(parents=True)
    (room / "pages.py").write_text(CODE)
    entries = 'msgid "Bye"\nmsgstr "Dag"\n\nmsgid "Hello %(name)s"\nmsgstr "Hallo %(name)s"\n'
    (locale / "portal.po").write_text(HEADER + entries)

    assert missing(tmp_path / "locales", rooms=("portal",), languages=("nl",)) == []


def test_two_rooms_may_not_translate_one_text_differently(tmp_path: Path) -> None:
    """Catalogues are merged: rooms that disagree would overrule each other."""
    locale = tmp_path / "locales" / "nl"
    locale.mkdir(parents=True)
    for room, word in (("portal", "Dag"), ("web", "Doei")):
        (tmp_path / room).mkdir()
        (tmp_path / room / "pages.py").write_text('def page(_):\n    return _("Bye")\n')
        (locale / f"{room}.po").write_text(f'{HEADER}msgid "Bye"\nmsgstr "{word}"\n')

    found = missing(tmp_path / "locales", rooms=("portal", "web"), languages=("nl",))

    assert found == ["nl: 'Bye' is translated differently in portal and web"]
