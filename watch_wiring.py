"""Canaries and alarms, put together: who plants them, who knows them, and who tells."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bridges import LedgerCount
from credentials.aliases import Aliases
from credentials.canaries import Canaries
from credentials.ledger import Entry, Ledger
from credentials.planting import PlantedStandings
from credentials.standing import Standings
from loops import Loop
from settings import Settings
from verifier.watching import Often, Watch
from web import logs

KEY_BYTES = 32
_PURPOSE = b"echt: canaries and aliases of documents"


class Watching:
    """What an instance with a ledger plants in what it publishes, and sees in what it is asked."""

    def __init__(
        self,
        settings: Settings,
        master: Callable[[], bytes],
        ledger: Ledger,
        issued: Standings,
        clock: Callable[[], datetime],
    ) -> None:
        """`master` gives the key from which ours is derived where none was set."""
        self._settings = settings
        self._master = master
        self._ledger = ledger
        self._issued = issued
        self._clock = clock

    @cached_property
    def standings(self) -> PlantedStandings:
        """What is published of the documents, with canaries among them."""
        count = LedgerCount(self._ledger, self._clock)
        return PlantedStandings(self._issued, Canaries(self._key), count)

    @cached_property
    def watch(self) -> Watch:
        """What this process notices, whichever of its verifiers is asked."""
        return _watch(self._key, self._settings, self._clock)

    def find(self, alias: str) -> Entry | None:
        """The document that an alarm named; raises `LedgerUnavailable` as the ledger does."""
        return Aliases(self._key).find(alias, self._issued, self._ledger)

    @cached_property
    def _key(self) -> bytes:
        path = self._settings.watch_key_file
        if path is not None:
            return _read(path)
        derived = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=_PURPOSE)
        return derived.derive(self._master())


def lone_watch(settings: Settings, clock: Callable[[], datetime]) -> Watch | None:
    """The watch of a verifier that pulls an index; None where it was given no key for it."""
    path = settings.watch_key_file
    return None if path is None else _watch(_read(path), settings, clock)


@contextmanager
def telling(watch: Watch | None) -> Iterator[None]:
    """Write down what is noticed, every few seconds beside a site, and once more at its end."""
    if watch is None:
        yield
        return
    try:
        with Loop(watch.tell, name="alarms", report=logs.report):
            yield
    finally:
        watch.tell()


def _watch(key: bytes, settings: Settings, clock: Callable[[], datetime]) -> Watch:
    return Watch(Canaries(key), Often(settings.often_checked, clock), Aliases(key).of)


def _read(path: Path) -> bytes:
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise OSError(0, f"the key of the watch must have {KEY_BYTES} bytes", str(path))
    return key
