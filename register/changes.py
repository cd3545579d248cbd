"""The nouns of an import: what is known, what changes, and how far it came."""

from __future__ import annotations

from dataclasses import dataclass, field

from register.lines import AwardPart, InstitutionLine, PersonLine, ProgrammeLine
from register.national_numbers import NumberKind
from register.records import AwardStatus, Sector


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which version of a record this is, what it holds, and the line it came from."""

    version: int
    digest: bytes
    source: int
    line: int


@dataclass(frozen=True, slots=True)
class KnownAward:
    """Of an award: its newest version, whose it is, and whether it still stands."""

    stamp: Stamp
    person_id: str
    status: AwardStatus


@dataclass(frozen=True, slots=True)
class KnownProgramme:
    """Of a programme: its newest version and its sector, which decides how marks look."""

    stamp: Stamp
    sector: Sector


@dataclass(slots=True)
class Wanted:
    """Everything that a batch of lines mentions."""

    institutions: set[str] = field(default_factory=set)
    programmes: set[str] = field(default_factory=set)
    people: set[str] = field(default_factory=set)
    awards: set[str] = field(default_factory=set)
    numbers: set[tuple[NumberKind, str]] = field(default_factory=set, repr=False)


@dataclass(slots=True)
class Known:
    """What the register holds of everything wanted; a decision adds to it at once."""

    institutions: dict[str, Stamp] = field(default_factory=dict)
    programmes: dict[str, KnownProgramme] = field(default_factory=dict)
    people: dict[str, Stamp] = field(default_factory=dict)
    awards: dict[str, KnownAward] = field(default_factory=dict)
    owners: dict[tuple[NumberKind, str], str] = field(default_factory=dict, repr=False)
    numbered: set[tuple[str, NumberKind]] = field(default_factory=set)
    """Which people have a number of which kind."""
    latest: str = field(default="9999-12-31", compare=False)
    """The newest day that can have happened, as the store's clock has it."""


@dataclass(frozen=True, slots=True)
class NewAward:
    """A new version of an award."""

    part: AwardPart
    person_id: str
    sector: Sector
    status: AwardStatus
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A new version of an award that says it no longer stands, otherwise like the one before."""

    award_id: str
    reason: str = field(repr=False)
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class NewNumber:
    """A national number on its way into the vault."""

    person_id: str
    kind: NumberKind
    number: str = field(repr=False)


@dataclass(slots=True)
class Changes:
    """New versions to append in one transaction, in this order."""

    institutions: list[tuple[InstitutionLine, Stamp]] = field(default_factory=list)
    programmes: list[tuple[ProgrammeLine, Stamp]] = field(default_factory=list)
    people: list[tuple[PersonLine, Stamp]] = field(default_factory=list)
    numbers: list[NewNumber] = field(default_factory=list)
    awards: list[NewAward] = field(default_factory=list)
    withdrawals: list[Withdrawal] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that was not kept, without any of its values."""

    line: int
    rule: str
    where: str = ""
    """Path of the member at fault, such as `awards/0/awarded`."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the import of one file came, and what became of its lines."""

    source: int
    line: int = 0
    offset: int = 0
    kept: int = 0
    unchanged: int = 0
    refused: int = 0
    awards: int = 0
    done: bool = False
