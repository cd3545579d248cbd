"""Everybody else's entries, as the registries last told them: fetched in turn, never lost.

A registry that is away, or says what we cannot read, changes nothing: what it said last stays
in use, with its age. So an outage is shown to people and is fatal to nobody.

    due? ──► fetch ──► the same ─────────────────────────► checked now
               │  └──► another file ──► read ──► keep ──► in use
               └──► away, or not to be read ─────────────► the last good one stays
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import structlog

from emrex.errors import RegistryRefused
from emrex.registry.fetching import Fetch, Marks, refused
from emrex.registry.keeping import Shelf, Snapshot
from emrex.registry.reading import Provider, is_catalogue, providers

AGAIN = timedelta(minutes=5)
"""How long a registry that did not answer well is left alone."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What one registry says."""

    address: str
    """Of the registry's file."""
    providers: tuple[Provider, ...]
    checked_at: datetime
    is_catalogue: bool
    """Whether it has room for several certificates of one provider."""

    @property
    def host(self) -> str:
        """Of the registry, for people and logs."""
        return urlsplit(self.address).hostname or ""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a registry is asked, and how long its word is new."""

    every: timedelta
    fresh: timedelta


@dataclass(frozen=True, slots=True)
class _Source:
    """One registry: what it last said, and when it is asked again."""

    address: str
    snapshot: Snapshot | None = None
    listed: Listed | None = None
    due: datetime | None = None
    refused: str = ""
    """Why its last answer was not taken; empty where it was."""

    @property
    def host(self) -> str:
        return urlsplit(self.address).hostname or ""


class Registries:
    """The registries that an operator named. One thread pulls; any thread reads."""

    def __init__(
        self,
        addresses: Sequence[str],
        shelf: Shelf,
        fetch: Fetch,
        pace: Pace,
        clock: Callable[[], datetime],
    ) -> None:
        """Take up what was kept; nothing is fetched yet."""
        self._shelf, self._fetch, self._pace, self._clock = shelf, fetch, pace, clock
        self._sources = tuple(self._taken_up(one) for one in dict.fromkeys(addresses))
        self._providers = merged(self.listed)

    def pull(self) -> None:
        """Ask every registry that is due; one that fails keeps what it said last.

        Raises:
            OSError: the disk does not take a new file; the last good one stays in use.
        """
        for place, source in enumerate(self._sources):
            if source.due is None or source.due <= self._clock():
                self._put(place, replace(source, due=self._clock() + AGAIN))
                self._put(place, self._asked(source))

    @property
    def listed(self) -> tuple[Listed, ...]:
        """What each registry said last, in the operator's order."""
        return tuple(one.listed for one in self._sources if one.listed)

    @property
    def providers(self) -> tuple[Provider, ...]:
        """Every provider once: by the first registry that lists it, certificates of all."""
        return self._providers

    @property
    def as_of(self) -> datetime | None:
        """How old the oldest word in use is; None where there is none."""
        return min((one.checked_at for one in self.listed), default=None)

    @property
    def is_stale(self) -> bool:
        """Whether some registry has not confirmed its word for too long."""
        as_of = self.as_of
        return as_of is not None and self._clock() - as_of > self._pace.fresh

    @property
    def warning(self) -> str:
        """What an operator should know: `missing`, `stale`, or nothing."""
        if len(self.listed) < len(self._sources):
            return "missing"
        return "stale" if self.is_stale else ""

    def _put(self, place: int, source: _Source) -> None:
        self._sources = (*self._sources[:place], source, *self._sources[place + 1 :])
        self._providers = merged(self.listed)

    def _taken_up(self, address: str) -> _Source:
        """From what was kept; what an earlier release kept and we cannot read is fetched anew."""
        snapshot = self._shelf.kept(address)
        if snapshot is None:
            return _Source(address)
        try:
            listed = _listed(snapshot)
        except RegistryRefused:
            return _Source(address)
        # A clock that was wrong then must not keep us from asking now.
        due = min(snapshot.checked_at, self._clock()) + self._pace.every
        return _Source(address, snapshot, listed, due)

    def _asked(self, source: _Source) -> _Source:
        try:
            snapshot = self._newest(source)
            same = source.snapshot is not None and snapshot.body == source.snapshot.body
            listed = (
                replace(source.listed, checked_at=snapshot.checked_at)
                if same and source.listed
                else _listed(snapshot)
            )
        except RegistryRefused as cause:
            return self._not_taken(source, cause.reason)
        self._shelf.keep(snapshot)
        if source.refused:
            structlog.get_logger().info("registry-answers", authority=source.host)
        return _Source(source.address, snapshot, listed, self._clock() + self._pace.every)

    def _newest(self, source: _Source) -> Snapshot:
        before = source.snapshot
        fetched = self._fetch(source.address, before.marks if before else Marks())
        now = self._clock()
        if fetched is not None:
            return Snapshot(source.address, fetched.body, fetched.marks, now)
        if before is None:  # nobody asked whether it is the same
            raise refused("status")
        return replace(before, checked_at=now)

    def _not_taken(self, source: _Source, reason: str) -> _Source:
        """Said once for each new reason, and not every five minutes."""
        if source.refused != reason:
            structlog.get_logger().warning("registry-not-taken", authority=source.host, kind=reason)
        return replace(source, due=self._clock() + AGAIN, refused=reason)


def _listed(snapshot: Snapshot) -> Listed:
    """What a file says.

    Raises:
        RegistryRefused: it cannot be read, or names nobody: an empty list is a fault upstream.
    """
    found = providers(snapshot.body)
    if not any(one.certificates for one in found):
        raise refused("empty")
    return Listed(snapshot.address, found, snapshot.checked_at, is_catalogue(snapshot.body))


def merged(listed: Iterable[Listed]) -> tuple[Provider, ...]:
    """One entry for each address of a provider."""
    found: dict[str, Provider] = {}
    for one in (provider for registry in listed for provider in registry.providers):
        before = found.get(one.url)
        certificates = (*(before.certificates if before else ()), *one.certificates)
        found[one.url] = replace(before or one, certificates=tuple(dict.fromkeys(certificates)))
    return tuple(found.values())
