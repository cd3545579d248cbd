"""Settles what a crash left open: every intent ends as sealed or as abandoned.

A crash can fall between the intent and the outcome. If the archive holds a file
whose valid seal covers exactly the intended digest, the document is whole and
only the ledger's last word is missing. Otherwise nothing was handed out, and the
holder's next download makes a new document under a new number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from credentials.archive import Archive
from credentials.errors import DocumentMissing
from credentials.ledger import Conclusion, Intent, Ledger, Outcome, close

GRACE = timedelta(seconds=60)
"""A younger intent may belong to a live process; platform.md 3.2 calls older ones incidents."""

SWEEP = timedelta(days=2)
"""How far back abandoned numbers are looked at again: no process writes for so long."""


class Seals(Protocol):
    """Judges the seals of every key that could have made one: keys rotate while intents are open.

    A `Sealer` judges those of its own key alone.
    """

    def covers(self, sealed: bytes, covered_digest: bytes) -> bool:
        """Whether this file carries a valid seal of ours over exactly that digest."""
        ...


@dataclass(frozen=True, slots=True)
class Settled:
    """How many open intents were finished and how many were given up."""

    finished: int
    abandoned: int


@dataclass(frozen=True, slots=True)
class Reconciler:
    """Closes open intents from what is on disk; running it twice changes nothing."""

    ledger: Ledger
    archive: Archive
    seals: Seals
    clock: Callable[[], datetime]

    def settle(self, *, older_than: timedelta = GRACE) -> Settled:
        """Close every intent older than the grace period.

        Raises:
            LedgerUnavailable: the ledger cannot be read or written; run it again later.
            ArchiveUnavailable: the archive cannot be read; nothing is given up unseen.
        """
        intents = list(self.ledger.open_intents(before=self.clock() - older_than))
        outcomes = [self.close(intent) for intent in intents]
        finished = outcomes.count(Outcome.SEALED)
        return Settled(finished, len(outcomes) - finished)

    def sweep(self, *, since: timedelta = SWEEP) -> int:
        """Remove what lies under abandoned numbers, and count it; raises as `settle`.

        An abandoned number is final in the ledger, but the removal of its file comes after
        that word, and a process may die in between; one that was taken for dead may store its
        file later still. A file that is recorded as sealed is never touched.
        """
        found = 0
        for number in self.ledger.abandoned(since=self.clock() - since):
            with suppress(DocumentMissing):
                self.archive.get(number)
                self.archive.remove(number)
                found += 1
            self.archive.discard(number)
        return found

    def close(self, intent: Intent) -> Outcome:
        """Close one open intent, whose process is taken for gone; raises as `settle`.

        Should the process live, then whoever is first in the ledger is right.
        """
        document = self._whole_document(intent)
        if document is not None:
            digest = hashlib.sha256(document).hexdigest()
            return close(self.ledger, Conclusion(intent.number, Outcome.SEALED, digest))
        self.archive.discard(intent.number)
        outcome = close(self.ledger, Conclusion(intent.number, Outcome.ABANDONED))
        if outcome is Outcome.ABANDONED:
            # After the outcome, never before: until then a live process may still be first.
            self.archive.remove(intent.number)
        return outcome

    def _whole_document(self, intent: Intent) -> bytes | None:
        try:
            document = self.archive.get(intent.number)
        except DocumentMissing:
            return None
        return document if self.seals.covers(document, intent.covered_digest) else None
