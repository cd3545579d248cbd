"""Extracts that were asked for while sealing was paused, and the work that makes them later.

A holder who asks while the key or the time-stamps are out of reach is never given a
weaker seal, and never sent away to try again: the wish is written down and served in
its turn. The queue stands above `Extracts`, whose ledger gives every statement one
seal; so a wish that is worked on twice, after a kill or by two processes, still ends
with one document.

    ask ──► WAITING ──claim──► make ──► READY     the document is in the archive
               ▲                 ├────► REFUSED   it can no longer be stated; the reason is told
               └──── back-off ───┘                paused, or busy at this moment
"""

from __future__ import annotations

import enum
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from credentials.errors import (
    AlreadyIssuing,
    CredentialError,
    DocumentMissing,
    PlaceholderOverflow,
    SealRejected,
)
from credentials.extract import Language, Purpose
from credentials.issuing import Issued
from credentials.ports import Extracts
from keys.errors import KeysError
from register.errors import NotRegistered, RegisterError
from register.ports import Register
from register.records import AwardRecord

CLAIM = timedelta(minutes=2)
"""How long a claimed wish is left to its worker; longer than any seal takes."""
LONGEST_CLAIM = timedelta(hours=1)
TRIES = 10
"""After so many tries that ended in nothing, the holder is told that it did not work."""
KEPT = timedelta(days=90)
"""How long the end of a wish is kept for a holder who does not come back."""
AWAY = 503
"""The status with which every family says "not now": RFC 9110 section 15.6.4."""
GAVE_UP = "not-made"
PASSING = (AlreadyIssuing, DocumentMissing, PlaceholderOverflow, SealRejected)
"""What may go well another time, and has to do with this one document only."""


class WishState(enum.StrEnum):
    """What became of a wish."""

    WAITING = "waiting"
    READY = "ready"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Wish:
    """One extract that somebody waits for. Nobody waits for the same one twice."""

    person_id: str
    award_id: str
    language: Language
    purpose: Purpose
    asked_at: datetime
    state: WishState = WishState.WAITING
    outcome: str = ""
    """Number of the document when ready; kind of the error when refused."""
    tries: int = 0
    """How often it was worked on. A pause of the whole service is no try."""

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What makes it this wish: holder, award, language, purpose."""
        return (self.person_id, self.award_id, self.language.value, self.purpose.value)


class Wishes(Protocol):
    """Keeps wishes in the order in which they were asked.

    Each method raises `StorageUnavailable` when nothing can be read or written.
    """

    def ask(self, wish: Wish) -> None:
        """Put a wish at the end; one that waits already keeps its place."""

    def claim(self, now: datetime, until: Callable[[int], datetime]) -> Wish | None:
        """Take the oldest wish that is due, for one worker, until that moment.

        `until` gets the number of tries, this one included. A worker that dies leaves
        the wish to the next one when its claim has ended.
        """
        ...

    def free(self, wish: Wish) -> None:
        """Give a claimed wish back as it was: due at once, and not tried."""

    def end(self, wish: Wish, state: WishState, outcome: str, now: datetime) -> None:
        """Write down what became of a waiting wish; one that ended keeps its end."""

    def of_person(self, person_id: str) -> tuple[Wish, ...]:
        """Every wish of a holder, oldest first."""
        ...

    def forget(self, wish: Wish) -> None:
        """Remove a wish, whatever became of it: the holder has the document, or took note."""

    def forget_ended(self, before: datetime) -> int:
        """Remove every wish that ended before that moment, and tell how many."""
        ...


class Served(enum.Enum):
    """What one turn of the worker came to."""

    MADE = enum.auto()
    REFUSED = enum.auto()
    PUT_OFF = enum.auto()
    PAUSED = enum.auto()


@dataclass(frozen=True, slots=True)
class Worked:
    """What one pass over the queue came to."""

    made: int = 0
    refused: int = 0
    put_off: int = 0
    paused: bool = False
    """Sealing is still out of reach; the rest of the queue was left alone."""

    def plus(self, served: Served) -> Worked:
        """The account after one more turn."""
        return Worked(
            self.made + (served is Served.MADE),
            self.refused + (served is Served.REFUSED),
            self.put_off + (served is Served.PUT_OFF),
            served is Served.PAUSED,
        )


@dataclass(frozen=True, slots=True)
class Waiting:
    """Downloads with a queue in front of them."""

    wishes: Wishes
    register: Register
    downloads: Extracts
    settle: Callable[[], object]
    """Closes intents that a crash left open, as `Reconciler.settle`: they block a wish."""

    def extract(self, record: AwardRecord, language: Language, purpose: Purpose) -> Issued | None:
        """The sealed extract now, or None: it is queued and will be made later.

        Raises:
            CredentialError: as `Downloads.extract`, but for what passes by itself.
            StorageUnavailable: the wish could not be written down.
        """
        now = self.downloads.clock()
        wish = Wish(record.person.person_id, record.award.award_id, language, purpose, now)
        try:
            issued = self.downloads.extract(record, language, purpose)
        except (CredentialError, KeysError) as cause:
            if not _is_pause(cause):
                raise
            self.wishes.ask(wish)
            return None
        self.wishes.forget(wish)
        return issued

    def of_person(self, person_id: str) -> tuple[Wish, ...]:
        """What a holder waits for, or has not yet taken note of; oldest first."""
        return self.wishes.of_person(person_id)

    def work(self, now: datetime, *, limit: int = 100) -> Worked:
        """Serve wishes in their order until none is due, sealing pauses, or the limit.

        Raises:
            StorageUnavailable: the queue itself cannot be used; nothing is lost.
        """
        worked = Worked()
        self.wishes.forget_ended(now - KEPT)
        for _ in range(limit):
            wish = self.wishes.claim(now, lambda tries: now + claim_of(tries))
            if wish is None:
                break
            worked = worked.plus(self._serve(wish, now))
            if worked.paused:
                break
        return worked

    def _serve(self, wish: Wish, now: datetime) -> Served:
        """One turn. An error that nobody foresaw leaves the claim, and so is tried later."""
        if wish.tries > TRIES:
            return self._refuse(wish, GAVE_UP, now)
        try:
            issued = self._make(wish)
        except PASSING:
            self.settle()
            return Served.PUT_OFF
        except (CredentialError, KeysError, RegisterError) as cause:
            if cause.status == AWAY:
                self.wishes.free(wish)
                return Served.PAUSED
            return self._refuse(wish, cause.kind, now)
        self.wishes.end(wish, WishState.READY, issued.number, now)
        return Served.MADE

    def _make(self, wish: Wish) -> Issued:
        record = self.register.award(wish.award_id)
        if record.person.person_id != wish.person_id:
            raise NotRegistered("The register holds no award with this id.")
        return self.downloads.extract(record, wish.language, wish.purpose)

    def _refuse(self, wish: Wish, reason: str, now: datetime) -> Served:
        self.wishes.end(wish, WishState.REFUSED, reason, now)
        return Served.REFUSED


def claim_of(tries: int) -> timedelta:
    """How long a wish rests with its worker: twice as long after each try that came to nothing."""
    longer: int = 2 ** min(tries - 1, TRIES)
    return min(CLAIM * longer, LONGEST_CLAIM)


def _is_pause(error: CredentialError | KeysError) -> bool:
    """Whether the service as a whole cannot seal now."""
    return error.status == AWAY and not isinstance(error, PASSING)
