"""A closed room for one comparison: it reads one file, draws two revisions, and is gone."""

from __future__ import annotations

import json
import logging
import sys
from datetime import datetime

from verifier import comparing, wire
from verifier.child import part_of
from verifier.confinement import allow_cpu, confine
from verifier.drawing import compare
from verifier.pdf.earlier import sealed_revision


def main() -> None:
    """Answer one question."""
    logging.disable(logging.CRITICAL)  # what a file says must reach no log
    walls = confine()
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    sink.write(wire.READY + walls.told())
    sink.flush()
    header, trust, data = (part_of(source) for _ in range(3))
    if header is None or trust is None or data is None:
        return
    allow_cpu()
    body = _answer(header, trust, data)
    sink.write(wire.LENGTH.pack(len(body)) + body)
    sink.flush()


def _answer(header: bytes, trust: bytes, data: bytes) -> bytes:
    try:
        asked = json.loads(header)
        listed = None if asked["trust"] is None else trust
        before = sealed_revision(data, listed, datetime.fromisoformat(asked["now"]))
        return comparing.told(None if before is None else compare(before, data))
    except Exception:  # noqa: BLE001 - the boundary: whatever a file provokes stays here
        return comparing.told(None)
