"""The fixed words and schemes of our ELMO, kept as data with their source (emrex.md 3.6)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

from emrex.elmo.nouns import GradingScheme, Group, GroupType, Titles

SECTOR = "sector"
MARKS, WITHOUT_MARK = "nl-1-10", "nl-final"


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the data file holds."""

    grading_schemes: Mapping[str, GradingScheme]
    result_labels: Mapping[str, str]
    sectors: Mapping[str, str]
    extract_title: Titles
    overview_title: Titles

    def sectors_named(self, names: list[str]) -> GroupType:
        """The headings for those sectors, in the order of the data file."""
        groups = [Group(name, title) for name, title in self.sectors.items() if name in names]
        return GroupType(SECTOR, self.sectors["about"], tuple(groups))


@cache
def vocabulary() -> Vocabulary:
    """Read the data once."""
    text = resources.files("emrex").joinpath("data/elmo.json").read_text("utf-8")
    data = json.loads(text)
    schemes = data["gradingSchemes"].items()
    return Vocabulary(
        {name: GradingScheme(name, _titles(words)) for name, words in schemes},
        data["resultLabels"],
        data["sectors"],
        _titles(data["extractTitle"]),
        _titles(data["overviewTitle"]),
    )


def _titles(words: Mapping[str, str]) -> Titles:
    return tuple(words.items())
