"""What fetching needs of others: where fetches are held, and who can be asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from emrex.receiving.fetch import Fetch
from emrex.registry.reading import Provider


@dataclass(frozen=True, slots=True)
class Listing:
    """Who can be asked, and how fresh that list is."""

    providers: tuple[Provider, ...]
    as_of: datetime | None = None
    """When the oldest part of it was read from a registry; None where no registry was."""


Listed = Callable[[], Listing]


class Fetches(Protocol):
    """Fetches for as long as they live. Secrets come as hashes, so what is held opens nothing."""

    def add(self, fetch: Fetch, session: str, browser: str) -> None:
        """Hold a new fetch: by the session that its provider echoes, for the browser that began it.

        Raises:
            TooManyFetches: there is no room for more.
        """
        ...

    def take(self, session: str) -> Fetch | None:
        """The fetch that waits for this session, once: a second call finds nothing."""
        ...

    def arrive(self, fetch: Fetch, bringer: str) -> None:
        """Hold what became of a fetch that was taken, for the browser that brought the answer."""
        ...

    def find(self, fid: str, browser: str, bringer: str) -> Fetch | None:
        """The fetch, for the browser that began it and, after the answer, also brought that."""
        ...

    def change(self, before: Fetch, after: Fetch) -> bool:
        """Hold the next state, unless somebody else took a step from the same one first."""
        ...

    def forget(self, fid: str) -> None:
        """Hold nothing of it any more."""
        ...

    def expire(self, now: datetime) -> int:
        """Forget every fetch whose time is up; says how many."""
        ...

    def is_new(self, digest: str, now: datetime) -> bool:
        """Remember a document by its hash, and say whether this is the first time that it came."""
        ...
