"""What the register offers to readers, and what an import asks of a store."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from register.changes import Changes, Known, Progress, Refusal, Wanted
from register.national_numbers import NumberKind
from register.records import AwardRecord, Person


class Register(Protocol):
    """Reads the current version of everything."""

    def award(self, award_id: str) -> AwardRecord:
        """The award with everything it refers to.

        Raises:
            NotRegistered: no award has this id.
        """
        ...

    def awards_of(self, person_id: str) -> tuple[AwardRecord, ...]:
        """Every award of a person, newest first, withdrawn ones included."""
        ...

    def awards(self, *, limit: int | None = None) -> Iterator[AwardRecord]:
        """All awards in the order of their ids, read as they are asked for."""
        ...

    def award_ids(self, programme: str, year: int) -> Iterator[str]:
        """Ids of the awards of a programme in a year, in the order of `awards`, read in pages.

        What counts is the newest version; withdrawn awards are among them.
        """
        ...

    def records(self, award_ids: Collection[str]) -> tuple[AwardRecord, ...]:
        """Those awards with everything they refer to, in the order of their ids.

        An id that the register does not know is left out.
        """
        ...

    def person_by_number(self, kind: NumberKind, number: str) -> str | None:
        """The id of the person who has this national number: the only way from one to the other."""
        ...

    def person(self, person_id: str) -> Person:
        """The person as registered today.

        Raises:
            NotRegistered: nobody has this id.
        """
        ...


class WritingUnit(Protocol):
    """One transaction of an import: all of it is kept, or nothing."""

    def known(self, wanted: Wanted) -> Known:
        """What the register holds today of everything a batch mentions."""
        ...

    def keep(self, changes: Changes) -> None:
        """Append new versions; what was there stays as it was."""
        ...

    def refuse(self, source: int, refusals: Collection[Refusal], accepted: set[int]) -> None:
        """Remember refused lines of a source and forget those that were accepted after all."""
        ...

    def advance(self, before: Progress, after: Progress) -> None:
        """Move an import from one place to the next.

        Raises:
            RegisterUnavailable: another import of the same file moved it meanwhile.
        """
        ...


class RegisterWriter(Protocol):
    """Appends to the register, one unit of work after another."""

    def begin(self, fingerprint: str) -> Progress:
        """Where the import of a file with this fingerprint stands; a new file starts at zero."""
        ...

    def unit(self) -> AbstractContextManager[WritingUnit]:
        """Open a transaction that commits when the block ends well.

        Raises:
            RegisterUnavailable: the database is locked, full or gone.
        """
        ...

    def refusals(self, source: int) -> Iterator[Refusal]:
        """The lines of a source that stand refused, in the order of the file."""
        ...
