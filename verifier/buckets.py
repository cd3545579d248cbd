"""Looking up a hash without telling which: whole buckets, all of one size (verifier.md 3.4).

A bucket holds every hash that begins with the same bits. Whoever asks gets all of it
and compares at home, so we learn the bucket and no more; and because every answer of
one width has the same length, whoever listens to the line does not even learn that.

Only the first half of each hash is published. It finds a document beyond any doubt (nobody
makes a file that fits one of ten million halves of 128 bits), and the half that is not in
any list keeps proving that somebody has the file: with whole hashes here, whoever read all
buckets could ask for what every document says (3.6, 3.7.2).
"""

from __future__ import annotations

import json
import re
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from keys.moments import written
from verifier.errors import WrongPrefix

if TYPE_CHECKING:
    from verifier.ports import BucketSource

MEAN = 160
"""`spec/verifier.md` 3.4: a mean bucket holds between this many hashes and twice as many."""
SMALLEST = 100
"""No bucket may hold fewer, as long as there is more than one."""
WIDEST = 16
"""Bits of the groups in which a source counts; enough for ten million documents and more."""
RECOUNTED_EVERY = timedelta(minutes=10)
FRESH = timedelta(hours=1)
"""Older statuses say nothing of today: what was good then is "status unknown" now."""
_HASH_BITS = 256
PUBLISHED = 32
"""Hex digits of a hash that stand in a list."""
_ROOM_FOR_ONE = 50
"""Bytes of the longest entry: 32 digits, the word `superseded` and what stands around them."""
_ROOM_AROUND = 256
_LEAST_SIZE = 4096


@dataclass(frozen=True, slots=True)
class Width:
    """How the hashes are divided now."""

    bits: int
    """Bits of a hash that name its bucket."""
    count: int
    """Hashes in all."""
    size: int
    """Bytes of every answer."""


def width_of(sizes: Mapping[int, int]) -> Width:
    """The widest division in which no bucket gets too small.

    Args:
        sizes: how many hashes begin with each sixteen bits; what is absent is none.
    """
    count = sum(sizes.values())
    bits = min(WIDEST, max(0, (count // MEAN).bit_length() - 1))
    while bits and min(_folded(sizes, bits)) < SMALLEST:
        bits -= 1
    needed = _ROOM_AROUND + _ROOM_FOR_ONE * max(_folded(sizes, bits))
    return Width(bits, count, _size_class(needed))


def _folded(sizes: Mapping[int, int], bits: int) -> list[int]:
    folded = [0] * (1 << bits)
    for head, size in sizes.items():
        folded[head >> (WIDEST - bits)] += size
    return folded


def _size_class(needed: int) -> int:
    return max(_LEAST_SIZE, 1 << (needed - 1).bit_length())


class Buckets:
    """The buckets of one source. The width is ours to say, never the visitor's."""

    def __init__(self, source: BucketSource, clock: Callable[[], datetime]) -> None:
        self._source = source
        self._clock = clock
        self._counting = threading.Lock()
        self._counted: tuple[datetime, Width] | None = None

    def width(self) -> Width:
        """How the hashes are divided now; counted again every ten minutes, by one caller.

        Raises:
            IndexUnavailable: the source cannot be asked now.
        """
        counted, now = self._counted, self._clock()
        if counted is not None and now - counted[0] < RECOUNTED_EVERY:
            return counted[1]
        # Whoever comes while another counts goes on with the old width, where there is one.
        if not self._counting.acquire(blocking=counted is None):
            return counted[1]  # type: ignore[index]  # the first caller waits above
        try:
            if self._counted is counted:
                self._counted = (now, width_of(self._source.sizes()))
            return self._counted[1]  # type: ignore[index]  # just counted, by us or before us
        finally:
            self._counting.release()

    def about(self) -> dict[str, object]:
        """Width and count, as the API tells them; raises as `width`."""
        width = self.width()
        return {"bits": width.bits, "count": width.count, "asOf": written(self._source.as_of())}

    def bucket(self, prefix: str) -> bytes:
        """One bucket as JSON, padded to the size that every bucket has.

        Raises:
            WrongPrefix: this is not the beginning of a hash in today's width.
            IndexUnavailable: the source cannot be asked now.
        """
        width = self.width()
        number = _number(prefix, width.bits)
        rest = _HASH_BITS - width.bits
        first, last = number << rest, ((number + 1) << rest) - 1
        # The moment first: what is read after it can only be newer than we say.
        as_of, shared = self._source.as_of(), width.bits // 4
        found = self._source.between(f"{first:064x}", f"{last:064x}")
        entries = [[one.sha256[shared:PUBLISHED], one.status.value] for one in found]
        answer = {"prefix": prefix, "bits": width.bits, "asOf": written(as_of), "entries": entries}
        return _padded(answer, width.size)


def prefix_of(sha256: str, bits: int) -> str:
    """The name of the bucket in which a hash (64 hex digits) lies."""
    digits = max(1, -(-bits // 4))
    return f"{int(sha256, 16) >> (_HASH_BITS - bits):0{digits}x}"


def _number(prefix: str, bits: int) -> int:
    digits = max(1, -(-bits // 4))
    if not re.fullmatch(f"[0-9a-f]{{{digits}}}", prefix) or int(prefix, 16) >> bits:
        raise WrongPrefix("This does not fit the division of today. Ask for it again.")
    return int(prefix, 16)


def _padded(answer: dict[str, object], size: int) -> bytes:
    """Up to the size with random digits: zeros would shrink when somebody compresses them."""
    bare = json.dumps(answer | {"padding": ""}, separators=(",", ":")).encode()
    missing = max(size, _size_class(len(bare))) - len(bare)
    padding = secrets.token_hex(missing // 2 + 1)[:missing].encode()
    return bare.removesuffix(b'"}') + padding + b'"}'
