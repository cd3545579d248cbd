"""A genuine file, known to the byte, at a million ledger rows: how long the answer takes.

Measured on `Verifier.verify`, the object behind page and API: hash of the file, ledger,
facts from our own record, today's status, verdict. No reader is started. Buckets are
measured as the API makes them: bytes of the answer. SQLite by default; the last line is
one JSON object.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from sqlalchemy import Table, insert
from sqlmodel import SQLModel

from bridges import LedgerBuckets
from checking import online_verifier
from credentials.ledger import Outcome
from credentials.standing import Mark, number_mark
from credentials.store import IntentRow, IssuedNumberRow, OutcomeRow
from register.rows import AwardVersionRow, PersonVersionRow
from storage.engine import unit_of_work
from tests.house import furnish, sealed_extracts
from verifier.buckets import Buckets, prefix_of
from verifier.sandbox import Sandbox
from verifier.verdict import VerdictCode
from wiring import Instance

PAGE = 20_000
DOCUMENTS = 8
Row = dict[str, object]


def main() -> None:
    """Fill a ledger, issue real documents into it, and check those."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--checks", type=int, default=400)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        instance = furnish(Path(folder), people=DOCUMENTS)
        files = sealed_extracts(instance, DOCUMENTS)
        begun = time.perf_counter()
        fill(instance, chosen.rows)
        print(f"{chosen.rows} rows in {time.perf_counter() - begun:.0f} s")
        print(json.dumps(measure(instance, files, chosen.checks)))
        instance.close()


def fill(instance: Instance, rows: int) -> None:
    """Documents of other people, one award and one person each, by the tables themselves."""
    award, person, intent = (
        _first(instance, table) for table in (AwardVersionRow, PersonVersionRow, IntentRow)
    )
    for start in range(0, rows, PAGE):
        numbers = range(start, min(start + PAGE, rows))
        pages: dict[type[SQLModel], list[Row]] = {
            AwardVersionRow: [
                award | {"award_id": f"x{n:07}", "person_id": f"y{n:07}"} for n in numbers
            ],
            PersonVersionRow: [person | {"person_id": f"y{n:07}"} for n in numbers],
            IntentRow: [_intent(intent, n) for n in numbers],
            OutcomeRow: [_outcome(n) for n in numbers],
            IssuedNumberRow: [
                {"number": _number(n), "sha256": number_mark(_number(n))} for n in numbers
            ],
        }
        with unit_of_work(instance.engine, writes=True) as session:
            for table, page in pages.items():
                session.connection().execute(insert(_table(table)), page)


def _table(row: type[SQLModel]) -> Table:
    return SQLModel.metadata.tables[str(row.__tablename__)]


def _first(instance: Instance, row: type[SQLModel]) -> Row:
    with unit_of_work(instance.engine) as session:
        found = session.connection().execute(_table(row).select().limit(1)).mappings().one()
        return dict(found)


def _number(place: int) -> str:
    return f"X{place:013}"


def _intent(like: Row, place: int) -> Row:
    return like | {
        "number": _number(place),
        "statement": f"{place:064x}",
        "award_id": f"x{place:07}",
        "award_version": 1 + (place % 50 == 0),
        "person_id": f"y{place:07}",
        "covered_digest": hashlib.sha256(b"covered%d" % place).hexdigest(),
    }


def _outcome(place: int) -> Row:
    digest = hashlib.sha256(b"file%d" % place).hexdigest()
    return {"number": _number(place), "outcome": Outcome.SEALED.value, "file_sha256": digest}


def measure(instance: Instance, files: list[bytes], checks: int) -> dict[str, float]:
    """Every figure of one run."""
    verifier = online_verifier(instance, Sandbox(size=0))  # a reader would be a wrong figure
    genuine = [files[number % len(files)] for number in range(checks)]

    def check(data: bytes) -> None:
        verdict = verifier.verify(data)
        assert verdict.code is VerdictCode.GENUINE_CURRENT, verdict
        assert verdict.facts is not None

    figures = dict(_named("hash", timed(check, genuine)))
    for mark in Mark:
        source = LedgerBuckets(instance.watching.standings, mark, instance.clock)
        buckets = Buckets(source, instance.clock)
        begun = time.perf_counter()
        width = buckets.width()
        figures[f"{mark}_width_ms"] = round(1e3 * (time.perf_counter() - begun), 1)
        hashes = [hashlib.sha256(b"%d" % n).hexdigest() for n in range(checks)]
        prefixes = [prefix_of(one, width.bits) for one in hashes]
        figures |= dict(_named(f"{mark}_bucket", timed(buckets.bucket, prefixes)))
        answers = [json.loads(buckets.bucket(one)) for one in prefixes[:100]]
        figures[f"{mark}_bits"] = width.bits
        figures[f"{mark}_bytes"] = width.size
        figures[f"{mark}_smallest_bucket"] = min(len(one["entries"]) for one in answers)
    for name, value in figures.items():
        print(f"{name:24} {value}")
    return figures


def timed(work: Callable[[Any], object], tasks: Sequence[Any]) -> list[tuple[float, float]]:
    """Milliseconds by the clock and of this process, for each task after a warm-up."""
    for task in tasks[:10]:
        work(task)
    taken = []
    for task in tasks:
        wall, own = time.perf_counter(), time.process_time()
        work(task)
        taken.append((1e3 * (time.perf_counter() - wall), 1e3 * (time.process_time() - own)))
    return taken


def _named(name: str, taken: list[tuple[float, float]]) -> Iterator[tuple[str, float]]:
    wall, own = [sorted(column) for column in zip(*taken, strict=True)]
    yield f"{name}_p50_ms", round(statistics.median(wall), 2)
    yield f"{name}_p95_ms", round(wall[int(0.95 * len(wall))], 2)
    yield f"{name}_cpu_p50_ms", round(statistics.median(own), 2)
    yield f"{name}_cpu_p95_ms", round(own[int(0.95 * len(own))], 2)


if __name__ == "__main__":
    main()
