"""One chunk, issued once: however often it is started, and by however many at a time.

What makes that true is the ledger, where an attempt at a statement can be recorded only
once. A chunk that was broken off is simply started again: what is sealed is found, what
another live process has in hand is left to it, and what a dead one left open is closed
first, by the same rule as everywhere (`credentials.reconciling`).
"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

import structlog

from credentials.bulk.cohorts import CohortState, Member
from credentials.bulk.store import SqlCohorts, Task
from credentials.errors import AlreadyIssuing, CredentialError, PermitSpent
from credentials.extract import Extract
from credentials.issuing import Issuer, Permit
from credentials.ledger import Entry, Ledger, Outcome
from credentials.reconciling import GRACE, Reconciler
from credentials.rendering import ForkedAfterCompile
from keys.errors import KeysError
from register.errors import RegisterError
from register.ports import Register
from register.records import AwardRecord

FIRST_BATCH, BATCH = 8, 64
"""Documents that share their ledger transactions: at first, and at most. Also how soon a pause
is obeyed."""
LONG = GRACE / 4
"""An intent that is older than `GRACE` is taken for a dead one: no batch may come near that."""
UNFORESEEN = "unforeseen"
"""Kind of a refusal that no error class names: a mistake of ours, to be looked at."""
NOT_REGISTERED = "not-registered"
_FAMILIES = (CredentialError, KeysError, RegisterError)


@dataclass(frozen=True, slots=True)
class Bulk:
    """What issuing cohorts takes; each process has its own."""

    register: Register
    issuer: Issuer[Extract]
    ledger: Ledger
    reconciler: Reconciler
    cohorts: SqlCohorts
    draw_number: Callable[[], str]
    clock: Callable[[], datetime]
    grace: timedelta = GRACE
    """An older intent belongs to a process that is gone."""


@dataclass(frozen=True, slots=True)
class ChunkEnd:
    """How a worker leaves a chunk."""

    waits_for: str = ""
    """Kind of what was out of reach; to be tried again later."""
    stopped: bool = False
    """Its cohort does not run any more, or the worker was asked to stop."""

    @property
    def done(self) -> bool:
        """Whether every document of the chunk is sealed or refused."""
        return not (self.waits_for or self.stopped)


def never() -> bool:
    """Nobody asks this worker to stop."""
    return False


def issue_chunk(bulk: Bulk, chunk_id: str, stop: Callable[[], bool] = never) -> ChunkEnd:
    """Seal what is not sealed yet, note what became of every member, and say how it ended.

    Raises only what no member of the chunk can be blamed for and no waiting mends.
    """
    try:
        return _issue(bulk, chunk_id, stop)
    except _FAMILIES as error:
        # A permit is void when the key changed over since: what was drawn is drawn again.
        if error.status != HTTPStatus.SERVICE_UNAVAILABLE and not isinstance(error, PermitSpent):
            raise
        return _waiting(bulk, chunk_id, error.kind)
    except OSError as error:
        return _waiting(bulk, chunk_id, disk_kind(error))


def disk_kind(error: OSError) -> str:
    """What a chunk waits for when a disk of this machine refuses: `disk-enospc` and so on."""
    return f"disk-{errno.errorcode.get(error.errno or 0, 'error').lower()}"


def _waiting(bulk: Bulk, chunk_id: str, kind: str) -> ChunkEnd:
    with suppress(CredentialError):  # the ledger itself may be what is out of reach
        bulk.cohorts.close(chunk_id, kind)
    return ChunkEnd(waits_for=kind)


def _issue(bulk: Bulk, chunk_id: str, stop: Callable[[], bool]) -> ChunkEnd:
    task = bulk.cohorts.task(chunk_id)
    waits_for = ""
    members = task.members if not task.done else ()
    size = FIRST_BATCH
    while batch := members[:size]:
        if stop() or bulk.cohorts.state(task.cohort.cohort_id) is not CohortState.RUNNING:
            return ChunkEnd(stopped=True)
        begun = bulk.clock()
        looked_at = _Batch(bulk, task).issue(batch)
        members = (*looked_at.again, *members[size:])
        size = _next_size(size, bulk.clock() - begun)
        bulk.cohorts.note(chunk_id, looked_at.settled)
        waits_for = waits_for or looked_at.waits_for
        if waits_for not in {"", AlreadyIssuing.kind}:
            break  # what stopped this batch would stop the next
    bulk.cohorts.close(chunk_id, waits_for)
    return ChunkEnd(waits_for)


def _next_size(size: int, spent: timedelta) -> int:
    """Twice as many while they go fast, half as many when a slow authority holds them up."""
    if spent > LONG:
        return max(1, size // 2)
    return min(BATCH, 2 * size) if spent < LONG / 3 else size


@dataclass(frozen=True, slots=True)
class _LookedAt:
    settled: tuple[Member, ...]
    waits_for: str
    again: tuple[Member, ...]
    """Those for whom there was no time."""


class _Batch:
    """So many members of one chunk, through the issuing cycle together."""

    def __init__(self, bulk: Bulk, task: Task) -> None:
        self._bulk = bulk
        self._task = task
        self._settled: list[Member] = []
        self._waits_for = ""
        self._again: list[Member] = []
        self._permits: dict[Permit[Extract], int] = {}
        self._by_number: dict[str, Member] = {}

    def issue(self, members: tuple[Member, ...]) -> _LookedAt:
        extracts = dict(self._extracts(members))
        tries = self._tries(extracts)
        for member, (extract, statement) in extracts.items():
            self._take(member, extract, statement, tries.get(statement, ()))
        self._seal()
        # In one order everywhere: two workers that note the same members never wait in a ring.
        settled = sorted(self._settled, key=lambda member: member.position)
        return _LookedAt(tuple(settled), self._waits_for, tuple(self._again))

    def _extracts(
        self, members: tuple[Member, ...]
    ) -> Iterator[tuple[Member, tuple[Extract, str]]]:
        """What would be stated of each member, as its record is now."""
        found = self._bulk.register.records([member.award_id for member in members])
        records = {record.award.award_id: record for record in found}
        for member in members:
            if member.award_id in records:
                extract = self._extract(records[member.award_id])
                yield member, (extract, self._bulk.issuer.statement(extract))
            else:
                self._refuse(member, NOT_REGISTERED)

    def _extract(self, record: AwardRecord) -> Extract:
        now = self._bulk.clock().astimezone(UTC).replace(microsecond=0)
        purpose = self._task.cohort.wanted.purpose
        return Extract(self._bulk.draw_number(), self._task.language, purpose, now, record)

    def _tries(
        self, extracts: Mapping[Member, tuple[Extract, str]]
    ) -> Mapping[str, tuple[Entry, ...]]:
        """Earlier tries at these statements, after what a dead process left open is closed."""
        statements = [statement for _, statement in extracts.values()]
        found = self._bulk.ledger.attempts_at(statements)
        dead = self._bulk.clock() - self._bulk.grace
        entries = [entry for tries in found.values() for entry in tries]
        left = [e.intent for e in entries if e.outcome is None and e.intent.intended_at <= dead]
        for intent in left:
            self._bulk.reconciler.close(intent)
        return self._bulk.ledger.attempts_at(statements) if left else found

    def _take(
        self, member: Member, extract: Extract, statement: str, tries: tuple[Entry, ...]
    ) -> None:
        """Find the document, leave it to whoever makes it now, or draw it."""
        made = [entry.intent.number for entry in tries if entry.outcome is Outcome.SEALED]
        if made:
            self._settled.append(replace(member, number=made[0], refusal=""))
        elif any(entry.outcome is None for entry in tries):
            self._wait(AlreadyIssuing.kind)
        elif self._permits and self._bulk.clock() - extract.issued_at > LONG:
            self._again.append(member)  # those that are drawn must be sealed first
        elif not self._waits_for or self._waits_for == AlreadyIssuing.kind:
            self._draw(member, extract, statement, len(tries))

    def _draw(self, member: Member, extract: Extract, statement: str, attempt: int) -> None:
        try:
            permit = self._bulk.issuer.prepare(extract, statement)
        except _FAMILIES as error:
            self._stumble(member, error)
        except ForkedAfterCompile:
            raise  # the process is at fault, not the record
        except Exception as error:  # noqa: BLE001 - one record must not hold up a hundred thousand
            structlog.get_logger().error("unforeseen-refusal", error=type(error).__name__)
            self._refuse(member, UNFORESEEN)
        else:
            self._permits[permit] = attempt
            self._by_number[extract.number] = member

    def _seal(self) -> None:
        if not self._permits:
            return
        batch = self._bulk.issuer.seal_all(self._permits)
        for number in batch.sealed:
            self._settled.append(replace(self._by_number[number], number=number, refusal=""))
        for number, error in batch.refused.items():
            self._refuse(self._by_number[number], error.kind)
        self._again += [self._by_number[number] for number in sorted(batch.late)]
        if len(batch.sealed | batch.late) + len(batch.refused) < len(self._permits):
            self._wait(batch.paused.kind if batch.paused else AlreadyIssuing.kind)

    def _stumble(self, member: Member, error: CredentialError | KeysError | RegisterError) -> None:
        if error.status == HTTPStatus.SERVICE_UNAVAILABLE:
            self._wait(error.kind)
        else:
            self._refuse(member, error.kind)

    def _refuse(self, member: Member, kind: str) -> None:
        self._settled.append(replace(member, number="", refusal=kind))

    def _wait(self, kind: str) -> None:
        """Remember what is waited for; what is out of reach outweighs what others have in hand."""
        if not self._waits_for or self._waits_for == AlreadyIssuing.kind:
            self._waits_for = kind
