"""The index of hashes, at both ends: published by whoever issues, pulled by a verifier alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from checking import read_trust
from keys.newest import Newest
from keys.publishing import LIST
from loops import Loop
from registries import providers_of
from settings import IndexSettings, Settings
from verifier import bucket_api
from verifier.buckets import Buckets
from verifier.errors import IndexUnavailable
from verifier.index.fetching import HttpFetch
from verifier.index.pulled import PulledIndex
from verifier.index.segment import Table
from verifier.index.sources import PulledBuckets, PulledFiles, PulledStatuses
from verifier.sandbox import Sandbox
from verifier.verifying import Verifier
from verifier.watching import watched
from watch_wiring import lone_watch
from web import logs

Clock = Callable[[], datetime]
CUT_OFF = timedelta(seconds=5)
"""A pull that is going on when the process stops is safe to cut off."""


class IndexedVerifier:
    """What a verifier process is made of that has a trust list and a pulled index."""

    def __init__(self, settings: Settings, chosen: IndexSettings, clock: Clock) -> None:
        """Name the issuer; nothing is pulled yet.

        Raises:
            IndexUnavailable: the address of the issuer is not one that may be used.
        """
        self._clock = clock
        self._address = settings.address
        self._providers = providers_of(settings)
        self._every = timedelta(seconds=chosen.every_seconds)
        self.fresh = timedelta(seconds=chosen.fresh_seconds)
        self.watch = lone_watch(settings, clock)
        self._trust = Newest(partial(read_trust, settings.home / "trust" / LIST), clock=clock)
        self.index = PulledIndex(
            settings.home / "index", HttpFetch(chosen.issuer), trust=self._trust, clock=clock
        )

    def puller(self) -> Loop:
        """The thread that pulls, to run beside the site; what was kept is taken up first."""
        self.index.load()
        return Loop(
            self.index.pull,
            name="index",
            report=logs.report,
            every=self._every,
            goodbye=CUT_OFF,
        )

    def verifier(self, sandbox: Sandbox) -> Verifier:
        """A verifier that knows every issued file by its hash, and how it stood lately."""
        return Verifier(
            index=watched(PulledFiles(self.index), self.watch),
            statuses=PulledStatuses(self.index, self.fresh, self._clock),
            trust=self._trust,
            reading=sandbox,
            comparing=sandbox,
            clock=self._clock,
            address=self._address,
            heard=None if self.watch is None else self.watch.heard,
            providers=self._providers,
        )

    def worth(self) -> str:
        """What an operator should know of the index: `missing`, `stale`, or nothing.

        A verifier with neither goes on: it says what it can, and nothing in green.
        """
        try:
            age = self._clock() - self.index.current().as_of
        except IndexUnavailable:
            return "missing"
        return "stale" if age > self.fresh else ""

    def buckets(self) -> bucket_api.Deps:
        """Buckets made of the pulled index."""
        files, numbers = (
            Buckets(PulledBuckets(self.index, table), self._clock)
            for table in (Table.FILES, Table.NUMBERS)
        )
        return bucket_api.Deps(files, numbers)
