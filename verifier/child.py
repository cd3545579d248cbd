"""The closed room: a process that reads one file after another and tells what it saw.

Started by `verifier.sandbox`. All imports happen before the limits fall; after that
it speaks through two pipes and has nothing else.
"""

from __future__ import annotations

import gc
import json
import logging
import sys
from datetime import datetime
from typing import BinaryIO

from cryptography.hazmat.backends.openssl import backend

from verifier import wire
from verifier.confinement import allow_cpu, confine
from verifier.reading import ReadingHere

MAX_QUESTION = 16 * 1024 * 1024
BEHIND_THE_WALLS = (backend,)
"""What the library imports by itself at its first signature, when no file can be opened."""


def main() -> None:
    """Answer questions until the pipe closes."""
    logging.disable(logging.CRITICAL)  # what a file says must reach no log
    walls = confine()
    gc.freeze()  # what was imported stays: no need to look through it between two files
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    sink.write(wire.READY + walls.told())
    sink.flush()
    while (header := part_of(source)) is not None:
        trust, data = part_of(source), part_of(source)
        if trust is None or data is None:
            return
        allow_cpu()
        sink.write(_answer(header, trust, data))
        sink.flush()


def _answer(header: bytes, trust: bytes, data: bytes) -> bytes:
    try:
        asked = json.loads(header)
        now = datetime.fromisoformat(asked["now"])
        listed = None if asked["trust"] is None else trust
        return wire.answer(ReadingHere().read(data, listed, now, wire.asked(asked)))
    except Exception as cause:  # noqa: BLE001 - the boundary: whatever a file provokes stays here
        reason = getattr(cause, "reason", None) or "damaged"
        return wire.answer(None, reason if isinstance(reason, str) else "damaged")


def part_of(source: BinaryIO) -> bytes | None:
    """The next part of a question; None when the pipe closes or the part is too long."""
    prefix = source.read(wire.LENGTH.size)
    if len(prefix) < wire.LENGTH.size:
        return None
    (length,) = wire.LENGTH.unpack(prefix)
    if length > MAX_QUESTION:
        return None
    data = source.read(length)
    return data if len(data) == length else None


if __name__ == "__main__":
    main()
