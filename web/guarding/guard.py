"""The layer that looks at a request before a byte of its body is read (verifier.md 3.8).

In this order: is this part of the site open; may this client ask again already; and,
while the house is full, has its computer done the work that a check costs then. The same
for known and unknown documents: nothing here looks at what is asked.
"""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers
from starlette.routing import compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from web.errors import PartClosed, TooManyRequests, WorkNeeded
from web.guarding.allowances import Allowance, Allowances, block_of
from web.guarding.switches import Switches
from web.guarding.work import ProofOfWork

WORK_HEADER, WORK_COOKIE = "echt-work", "echt-work"
"""A program sends its work in the header; a page leaves it in the cookie for its form."""
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Rule:
    """How one part of the site is guarded; a part is some addresses and a method."""

    part: str
    method: str
    paths: tuple[str, ...]
    allowance: Allowance
    costs_work: bool = False
    """Whether it takes a closed room, which are few."""


@dataclass(frozen=True, slots=True)
class Guarding:
    """What the guard stands on."""

    rules: tuple[Rule, ...]
    switches: Switches
    work: ProofOfWork
    clock: Callable[[], float]
    """Seconds that only go forward."""
    unlimited: tuple[Network, ...] = ()
    """Clients that are never counted: a machine's own programs, a monitor."""


class Guard:
    """Raises instead of passing on what a rule forbids; the first rule that fits counts."""

    def __init__(self, app: ASGIApp, guarding: Guarding) -> None:
        self._app = app
        self._guarding = guarding
        self._rules = [_Standing(rule, guarding) for rule in guarding.rules]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on when its rule allows it."""
        if scope["type"] == "http":
            self._require(scope)
        await self._app(scope, receive, send)

    def _require(self, scope: Scope) -> None:
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        found = next((one for one in self._rules if one.fits(method, scope["path"])), None)
        if found is not None:
            found.require(scope)


class _Standing:
    """A rule at work."""

    def __init__(self, rule: Rule, guarding: Guarding) -> None:
        self._rule = rule
        self._guarding = guarding
        self._paths = [compile_path(path)[0] for path in rule.paths]
        self._allowances = Allowances(rule.allowance, guarding.clock)

    def fits(self, method: str, path: str) -> bool:
        return method == self._rule.method and any(one.match(path) for one in self._paths)

    def require(self, scope: Scope) -> None:
        if self._guarding.switches.is_closed(self._rule.part):
            raise PartClosed
        client = scope["client"][0] if scope.get("client") else "unknown"
        if not self._is_unlimited(client):
            self._require_allowance(client)
        if self._rule.costs_work and self._guarding.work.bits:
            self._require_work(Headers(scope=scope))

    def _require_allowance(self, client: str) -> None:
        wait = self._allowances.take(block_of(client))
        if wait:
            raise TooManyRequests(math.ceil(wait))

    def _require_work(self, headers: Headers) -> None:
        if not self._guarding.work.spend(_work_in(headers)):
            raise WorkNeeded(self._guarding.work.challenge())

    def _is_unlimited(self, client: str) -> bool:
        try:
            address = ipaddress.ip_address(client)
        except ValueError:
            return False
        return any(address in network for network in self._guarding.unlimited)


def _work_in(headers: Headers) -> str:
    sent = headers.get(WORK_HEADER)
    if sent is not None:
        return sent
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(WORK_COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def parts(rules: Sequence[Rule]) -> tuple[str, ...]:
    """The names of all parts, for the switches."""
    return tuple(dict.fromkeys(rule.part for rule in rules))
