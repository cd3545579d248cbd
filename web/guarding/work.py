"""A little work for the visitor's computer instead of a puzzle for the visitor (verifier.md 3.8).

While there is room nothing is asked. As the closed rooms fill, each check costs a search
for a number whose SHA-256 begins with some zero bits: nothing to a person who checks one
diploma, much to a program that sends thousands. Challenges are not kept until they are
spent: a keyed digest in them says that we made them, and when.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable

LIFETIME = 120.0
"""Seconds in which a challenge can be spent."""
SPENT = 100_000
"""Spent challenges that are remembered; older ones have ended by then."""
STEPS = ((0.9, 16), (0.75, 14), (0.5, 12))
"""From which load on, how many bits; the first that fits counts."""
MAX_LENGTH = 160
_DIGEST_BITS = 256


class ProofOfWork:
    """Asks for work by load, and takes each answer once. Thread-safe.

    `load` is the part of the room for checks that is taken, from 0 to 1.
    """

    def __init__(self, load: Callable[[], float], clock: Callable[[], float]) -> None:
        self._load = load
        self._clock = clock
        self._secret = secrets.token_bytes(32)
        self._spent: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def bits(self) -> int:
        """Zero bits that a check costs now; 0 while there is room for everybody."""
        load = self._load()
        return next((bits for least, bits in STEPS if load >= least), 0)

    def challenge(self) -> str:
        """A fresh challenge of today's price: `moment.bits.random.digest`."""
        stated = f"{int(self._clock())}.{self.bits}.{secrets.token_urlsafe(12)}"
        return f"{stated}.{self._digest(stated)}"

    def spend(self, answer: str) -> bool:
        """Whether this is work enough for now, done for a challenge of ours, for the first time.

        `answer` is a challenge, a colon and the number found.
        """
        challenge, colon, _ = answer.partition(":")
        stated, dot, digest = challenge.rpartition(".")
        if not (colon and dot and len(answer) <= MAX_LENGTH and answer.isascii()):
            return False
        if not hmac.compare_digest(digest, self._digest(stated)):
            return False
        moment, promised = (int(part) for part in stated.split(".")[:2])
        fresh = 0 <= self._clock() - moment <= LIFETIME
        enough = promised >= self.bits and zero_bits(answer) >= promised
        return fresh and enough and self._first(challenge)

    def _first(self, challenge: str) -> bool:
        with self._lock:
            if challenge in self._spent:
                return False
            self._spent[challenge] = None
            if len(self._spent) > SPENT:
                self._spent.popitem(last=False)
            return True

    def _digest(self, stated: str) -> str:
        made = hmac.digest(self._secret, stated.encode(), "sha256")
        return base64.urlsafe_b64encode(made[:18]).decode()


def zero_bits(answer: str) -> int:
    """Zero bits at the head of the answer's SHA-256."""
    number = int.from_bytes(hashlib.sha256(answer.encode()).digest())
    return _DIGEST_BITS - number.bit_length()
