"""Which writing system a text is in, so that screen readers and typesetters are told."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Script:
    """A writing system other than Latin, and how a text in it is marked."""

    code: str
    language: str
    right_to_left: bool
    ranges: tuple[tuple[int, int], ...]

    def holds(self, character: str) -> bool:
        """Tell whether the character belongs to this script."""
        return any(first <= ord(character) <= last for first, last in self.ranges)


@cache
def known_scripts() -> tuple[Script, ...]:
    """Every script of the table, in its order."""
    table = json.loads(files("credentials").joinpath("data/scripts.json").read_text("utf-8"))
    return tuple(
        Script(
            row["script"],
            row["language"],
            row["rightToLeft"],
            tuple((int(first, 16), int(last, 16)) for first, last in row["ranges"]),
        )
        for row in table["scripts"]
    )


def script_of(text: str) -> Script | None:
    """The script of the first letter; None for Latin and for text without letters."""
    if text.isascii():
        return None  # most texts, and no other script has letters there
    letter = next((character for character in text if character.isalpha()), "")
    return _script_of_letter(letter) if letter else None


@lru_cache(maxsize=4096)
def _script_of_letter(letter: str) -> Script | None:
    return next((script for script in known_scripts() if script.holds(letter)), None)


def language_of(text: str) -> str | None:
    """BCP 47 tag that the script alone gives; None where it says nothing."""
    script = script_of(text)
    return script.language if script else None
