"""Remote time-stamping authorities: asked in order, believed only after every check.

One that fails several times in a row is left alone for a while, so that a dead one
costs nobody its time-out. All together have one deadline.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from keys import timestamp_request, token_check
from keys.breaker import Breaker
from keys.errors import TimestampUnavailable
from keys.posting import Post
from keys.timestamps import require_digest
from keys.token_check import Expected

DEADLINE = 10.0
"""Seconds for one time-stamp, whoever gives it."""
SPARE = 2048
"""pdf.md 3.3: room is the largest token seen and 2 KB."""
UNSEEN = 1024
"""What a token is guessed to hold besides its certificates, before one was seen."""
NONCE_BYTES = 8
TRIAL = bytes(32)


def _nobody(_name: str, _reason: str) -> None:
    """Nobody is told."""


@dataclass(frozen=True, slots=True)
class RemoteAuthority:
    """One authority: where it is, and how its tokens are known."""

    url: str
    certificates: tuple[bytes, ...]
    """In DER, its own first. Each that is for time-stamps only may sign, so two overlap well."""
    policy: str
    """OID that its tokens must name."""

    @property
    def name(self) -> str:
        """Its host: what an operator is told. The rest of an address may hold an access code."""
        return urlsplit(self.url).netloc or self.url


def _as_given(authority: RemoteAuthority, _at: datetime) -> tuple[bytes, ...]:
    """Every certificate that was given counts."""
    return authority.certificates


class RemoteAuthorities:
    """A `Timestamper` over two or more authorities (one works, with nothing to fall back on).

    `clock` judges what a token says, `monotonic` counts the seconds, `report` is told the
    name of an authority that failed and why, also when the next one helped out. `vouched`
    tells by which of an authority's certificates a token of a moment is believed, or raises
    `TimestampUnavailable`: then it is not asked.
    """

    def __init__(  # noqa: PLR0913 - each of them is injected somewhere
        self,
        authorities: Sequence[RemoteAuthority],
        post: Post,
        *,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
        deadline: float = DEADLINE,
        token_bytes: Callable[[int], bytes] = secrets.token_bytes,
        report: Callable[[str, str], None] = _nobody,
        vouched: Callable[[RemoteAuthority, datetime], tuple[bytes, ...]] = _as_given,
    ) -> None:
        if not authorities:
            raise ValueError("no time-stamping authority was given")
        self._desks = tuple(_Desk(one, Breaker(monotonic)) for one in authorities)
        self._post = post
        self._clock = clock
        self._monotonic = monotonic
        self._deadline = deadline
        self._token_bytes = token_bytes
        self._report = report
        self._vouched = vouched

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """Certificates of all authorities in DER, the preferred one's own first."""
        every = (der for desk in self._desks for der in desk.authority.certificates)
        return tuple(dict.fromkeys(every))

    @property
    def room(self) -> int:
        """Bytes that a token of any of them fits in; grows when a larger one is seen."""
        return max(desk.largest for desk in self._desks) + SPARE

    def stamp(self, digest: bytes) -> bytes:
        """Take a SHA-256 digest, give a DER TimeStampToken of the first authority that has one.

        Raises:
            TimestampUnavailable: none gave a good one in time; `reason` names each.
        """
        require_digest(digest)
        ends = self._monotonic() + self._deadline
        reasons = []
        for waiting, desk in zip(range(len(self._desks), 0, -1), self._desks, strict=True):
            # What remains is shared, so that a slow one leaves time for those behind it.
            seconds = (ends - self._monotonic()) / waiting
            if seconds <= 0 or not desk.breaker.admits():
                reasons.append(f"{desk.authority.name}: not asked, it failed before or time is up")
                continue
            try:
                return self._ask(desk, digest, seconds)
            except TimestampUnavailable as miss:
                reasons.append(f"{desk.authority.name}: {miss.reason}")
        raise TimestampUnavailable(
            f"No time-stamping authority gave a good token ({'; '.join(reasons)})."
        )

    def trial(self) -> tuple[str, ...]:
        """Ask every authority once, at start, so that `room` is measured; tell who failed and why.

        Raises:
            TimestampUnavailable: not one of them works.
        """
        failed = []
        for desk in self._desks:
            try:
                self._ask(desk, TRIAL, self._deadline / len(self._desks))
            except TimestampUnavailable as miss:
                failed.append(f"{desk.authority.name}: {miss.reason}")
        if len(failed) == len(self._desks):
            raise TimestampUnavailable(f"No time-stamping authority works ({'; '.join(failed)}).")
        return tuple(failed)

    def _ask(self, desk: _Desk, digest: bytes, seconds: float) -> bytes:
        believed = self._vouched(desk.authority, self._clock())
        try:
            token = self._checked(desk, digest, seconds, believed)
        except TimestampUnavailable as miss:
            desk.breaker.failed()
            self._report(desk.authority.name, miss.reason)
            raise
        desk.breaker.succeeded()
        return token

    def _checked(
        self, desk: _Desk, digest: bytes, seconds: float, believed: tuple[bytes, ...]
    ) -> bytes:
        authority = desk.authority
        nonce = int.from_bytes(self._token_bytes(NONCE_BYTES), "big")
        request = timestamp_request.build(digest, nonce)
        answer = self._post(desk.authority.url, request, seconds=seconds)
        token = timestamp_request.token_in(answer)
        expected = Expected(digest, authority.policy, believed, self._clock(), nonce)
        stamped = token_check.check(token, expected)
        if not set(believed) <= set(self._vouched(authority, stamped)):  # their clock is not ours
            raise TimestampUnavailable("its certificate counts now, but not at the token's moment")
        self._fit(desk, token)
        return token

    def _fit(self, desk: _Desk, token: bytes) -> None:
        """Remember the size; a token for which nobody kept room is refused this once."""
        room = self.room
        desk.seen = max(desk.seen, len(token))
        if len(token) > room:
            raise TimestampUnavailable("the token is larger than the room that was kept for it")


@dataclass(slots=True)
class _Desk:
    """One authority with its state."""

    authority: RemoteAuthority
    breaker: Breaker
    seen: int = 0
    """Size of its largest token."""

    @property
    def largest(self) -> int:
        """The largest token seen, or a guess on the high side."""
        return self.seen or sum(map(len, self.authority.certificates)) + UNSEEN
