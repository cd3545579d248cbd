"""How fast a file of the import format goes into SQLite, and how much memory that takes.

    python bench/register_import.py [--lines N]

Prints progress, then one JSON object. The file is synthetic and made beforehand;
the import runs in a process of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from sqlmodel import SQLModel

from register.importing import import_lines
from register.vault import Vault
from register.writing import SqlWriter
from storage.engine import open_engine

INSTITUTION = {
    "type": "institution",
    "code": "05KO",
    "names": [{"name": "Voorbeeldcollege", "since": "1990-08-01"}],
}
VO = {"type": "programme", "code": "vwo", "scheme": "vo", "sector": "vo"}
MBO = {"type": "programme", "code": "25001", "scheme": "crebo", "sector": "mbo"}
TITLE = {"title": {"nl": "Opleiding", "en": "Programme"}, "nlqf": "4", "eqf": 4}
SUBJECTS = [
    {
        "subject": {"nl": f"Vak {number}", "en": f"Subject {number}"},
        "schoolExam": "7.1",
        "centralExam": "6.8",
        "final": "7",
    }
    for number in range(8)
]


def numbers(number: int) -> dict[str, str]:
    """A BSN that passes the eleven test; nothing for the few prefixes that have none."""
    prefix = f"{10_000_000 + number}"
    check = sum((9 - place) * int(digit) for place, digit in enumerate(prefix)) % 11
    return {"bsn": f"{prefix}{check}"} if check < 10 else {}


def person(number: int) -> dict[str, object]:
    """Somebody with one award; every other one has marks, every third is hard to sort."""
    vo = number % 2 == 0
    award = {
        "award": f"a{number * 2654435761 % 2**32:08x}",
        "institution": "05KO",
        "programme": "vwo" if vo else "25001",
        "awarded": "2019-07-05",
        "results": SUBJECTS if vo else [],
    }
    return {
        "type": "person",
        "person": f"p{number * 2654435761 % 2**32:08x}",
        "name": {"given": "Åsa Żofia", "prefix": "van den", "surname": f"Ŀaan {number}"},
        "birth": "1991-05",
        "birthCountry": "NL",
        **numbers(number),
        "awards": [award],
    }


def write(path: Path, lines: int) -> None:
    """Make the file: a header, three lines of codes, and people."""
    with path.open("w", encoding="utf-8") as file:
        for line in (
            {"format": "echt-register", "version": 1},
            INSTITUTION,
            VO | TITLE,
            MBO | TITLE,
        ):
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
        for number in range(lines):
            file.write(json.dumps(person(number), ensure_ascii=False) + "\n")


def measure(path: Path) -> dict[str, float]:
    """Import the file into a new database in this process."""
    engine = open_engine(f"sqlite:///{path.with_suffix('.db')}")
    SQLModel.metadata.create_all(engine)
    writer = SqlWriter(engine, Vault(os.urandom(32)), lambda: datetime.now(UTC))
    shown = 0

    def progress(done: int, size: int) -> None:
        nonlocal shown
        if done * 10 // size > shown:
            shown = done * 10 // size
            print(f"imported {shown * 10}%", flush=True)

    began = time.perf_counter()
    account = import_lines(path, writer, progress=progress)
    seconds = time.perf_counter() - began
    assert account.refused == 0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "awards_per_s": round(account.awards / seconds),
        "peak_rss_mb": round(peak, 1),
        "lines": account.kept,
    }


def main() -> None:
    """Make the file, then measure in a fresh process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--measure", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        print(json.dumps(measure(chosen.measure)))
        return
    with tempfile.TemporaryDirectory(prefix="echt-bench-") as folder:
        path = Path(folder) / "people.jsonl"
        write(path, chosen.lines)
        print(f"made {chosen.lines} lines, {path.stat().st_size / 1e6:.0f} MB", flush=True)
        command = [sys.executable, __file__, "--measure", str(path)]
        here = Path(__file__).resolve().parent.parent
        subprocess.run(command, check=True, env={**os.environ, "PYTHONPATH": str(here)})


if __name__ == "__main__":
    main()
