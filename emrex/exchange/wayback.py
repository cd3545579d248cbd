"""How a client is answered when our store is away: the browser brings along what that takes.

A transfer lives in the store, and so does the address of its answer. So that a store which is
away does not keep the client waiting (emrex.md 5), the cookie of a transfer also holds where an
answer goes and what the client called it: nothing about the holder. Our seal on it proves that
the address passed our rules once; what bears no seal of ours leads nowhere.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import zlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta

LIVES = timedelta(days=1)
"""Longer than any transfer, so that who comes back late reads why nothing was sent."""
MAX_SEALED = 3_800
"""Characters; browsers keep 4,096 of a whole cookie (RFC 6265 6.1)."""
_SEAL_BYTES = 16


@dataclass(frozen=True, slots=True)
class Way:
    """Where the answer of a failed transfer goes."""

    address: str
    session_id: str = ""
    """As the client gave it; empty where the address is the whole answer (EMREX 2.0)."""


@dataclass(frozen=True, slots=True)
class Ways:
    """Seals ways back, each for one transfer, and reads its own seals only."""

    key: bytes = field(repr=False)

    def sealed(self, tid: str, way: Way, now: datetime) -> str:
        """The way as a cookie can hold it; empty where it is too long for that."""
        told = json.dumps([int(now.timestamp()), way.address, way.session_id], ensure_ascii=False)
        content = _text(zlib.compress(told.encode(), 9))
        sealed = f"{content}.{self._seal(tid, content)}"
        return sealed if len(sealed) <= MAX_SEALED else ""

    def opened(self, tid: str, sealed: str, now: datetime) -> Way | None:
        """The way that we sealed for this transfer, less than a day ago."""
        content, _, seal = sealed.partition(".")
        if not hmac.compare_digest(seal.encode(), self._seal(tid, content).encode()):
            return None
        try:
            then, address, session_id = json.loads(zlib.decompress(_bytes(content)))
        except (binascii.Error, zlib.error, ValueError):  # sealed by a release to come
            return None
        is_old = now.timestamp() - then > LIVES.total_seconds()
        return None if is_old else Way(address, session_id)

    def _seal(self, tid: str, content: str) -> str:
        made = hmac.new(self.key, f"{tid}.{content}".encode(), hashlib.sha256)
        return _text(made.digest()[:_SEAL_BYTES])


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
