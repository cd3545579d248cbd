"""An issuer of an index, without a line in between: a folder that may be damaged."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from credentials.feed.publishing import EVERY, IndexPublisher
from credentials.standing import Mark, Marks, Standing, number_mark
from credentials.status import DocumentStatus
from keys import hierarchy
from tests.verifier.sealed import NOW, World
from verifier.errors import IndexUnavailable


@dataclass
class ListedStandings:
    """Standings that a test writes down."""

    marks: dict[str, Marks] = field(default_factory=dict)

    def add(self, number: str, status: DocumentStatus = DocumentStatus.ACTIVE) -> Marks:
        file, covered = (hashlib.sha256((kind + number).encode()).hexdigest() for kind in "fc")
        self.marks[file] = Marks(file, number_mark(number), covered, status)
        return self.marks[file]

    def all(self) -> Iterator[Marks]:
        yield from (one for _, one in sorted(self.marks.items()))

    def sizes(self, mark: Mark) -> dict[str, int]:
        raise NotImplementedError(mark)

    def between(self, mark: Mark, first: str, last: str) -> tuple[Standing, ...]:
        raise NotImplementedError(mark, first, last)


@dataclass
class Issuer:
    """Publishes with the keys of a test hierarchy, by a clock that tests move."""

    world: World
    folder: Path
    standings: ListedStandings = field(default_factory=ListedStandings)
    now: datetime = NOW
    away: bool = False

    def __post_init__(self) -> None:
        self.publisher = IndexPublisher(
            self.standings,
            lambda: hierarchy.open_signer(self.world.keys, "facts"),
            self.folder,
            lambda: self.now,
        )

    def publish(self) -> None:
        """Let the time pass and publish."""
        self.now += EVERY
        assert self.publisher.publish_if_due()

    def fetch(self, name: str, *, at_most: int) -> Iterator[bytes]:
        """`Fetch` without a network."""
        path = self.folder / name
        if self.away or not path.is_file() or path.stat().st_size > at_most:
            raise IndexUnavailable("The issuer does not answer now.")
        yield path.read_bytes()

    @property
    def segments(self) -> list[Path]:
        """The segments in the folder, smallest first."""
        return sorted(self.folder.glob("*.segment"), key=lambda one: one.stat().st_size)
