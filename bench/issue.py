"""Issuing in one process: record to sealed extract with its ledger rows.

Prints milliseconds per step and, as the last line, one JSON object. The baseline is
the drawing alone, in the same run: `seal_share` is what sealing and ledger add to it.
Every document of the timed run is verified afterwards.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from credentials.extract import Language, Purpose
from register.importing import import_lines
from register.records import AwardStatus
from register.synthetic.generate import write
from settings import Settings
from wiring import Instance


def main() -> None:
    """Issue extracts of the synthetic register in its own mix of sectors."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--documents", type=int, default=200)
    wanted = parser.parse_args().documents
    with tempfile.TemporaryDirectory() as folder:
        instance = Instance(Settings(home=Path(folder)))
        write(Path(folder) / "people.jsonl", people=wanted, seed=7)
        import_lines(Path(folder) / "people.jsonl", instance.writer)
        print(json.dumps(measure(instance, wanted)))
        instance.close()


def measure(instance: Instance, wanted: int) -> dict[str, float]:
    """Issue, draw the same again without seal, and check every result."""
    records = [
        record
        for record in instance.register.awards(limit=wanted * 2)
        if record.award.status is not AwardStatus.WITHDRAWN
    ][:wanted]
    road, languages = instance.downloads, list(Language)
    road.extract(records.pop(), Language.NL, Purpose.GENERAL)  # warm: fonts and templates
    issued_ms, drawn_ms = [], []
    for place, record in enumerate(records):
        language = languages[place % 3]
        begun = time.perf_counter()
        issued = road.extract(record, language, Purpose.GENERAL)
        issued_ms.append((time.perf_counter() - begun) * 1e3)
        entry = instance.ledger.by_number(issued.number)
        assert entry is not None
        assert instance.sealer.covers(issued.document, entry.intent.covered_digest)
    for place, record in enumerate(records):
        extract = road.draft(record, languages[place % 3], Purpose.GENERAL)
        begun = time.perf_counter()
        instance.draw(extract)
        drawn_ms.append((time.perf_counter() - begun) * 1e3)
    figures = {
        "documents": len(records),
        "documents_per_s": round(1e3 / statistics.mean(issued_ms), 1),
        "issue_ms_p50": round(statistics.median(issued_ms), 1),
        "issue_ms_p99": round(statistics.quantiles(issued_ms, n=100)[98], 1),
        "draw_ms_p50": round(statistics.median(drawn_ms), 1),
        "draw_ms_p99": round(statistics.quantiles(drawn_ms, n=100)[98], 1),
        "issue_vs_draw": round(statistics.mean(issued_ms) / statistics.mean(drawn_ms), 2),
    }
    for name, value in figures.items():
        print(f"{name:16} {value}")
    return figures


if __name__ == "__main__":
    main()
