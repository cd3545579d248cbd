"""How fast synthetic people are written to a file, in one process.

    python bench/synthesise.py [--people N]

The last printed line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import time
from pathlib import Path

from register.synthetic import write


def main() -> None:
    """Write the file once and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=200_000)
    people = parser.parse_args().people
    shown = 0

    def progress(written: int) -> None:
        nonlocal shown
        if written * 10 // people > shown:
            shown = written * 10 // people
            print(f"written {shown * 10}%", flush=True)

    with tempfile.TemporaryDirectory(prefix="echt-bench-") as folder:
        path = Path(folder) / "register.jsonl"
        began = time.perf_counter()
        write(path, people=people, seed=1, progress=progress)
        seconds = time.perf_counter() - began
        megabytes = path.stat().st_size / 1e6
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    figures = {
        "people_per_s": round(people / seconds),
        "people": people,
        "seconds": round(seconds, 2),
        "file_mb": round(megabytes, 1),
        "peak_rss_mb": round(peak, 1),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
