"""Whom a visitor expects beside whom the document names: for a person to compare.

Nothing here decides. A word says where to look, because eyes pass over a turned date; that two
lines are equal makes nobody the right person, and a new surname nobody the wrong one.
"""

from __future__ import annotations

import enum
import unicodedata
from dataclasses import dataclass

from emrex.receiving.document import Learner
from emrex.receiving.fetch import Expected


class Match(enum.StrEnum):
    """What comparing letters says of one line."""

    SAME = "same"
    DIFFERENT = "different"
    NOT_STATED = "not-stated"
    """The document says nothing."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two lines, and whether anybody has to look twice."""

    name: Match
    born: Match

    @property
    def agrees(self) -> bool:
        """Whether both lines are the same."""
        return self.name is Match.SAME and self.born is Match.SAME


def compared(expected: Expected, learner: Learner) -> Comparison:
    """The name in any order and writing of its parts; the date of birth to the day."""
    return Comparison(
        _match(_words(learner.name), _words(expected.name)),
        _match(learner.born[:10], expected.born.isoformat()),
    )


def _match(found: object, wanted: object) -> Match:
    if not found:
        return Match.NOT_STATED
    return Match.SAME if found == wanted else Match.DIFFERENT


def _words(name: str) -> list[str]:
    """The parts of a name, without capitals, in no order: half the world writes it last first."""
    told = unicodedata.normalize("NFKC", name).casefold()
    return sorted("".join(one if one.isalnum() or one == "'" else " " for one in told).split())
