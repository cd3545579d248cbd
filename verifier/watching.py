"""Seeing who walks through our lists, and which extract is checked unusually often (3.8).

Nothing here changes an answer: a canary is unknown like any other document that we did not
issue. And nothing is written while somebody waits for one, so the time tells nothing either;
what was noticed is told afterwards, in one line without a person, a number or a fingerprint.
"""

from __future__ import annotations

import hmac
import secrets
import threading
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

import structlog

if TYPE_CHECKING:
    from verifier.ports import IssuedDocument, IssuedIndex

WINDOW = timedelta(days=1)
REMEMBERED = 100_000
"""Extracts whose checks are counted; each costs about 300 bytes."""
CANARY, OFTEN = "canary-asked", "extract-checked-often"
_UNTOLD = 1_000
_LONGEST_NUMBER = 32


class Canaries(Protocol):
    """Knows what was published and never issued."""

    def is_file(self, sha256: str) -> bool:
        """Whether this is the fingerprint of a canary."""
        ...

    def is_number(self, text: str) -> bool:
        """Whether this is the number of a canary."""
        ...


class Often:
    """Counts of the checks of one day, in memory, of bounded size. Thread-safe.

    A fingerprint is kept as a keyed hash, and the key ends with the process.
    """

    def __init__(
        self, limit: int, clock: Callable[[], datetime], *, remembered: int = REMEMBERED
    ) -> None:
        self._limit = limit
        self._clock = clock
        self._remembered = remembered
        self._key = secrets.token_bytes(32)
        self._counts: OrderedDict[bytes, tuple[datetime, int]] = OrderedDict()
        self._lock = threading.Lock()

    def again(self, sha256: str) -> bool:
        """Count one check; true for exactly the one in a day that makes it unusually many."""
        key, now = hmac.digest(self._key, sha256.encode(), "sha256"), self._clock()
        with self._lock:
            since, count = self._counts.pop(key, (now, 0))
            if not timedelta(0) <= now - since < WINDOW:
                since, count = now, 0
            self._counts[key] = since, count + 1
            if len(self._counts) > self._remembered:
                self._counts.popitem(last=False)
        return count + 1 == self._limit


class Watch:
    """What one process noticed. `tell` has to be called now and then."""

    def __init__(self, canaries: Canaries, often: Often, alias: Callable[[str], str]) -> None:
        """`alias` names an extract for the log by its fingerprint."""
        self._canaries = canaries
        self._often = often
        self._alias = alias
        self._untold: deque[tuple[str, dict[str, object]]] = deque(maxlen=_UNTOLD)
        self._totals: Counter[str] = Counter()

    def is_canary(self, sha256: str) -> bool:
        """Whether nobody was issued this; if so, somebody walks through our lists."""
        found = self._canaries.is_file(sha256)
        if found:
            self._scraped("file")
        return found

    def heard(self, said: bytes) -> None:
        """Look at what was handed over: it may be the number of a canary and nothing else."""
        if len(said) <= _LONGEST_NUMBER and self._canaries.is_number(
            said.decode("ascii", "replace")
        ):
            self._scraped("number")

    def checked(self, sha256: str) -> None:
        """Count a check of one of our own documents."""
        if self._often.again(sha256):
            self._notice(OFTEN, alias=self._alias(sha256))

    def tell(self) -> None:
        """Write down what was noticed since the last time."""
        while self._untold:
            event, fields = self._untold.popleft()
            structlog.get_logger().warning(event, **fields)

    def _scraped(self, kind: str) -> None:
        # The request by which it was asked leads to the client in the log of the proxy. The
        # other alarm names none: whoever asks last about a popular extract did nothing.
        context = structlog.contextvars.get_contextvars()
        self._notice(CANARY, kind=kind, request_id=context.get("request_id"))

    def _notice(self, event: str, **fields: object) -> None:
        self._totals[event] += 1
        self._untold.append((event, {**fields, "count": self._totals[event]}))


def watched(index: IssuedIndex, watch: Watch | None) -> IssuedIndex:
    """The index as a verifier is to ask it; the index itself where nobody watches."""
    return index if watch is None else WatchedIndex(index, watch)


@dataclass(frozen=True, slots=True)
class WatchedIndex:
    """`IssuedIndex` over another: every look-up is seen, and no canary is known."""

    index: IssuedIndex
    watch: Watch

    def find(self, sha256: str) -> IssuedDocument | None:
        """The document with exactly these bytes; raises as the other index does."""
        is_canary, issued = self.watch.is_canary(sha256), self.index.find(sha256)
        if issued is None or is_canary:
            return None
        self.watch.checked(sha256)
        return issued

    def knows_covered(self, digest: str) -> bool:
        """Whether a seal of ours was recorded over this digest; raises as the other index does."""
        return self.index.knows_covered(digest)
