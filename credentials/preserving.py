"""The archive's own copies: sealed to last, and renewed before what they rest on ends.

A holder gets a file with a time-stamp (B-T). It proves itself as long as certificates and
revocation data can still be asked for. The archive keeps a second copy in which all of
that is inside, under a time-stamp over everything (B-LTA); and before the certificate or
an algorithm of that time-stamp ends, the copy gets another one on top.

The file that was handed out is never touched. A copy begins with exactly its bytes, so
the seal covers the same digest and the ledger knows it.

    check the handed-out file ──► copy: kept already, or made ──► store ──► record

A kept copy is checked wholly before anything is built on it; one that fails is made anew.
Each step may be the last one before a crash: what is stored but not recorded is found
and recorded by the next run, not made again.
"""

from __future__ import annotations

import hashlib
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

import structlog

from credentials.archive import Archive
from credentials.archive_stamps import ArchiveStamp
from credentials.copies import Copies, Copy
from credentials.errors import CredentialError, DocumentMissing, UnknownShape
from credentials.ledger import Ledger
from credentials.sealing import Preserver
from keys.errors import KeysError
from keys.trust import TrustList
from storage.errors import StorageUnavailable

MARGIN = timedelta(days=180)
"""How long before its end a time-stamp is renewed: half a year of failed runs loses nothing."""
GAIN = timedelta(days=30)
"""What a renewal must buy at least: a whole archive is not stamped anew for a day."""
PAGE = 500
NAMED = 20
"""How many failed documents an account names; it counts them all."""
AWAY = 503
"""The status with which every family says "not now": RFC 9110 section 15.6.4."""
CHANGED = "handed-out-file-changed"
NO_GAIN = "authority-lasts-no-longer"
UNFORESEEN = "unforeseen"


@dataclass(slots=True)
class Account:
    """What one run came to."""

    done: int = 0
    restarted: int = 0
    """Of those, copies made anew from the handed-out file, because the kept one was no good."""
    left: int = 0
    """Still to do: the limit was reached, or something everybody needs is out of reach."""
    failed: dict[str, int] = field(default_factory=dict)
    """How many could not be done, by kind of error."""
    numbers: list[str] = field(default_factory=list)
    """The first of those."""
    stopped: str = ""
    """Kind of the error that ended the run early; empty when it went through."""

    @property
    def failures(self) -> int:
        """How many documents could not be done."""
        return sum(self.failed.values())

    def fail(self, number: str, kind: str) -> None:
        """Count a document that could not be done."""
        self.failed[kind] = self.failed.get(kind, 0) + 1
        if len(self.numbers) < NAMED:
            self.numbers.append(number)


@dataclass(frozen=True, slots=True)
class Preserving:
    """Makes and renews copies. Run one at a time; two at once cost work, not documents."""

    ledger: Ledger
    archive: Archive
    """The handed-out files."""
    preserved: Archive
    """The copies: another place, where a later `put` replaces the earlier whole."""
    preserver: Preserver
    copies: Copies
    read_stamp: Callable[[bytes], ArchiveStamp]
    """As `archive_stamps.newest_stamp`: raises `UnknownShape` for a file without one."""
    ends: Mapping[str, datetime]
    """When algorithms end."""
    trusted: Callable[[], TrustList]
    """The published list, which says what became of the authorities."""
    clock: Callable[[], datetime]

    def preserve(self, *, limit: int | None = None) -> Account:
        """Make a copy of every sealed document that has none.

        Raises:
            StorageUnavailable: the account cannot be read or written.
        """
        numbers = self._pages(lambda after: self.copies.missing(after=after, limit=PAGE))
        account = self._run(islice(numbers, limit), self._first_copy)
        missing, _ = self.copies.count(before=self.clock(), authorities=())
        account.left = missing - account.failures
        return account

    def renew(self, *, limit: int | None = None, margin: timedelta = MARGIN) -> Account:
        """Put a new time-stamp over every copy whose newest one ends within the margin.

        A copy under the time-stamp of a compromised authority is renewed at once.

        Raises:
            StorageUnavailable: the account cannot be read or written.
        """
        before, bad = self.clock() + margin, self._compromised()
        numbers = self._pages(
            lambda after: self.copies.due(
                before=before, authorities=set(bad), after=after, limit=PAGE
            )
        )
        account = self._run(islice(numbers, limit), lambda one: self._next_copy(one, before, bad))
        _, due = self.copies.count(before=before, authorities=set(bad))
        account.left = due - account.failures
        return account

    @staticmethod
    def _pages(page_after: Callable[[str], tuple[str, ...]]) -> Iterator[str]:
        """Walk by number, so that one that fails is passed by and not met again."""
        page = page_after("")
        while page:
            yield from page
            page = page_after(page[-1])

    def _run(self, numbers: Iterator[str], make: Callable[[str], bool]) -> Account:
        account = Account()
        for number in numbers:
            try:
                account.restarted += make(number)
                account.done += 1
            except _NotMade as reason:
                account.fail(number, reason.kind)
                account.stopped = reason.kind if reason.ends_run else ""
            except (CredentialError, KeysError) as error:
                if error.status == AWAY and not isinstance(error, DocumentMissing):
                    account.stopped = error.kind
                else:
                    account.fail(number, error.kind)
            except StorageUnavailable:
                raise
            except Exception as error:  # noqa: BLE001 - one document must not hold up an archive
                structlog.get_logger().error("unforeseen-failure", **_place_of(error))
                account.fail(number, UNFORESEEN)
            if account.stopped:
                break
        return account

    def _first_copy(self, number: str) -> bool:
        """Make or find a copy; whether one was there that is no good."""
        original = self._original(number)
        kept = self._kept(number)
        if self._newest(kept, original) is not None:  # a run that was killed had stored it already
            self._record(number, kept)
            return False
        if self._stamp_of(original) is not None:  # sealed to last from the start, as cohorts are
            self._store(number, original, original)
        else:
            self._store(number, original, self.preserver.preserve(original))
        return bool(kept)

    def _next_copy(self, number: str, before: datetime, bad: Mapping[str, datetime]) -> bool:
        """Renew one copy; whether it had to be made anew from the handed-out file."""
        original = self._original(number)
        kept = self._kept(number)
        stamp = self._newest(kept, original)
        if stamp is None or _worthless(stamp, bad):
            self._store(number, original, self.preserver.preserve(original))
            return True
        urgent, lasts = stamp.authority in bad, stamp.lasts_until(self.ends)
        if not urgent and lasts > before:  # a run that was killed had renewed it already
            self._record(number, kept)
            return False
        renewed = self.preserver.preserve(kept)
        if not urgent and self.read_stamp(renewed).lasts_until(self.ends) < lasts + GAIN:
            raise _NotMade(NO_GAIN, ends_run=True)
        self._store(number, original, renewed)
        return False

    def _original(self, number: str) -> bytes:
        """The handed-out file, checked against what the ledger says it is."""
        entry, document = self.ledger.by_number(number), self.archive.get(number)
        if entry is None or hashlib.sha256(document).hexdigest() != entry.file_sha256:
            raise _NotMade(CHANGED)
        return document

    def _kept(self, number: str) -> bytes:
        """The copy as it is stored, recorded or not and good or not; empty when there is none."""
        try:
            return self.preserved.get(number)
        except DocumentMissing:
            return b""

    def _newest(self, kept: bytes, original: bytes) -> ArchiveStamp | None:
        """Its newest time-stamp, if it is a copy of this file of which everything is ours."""
        if not kept.startswith(original):
            return None
        try:
            self.preserver.require_genuine(kept)
            return self.read_stamp(kept)
        except UnknownShape:
            return None

    def _stamp_of(self, document: bytes) -> ArchiveStamp | None:
        try:
            return self.read_stamp(document)
        except UnknownShape:
            return None

    def _store(self, number: str, original: bytes, copy: bytes) -> None:
        if not copy.startswith(original):
            raise _NotMade(CHANGED)
        self.preserved.put(number, copy)
        self._record(number, copy)

    def _record(self, number: str, copy: bytes) -> None:
        stamp = self.read_stamp(copy)
        self.copies.record(
            Copy(
                number=number,
                file_sha256=hashlib.sha256(copy).hexdigest(),
                stamped_at=stamp.at,
                lasts_until=stamp.lasts_until(self.ends),
                authority=stamp.authority,
            )
        )

    def _compromised(self) -> Mapping[str, datetime]:
        """Time-stamping authorities on the list that fell into other hands, and since when."""
        return {
            hashlib.sha256(entry.certificates[0]).hexdigest(): entry.compromised_since
            for entry in self.trusted().stampers()
            if entry.compromised_since is not None
        }


def _worthless(stamp: ArchiveStamp, bad: Mapping[str, datetime]) -> bool:
    """Made when its authority was in other hands: nothing can be built on it."""
    since = bad.get(stamp.authority)
    return since is not None and stamp.at >= since


def _place_of(error: Exception) -> dict[str, str]:
    """What may be logged of an error: never its words, they may hold what is in a document."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return {"error": type(error).__name__, "where": f"{Path(last.filename).name}:{last.lineno}"}


class _NotMade(Exception):
    """One copy could not be made; its `kind` is counted and the run goes on."""

    def __init__(self, kind: str, *, ends_run: bool = False) -> None:
        super().__init__(kind)
        self.kind = kind
        self.ends_run = ends_run
