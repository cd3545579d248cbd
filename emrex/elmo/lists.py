"""The lists of words in ELMO 1.7, kept as data with their source (emrex.md 2.5).

They stand in its schema; here they hold where no copy of the schema is at hand.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Lists:
    """What may stand in an element, by the element above it and its own name."""

    closed: Mapping[str, frozenset[str]]
    """Lists that will not grow: another word means nothing to anybody."""
    kinds: Mapping[str, frozenset[str]]
    """Lists that later versions may lengthen."""
    countries: frozenset[str]
    """Those that ELMO has a code for; Aruba and Curaçao are not among them."""


@cache
def lists() -> Lists:
    """Read the data once."""
    text = resources.files("emrex").joinpath("data/elmo-lists.json").read_text("utf-8")
    data = json.loads(text)
    countries = frozenset(data["countries"].split())

    def read(named: Mapping[str, Sequence[str]]) -> dict[str, frozenset[str]]:
        return {
            place: countries if words == "countries" else frozenset(words)
            for place, words in named.items()
        }

    return Lists(read(data["closed"]), read(data["kinds"]), countries)
