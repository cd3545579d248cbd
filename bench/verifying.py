"""How long a check takes, beside pyHanko in the same run, and what hostile files cost others.

Everything is measured through the sandbox, on a file at B-LTA of ours that the ledger does
not know; pyHanko validates the same file by ETSI EN 319 102-1 with its archive time-stamp,
offline, warm, in this process. Its answer and ours are both checked. The last line is one
JSON object. `bench/hash_lookup.py` has the look-up among a million rows.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from pyhanko.sign.ades.report import AdESPassed

from credentials.sealing import Level
from keys import trust as trust_lists
from tests.oracles.ades import Judge
from tests.verifier.memory import MemoryIndex, MemoryStatuses
from tests.verifier.sealed import ADDRESS, NOW, NUMBER, World, make_world
from tests.verifier.test_hostile import FILES
from verifier.ports import Status
from verifier.sandbox import Sandbox
from verifier.verdict import VerdictCode
from verifier.verifying import Verifier

ROUNDS = 40
QUIET_ROUNDS = 60
ROOMS = 2
MIB = 1024 * 1024


def milliseconds(work: Callable[[], object]) -> float:
    """What one call takes on the clock."""
    start = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - start)


def in_turns(*works: Callable[[], object]) -> list[list[float]]:
    """Times of several things, taken in turns: a busy machine hits all of them alike."""
    for work in works:
        work()
    return [
        list(row)
        for row in zip(*([milliseconds(w) for w in works] for _ in range(ROUNDS)), strict=True)
    ]


def full_road(world: World, rooms: Sandbox, sealed: bytes) -> Callable[[], object]:
    """The whole check of a file that the ledger does not know, its seal being recorded."""
    verifier = Verifier(
        index=None,
        statuses=MemoryStatuses({NUMBER: Status.GOOD}),
        trust=lambda: world.trust,
        reading=rooms,
        clock=lambda: NOW,
        address=ADDRESS,
    )

    def check() -> None:
        assert verifier.verify(sealed).code is VerdictCode.GENUINE_CURRENT

    return check


def hostile(rooms: Sandbox, check: Callable[[], object]) -> tuple[float, float]:
    """The slowest hostile file in seconds, and the most memory that a room ever had in MiB."""
    verifier = stranger(rooms, MemoryIndex())
    slowest, most = 0.0, 0.0
    for name, make in FILES.items():
        data = make()
        taken = milliseconds(partial(verifier.verify, data)) / 1000
        check()  # a room that was torn down has its successor by now
        peak = rooms.peak_memory() / MIB
        print(f"{name:32} {taken:6.2f} s {peak:6.0f} MiB")
        slowest, most = max(slowest, taken), max(most, peak)
    return slowest, most


def stranger(rooms: Sandbox, index: MemoryIndex | None = None) -> Verifier:
    """A verifier for files of which nothing is ours."""
    return Verifier(
        index=index,
        statuses=None,
        trust=lambda: None,
        reading=rooms,
        clock=lambda: NOW,
        address=ADDRESS,
    )


def p99(times: list[float]) -> float:
    """The 99th percentile."""
    return statistics.quantiles(times, n=100, method="inclusive")[98]


def effect(world: World, sealed: bytes) -> float:
    """p99 of other people while one person sends hostile files, over p99 without that person."""
    with Sandbox(ROOMS) as rooms:
        check = full_road(world, rooms, sealed)
        with ThreadPoolExecutor(ROOMS) as pool:  # each room has read the trust list once
            for done in [pool.submit(check) for _ in range(ROOMS)]:
                done.result()
        quiet = p99([milliseconds(check) for _ in range(QUIET_ROUNDS)])
        stop = threading.Event()
        files = [make() for name, make in FILES.items() if name != "ten_megabytes_and_one"]

        def attacker() -> None:
            bad = stranger(rooms)
            while not stop.is_set():
                for data in files:
                    bad.verify(data)
                    if stop.is_set():
                        return

        thread = threading.Thread(target=attacker)
        thread.start()
        under = p99([milliseconds(check) for _ in range(QUIET_ROUNDS)])
        stop.set()
        thread.join()
    return under / quiet


def main() -> None:
    """Measure, print a line each, and the figures as JSON at the end."""
    with tempfile.TemporaryDirectory() as folder, Sandbox(1) as rooms:
        world = make_world(Path(folder))
        sealed = world.seal(world.page(), Level.B_LTA)
        judge = Judge(trust_lists.read(world.trust, now=NOW).roots[0], NOW)

        def pyhanko() -> None:
            assert judge.archival(sealed) is AdESPassed.OK

        check = full_road(world, rooms, sealed)
        ours, theirs = in_turns(check, pyhanko)
        for name, times in (("full road", ours), ("pyHanko B-LTA", theirs)):
            print(f"{name:14} p50 {statistics.median(times):8.2f} ms   min {min(times):8.2f} ms")
        seconds, memory = hostile(rooms, check)
        figures = {
            "full_p50_ms": round(statistics.median(ours), 2),
            "pyhanko_p50_ms": round(statistics.median(theirs), 2),
            "pdf_vs_pyhanko": round(statistics.median(theirs) / statistics.median(ours), 1),
            "pdf_vs_pyhanko_min": round(min(theirs) / min(ours), 1),
            "hostile_s": round(seconds, 2),
            "hostile_mb": round(memory),
            "hostile_effect": round(effect(world, sealed), 2),
        }
        print(json.dumps(figures))


if __name__ == "__main__":
    main()
