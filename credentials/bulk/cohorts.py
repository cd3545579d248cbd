"""The nouns of bulk issuing: what is asked for, how it is cut up, and what became of it."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from credentials.extract import Language, Purpose


class CohortState(enum.StrEnum):
    """Where a cohort stands. Only a running one is worked on."""

    PLANNED = "planned"
    RUNNING = "running"
    PAUSED = "paused"
    """By a person, by a stop signal, or because something needed stayed out of reach."""
    CANCELLED = "cancelled"
    """For good: what is sealed stays sealed, and nothing more will be."""
    DONE = "done"
    """Every document is sealed or refused."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose extracts are wanted, and which."""

    programme: str
    year: int
    """Year of the award."""
    languages: tuple[Language, ...] = (Language.NL,)
    purpose: Purpose = Purpose.GENERAL

    def __post_init__(self) -> None:
        """Refuse what has no meaning.

        Raises:
            ValueError: no language, or one twice.
        """
        if not self.languages or len(set(self.languages)) < len(self.languages):
            raise ValueError("a cohort has one or more different languages")


@dataclass(frozen=True, slots=True)
class Chunk:
    """So many awards, in one language, that one worker issues in one go."""

    chunk_id: str
    """Says what is in it: the same awards at the same place of the same plan give the same id."""
    position: int
    language: Language
    awards: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A cohort cut into chunks; the same register content gives the same plan."""

    cohort_id: str
    wanted: Wanted
    profile: str
    """Digest of the seal profile: under another one, other documents would be made."""
    chunks: tuple[Chunk, ...]

    @property
    def documents(self) -> int:
        """How many documents are planned."""
        return sum(len(chunk.awards) for chunk in self.chunks)


@dataclass(frozen=True, slots=True)
class Cohort:
    """A kept plan and its state."""

    cohort_id: str
    wanted: Wanted
    profile: str
    state: CohortState
    planned_at: datetime


@dataclass(frozen=True, slots=True)
class Member:
    """One award of a chunk, and what became of it at the last look."""

    position: int
    award_id: str
    number: str = ""
    """Number of the document that states it, where there is one."""
    refusal: str = ""
    """Why there is none and, as things stand, never will be: the kind of an error."""


@dataclass(frozen=True, slots=True)
class Account:
    """What became of every planned document. Counted from the ledger, never remembered."""

    planned: int
    sealed: int
    """Sealed since the cohort was planned."""
    already_there: int
    """Sealed before, and found to state exactly the same."""
    refused: Mapping[str, int]
    """How many for which reason."""
    left: int
    """Neither sealed nor refused yet."""

    @property
    def refusals(self) -> int:
        """How many in all were refused."""
        return sum(self.refused.values())

    @property
    def adds_up(self) -> bool:
        """Whether every planned document is counted exactly once."""
        parts = (self.sealed, self.already_there, self.refusals, self.left)
        return self.planned == sum(parts) and min(parts) >= 0
