"""One transfer as a value: each step makes a new one, and a step that may not be taken is refused.

Nothing here knows a database, a page or a clock; the moment is an argument. Whoever stores the
result does so only where the stored state is still the one that the step began from.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from emrex.elmo.profiles import Version
from emrex.errors import WrongState
from emrex.exchange.request import Request
from emrex.exchange.states import CODES, NEXT, ReturnCode, State

IDLE = timedelta(minutes=10)
TOTAL = timedelta(minutes=30)
LONG = timedelta(minutes=12)
"""When a page warns that the client may be gone: known ones wait 15 minutes (emrex.md 2.2)."""
SOON = timedelta(minutes=2)
"""How long before the end a page says so once more."""
RETRY = timedelta(minutes=2)
"""How long the same bytes may be fetched once more (emrex.md 3.2)."""
WAITS = timedelta(hours=1)
"""How long a signed document waits for the browser that left."""
ERASED_AFTER = timedelta(minutes=10)
"""How long after hand-over the document itself is kept."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who logged in, and how sure the provider is of it."""

    person_id: str
    level: str


@dataclass(frozen=True, slots=True)
class Transaction:
    """A transfer, somewhere between a client's request and its answer."""

    tid: str
    """Our own, 128 random bits; the client's session id is never an address of ours."""
    request: Request
    state: State
    created: datetime
    touched: datetime
    holder: Holder | None = None
    records: tuple[str, ...] = ()
    """Ids of the awards that the holder chose, in their order."""
    handed_over: datetime | None = None
    fetched: int = 0
    """How many times the answer was fetched."""

    @property
    def version(self) -> Version:
        """The version of ELMO that the client asked for; the newest where it asked for none."""
        asked = self.request.wishes.get("elmoVersion", "")
        return Version(asked) if asked in set(Version) else Version.V1_7

    @property
    def may_choose(self) -> bool:
        """Whether the client lets the holder choose among diplomas."""
        asked = self.request.wishes
        return "false" not in {asked.get("allowToPickLOIs"), asked.get("allowToPickCourses")}

    @property
    def wants_not_passed(self) -> bool:
        """Whether the client also takes what was not passed."""
        asked = self.request.wishes
        return "true" in {asked.get("allowNotPassedLOIs"), asked.get("allowNotPassedCourses")}

    @property
    def code(self) -> ReturnCode:
        """What the client is told.

        Raises:
            WrongState: it has not ended yet.
        """
        if self.state not in CODES:
            raise WrongState("This transfer has not ended yet.", self.state)
        return CODES[self.state]


def begun(tid: str, request: Request, now: datetime) -> Transaction:
    """A transfer that a client just asked for."""
    return Transaction(tid, request, State.RECEIVED, now, now)


def is_overdue(transaction: Transaction, now: datetime) -> bool:
    """Whether nobody did anything for too long, or the whole takes too long."""
    late = now - transaction.touched > IDLE or now - transaction.created > TOTAL
    return late and transaction.state.can_expire


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """How long the holder has, as a page says it."""

    ends: datetime
    seconds: int
    is_soon: bool
    is_long: bool
    """Whether it takes so long already that the client may be gone."""
    can_extend: bool
    """Whether asking for more time gives any: the whole has an end that does not move."""


def time_left(transaction: Transaction, now: datetime) -> TimeLeft:
    """What is left until the transfer ends by itself."""
    idle, total = transaction.touched + IDLE, transaction.created + TOTAL
    left = min(idle, total) - now
    return TimeLeft(
        ends=min(idle, total),
        seconds=max(0, int(left.total_seconds())),
        is_soon=left <= SOON,
        is_long=now - transaction.created >= LONG,
        can_extend=idle < total,
    )


def given_time(transaction: Transaction, now: datetime) -> Transaction:
    """The holder asks for more time: the clock of idleness begins again, the whole does not.

    Raises:
        WrongState: it has ended, or its time is over.
    """
    if is_overdue(transaction, now) or not transaction.state.can_expire:
        raise WrongState("The time for this transfer is over.", transaction.state)
    return replace(transaction, touched=now)


def waited_too_long(transaction: Transaction, now: datetime) -> bool:
    """Whether it was signed, and the browser did not come for it in time."""
    return transaction.state is State.SIGNED and now - transaction.touched > WAITS


def moved(transaction: Transaction, state: State, now: datetime, **facts: object) -> Transaction:
    """The transfer in its next state.

    Raises:
        WrongState: there is no way from where it is, or its time is over.
    """
    if state not in NEXT[transaction.state]:
        raise WrongState("This step cannot be taken any more.", transaction.state)
    if state is not State.EXPIRED and is_overdue(transaction, now):
        raise WrongState("The time for this transfer is over.", State.EXPIRED)
    return replace(transaction, state=state, touched=now, **facts)  # type: ignore[arg-type]


def logging_in(transaction: Transaction, now: datetime) -> Transaction:
    """The holder is sent to log in."""
    return moved(transaction, State.AUTHENTICATING, now)


def logged_in(transaction: Transaction, holder: Holder, now: datetime) -> Transaction:
    """The holder is known, for this transfer only."""
    return moved(transaction, State.SELECTING, now, holder=holder)


def chosen(transaction: Transaction, records: tuple[str, ...], now: datetime) -> Transaction:
    """The holder chose; an empty choice is none.

    Raises:
        WrongState: as for `moved`, or nothing was chosen.
    """
    if not records:
        raise WrongState("Choose at least one diploma, or stop.", transaction.state)
    return moved(transaction, State.PREVIEW, now, records=records)


def choosing_again(transaction: Transaction, now: datetime) -> Transaction:
    """Back from the preview.

    Raises:
        WrongState: as for `moved`, or it is elsewhere: a login leads to the choice as well, and
            this is no login.
    """
    if transaction.state is not State.PREVIEW:
        raise WrongState("This step cannot be taken any more.", transaction.state)
    return moved(transaction, State.SELECTING, now, records=())


def consented(transaction: Transaction, now: datetime) -> Transaction:
    """The holder said yes to what the preview showed."""
    return moved(transaction, State.CONSENTED, now)


def signed(transaction: Transaction, now: datetime) -> Transaction:
    """The document exists and is stored with its receipt."""
    return moved(transaction, State.SIGNED, now)


def fetched(transaction: Transaction, now: datetime) -> Transaction:
    """The answer with the document is fetched: once, and once more within two minutes.

    Raises:
        WrongState: there is no document yet, it waited too long, or it was fetched often or
            long ago.
    """
    if waited_too_long(transaction, now):
        raise WrongState("The time for this transfer is over.", State.EXPIRED)
    if transaction.state is State.SIGNED:
        return moved(transaction, State.HANDED_OVER, now, handed_over=now, fetched=1)
    begun_at = transaction.handed_over
    may_again = begun_at is not None and now - begun_at <= RETRY and transaction.fetched == 1
    if not may_again:
        raise WrongState("This transfer was handed over already.", transaction.state)
    return replace(transaction, fetched=transaction.fetched + 1)


def ended(transaction: Transaction, state: State, now: datetime) -> Transaction:
    """Stopped by the holder, by time, by a fault of ours, or for want of diplomas."""
    return moved(transaction, state, now)
