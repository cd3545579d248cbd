"""A small reference for transfers: what may become of each, said a second time and otherwise.

It knows the states by name and the limits of emrex.md 3.2 as numbers, and nothing of the code
that it judges. A step is a road: the states that it leads through, none where it is refused.
Where a store trips half way, any place on that road is allowed, and no other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from emrex.exchange.ports import Transfers
from storage.errors import StorageUnavailable

OPEN = frozenset({"received", "authenticating", "selecting", "preview", "consented"})
TOLD: Mapping[str, str] = {
    "handed-over": "NCP_OK",
    "cancelled": "NCP_CANCEL",
    "no-results": "NCP_NO_RESULTS",
    "expired": "NCP_ERROR",
    "failed": "NCP_ERROR",
}
STEPS = ("in", "choose", "again", "yes", "stop", "fail", "nothing", "fetch")


@dataclass(frozen=True, slots=True)
class Ticket:
    """One holder at one client: whose answer it is and where it belongs."""

    tid: str
    secret: str
    person: str
    session: str
    address: str


@dataclass(frozen=True, slots=True)
class Known:
    """Where a transfer must be."""

    state: str
    created: datetime
    touched: datetime
    fetched: int = 0
    sent: datetime | None = None

    def is_late(self, now: datetime) -> bool:
        """Ten minutes without a step, or half an hour in all."""
        idle = now - self.touched > timedelta(minutes=10)
        return self.state in OPEN and (idle or now - self.created > timedelta(minutes=30))

    def was_left(self, now: datetime) -> bool:
        """Signed, and nobody came for it within an hour."""
        return self.state == "signed" and now - self.touched > timedelta(hours=1)


@dataclass(slots=True)
class Outages:
    """What is away."""

    register: bool = False
    signer: bool = False
    store: bool = False


def road(seen: Known, step: str, has_diplomas: bool, away: Outages, now: datetime) -> list[Known]:  # noqa: FBT001 - a fact of the holder
    """Every place on the way of a step that somebody takes who sees the transfer there."""
    if seen.is_late(now) or seen.was_left(now):
        return []
    if step == "fetch":
        return _fetched(seen, now)
    ways: Mapping[str, Callable[[str, Outages], list[str]]] = {
        "in": partial(_in, has_diplomas=has_diplomas),
        "choose": partial(_choose, has_diplomas=has_diplomas),
        "again": lambda state, _: ["selecting"] if state == "preview" else [],
        "yes": _yes,
        "stop": lambda state, _: ["cancelled"] if state in OPEN else [],
        "fail": lambda state, _: ["failed"] if state in OPEN else [],
        "nothing": lambda state, _: (
            ["no-results"] if state in {"authenticating", "selecting"} else []
        ),
    }
    return [replace(seen, state=one, touched=now) for one in ways[step](seen.state, away)]


def _in(state: str, away: Outages, *, has_diplomas: bool) -> list[str]:
    if state not in {"received", "authenticating"}:
        return []
    first = ["authenticating"] if state == "received" else []
    if away.register:
        return [*first, "failed"]
    return [*first, "selecting"] if has_diplomas else [*first, "selecting", "no-results"]


def _choose(state: str, away: Outages, *, has_diplomas: bool) -> list[str]:
    if state not in {"selecting", "preview"}:
        return []
    first = ["selecting"] if state == "preview" else []
    return first if away.register or not has_diplomas else [*first, "preview"]


def _yes(state: str, away: Outages) -> list[str]:
    if state == "preview" and not away.register:
        return ["consented", "failed" if away.signer else "signed"]
    if state == "consented":
        return ["failed" if away.signer or away.register else "signed"]
    return []


def _fetched(seen: Known, now: datetime) -> list[Known]:
    if seen.state == "signed":
        return [replace(seen, state="handed-over", touched=now, sent=now, fetched=1)]
    again = seen.sent is not None and now - seen.sent <= timedelta(minutes=2) and seen.fetched == 1
    return [replace(seen, fetched=2)] if again else []


@dataclass(slots=True)
class Faulty:
    """A store that is away, or that trips once: before a call took effect, or after it did."""

    kept: Transfers
    away: Outages
    trips_in: int = 0
    """Calls until it trips; nothing is armed at 0."""
    late: bool = False
    tripped: list[str] = field(default_factory=list)
    """Which calls did."""

    def __getattr__(self, name: str) -> Any:
        return partial(self._call, name, getattr(self.kept, name))

    def _call(self, name: str, call: Callable[..., Any], *args: Any) -> Any:
        if self.away.store:
            raise StorageUnavailable("away")
        trips, self.trips_in = self.trips_in == 1, max(0, self.trips_in - 1)
        result = None if trips and not self.late else call(*args)
        if trips:
            self.tripped.append(name)
            raise StorageUnavailable("tripped")
        return result
