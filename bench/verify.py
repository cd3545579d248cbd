"""How long a check takes: known bytes, the full road, and plain pyHanko validation beside it.

All in one run on one file, so that ratios mean something. The last line is one JSON object.
"""

from __future__ import annotations

import hashlib
import io
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from keys import trust as trust_lists
from tests.verifier.memory import MemoryIndex, MemoryStatuses
from tests.verifier.sealed import NOW, NUMBER, make_world
from verifier.deciding import decide
from verifier.ports import IssuedDocument, Status
from verifier.reading import ReadingHere
from verifier.sandbox import Sandbox
from verifier.verdict import VerdictCode
from verifier.verifying import Verifier

ROUNDS = 100
ROWS = 200_000


def timed(work: Callable[[], object], rounds: int = ROUNDS) -> tuple[float, float]:
    """Median and 99th percentile in milliseconds, after one warm-up."""
    work()
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - start))
    return statistics.median(taken), statistics.quantiles(taken, n=100)[98]


def full_index() -> MemoryIndex:
    """An index with many rows, so that a lookup is a lookup."""
    index, issued = MemoryIndex(), IssuedDocument("X", datetime(2026, 1, 1, tzinfo=UTC))
    index.files = {hashlib.sha256(b"%d" % n).hexdigest(): issued for n in range(ROWS)}
    return index


GENUINE = (VerdictCode.GENUINE_CURRENT, VerdictCode.GENUINE_STATUS_UNKNOWN)


def main() -> None:
    """Measure, print a line each, and the figures as JSON at the end."""
    with tempfile.TemporaryDirectory() as folder, Sandbox(1) as rooms:
        world = make_world(Path(folder))
        sealed = world.seal(world.page())
        known, unknown = full_index(), full_index()
        known.add(sealed, NUMBER)
        statuses = MemoryStatuses({NUMBER: Status.GOOD})

        def road(index: MemoryIndex) -> Callable[[], object]:
            verifier = Verifier(
                index=index,
                statuses=statuses,
                trust=lambda: world.trust,
                reading=rooms,
                clock=lambda: NOW,
            )
            assert verifier.verify(sealed).code in GENUINE
            return lambda: verifier.verify(sealed)

        root = x509.Certificate.load(trust_lists.read(world.trust, now=NOW).roots[0])

        def plain() -> None:
            signature = PdfFileReader(io.BytesIO(sealed)).embedded_regular_signatures[0]
            context = ValidationContext(trust_roots=[root], moment=NOW, allow_fetching=False)
            assert validate_pdf_signature(signature, context).bottom_line

        here = ReadingHere()
        measured = {
            "hash_only": timed(lambda: known.find(hashlib.sha256(sealed).hexdigest())),
            "known": timed(road(known)),
            "full": timed(road(unknown)),
            "in_process": timed(
                lambda: decide(here.read(sealed, world.trust, NOW), checked_at=NOW)
            ),
            "pyhanko": timed(plain),
        }
        figures: dict[str, float] = {}
        for name, (median, worst) in measured.items():
            print(f"{name:12} p50 {median:8.3f} ms   p99 {worst:8.3f} ms")
            figures |= {f"{name}_p50_ms": round(median, 3), f"{name}_p99_ms": round(worst, 3)}
        figures["full_vs_pyhanko"] = round(measured["pyhanko"][0] / measured["full"][0], 2)
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
