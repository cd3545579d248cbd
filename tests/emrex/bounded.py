"""A process that reads one file as the validator does, within ten seconds of work.

Run as `python tests/emrex/bounded.py FILE`. Says the verdict, the reason, and by how many
megabytes the process grew at most, whoever asked for them: Python, libxml2 or zlib.
"""

from __future__ import annotations

import re
import resource
import sys
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from emrex.validating.report import report

SECONDS = 10
"""Of work, not of a clock: a busy machine decides nothing, and what runs away is killed."""
NOW = datetime(2026, 11, 21, 13, tzinfo=UTC)
_PEAK = re.compile(r"^VmHWM:\s+(\d+) kB$", re.MULTILINE)


def main(file: str) -> None:
    """Read it, and say what it cost."""
    data = Path(file).read_bytes()
    report(b"<elmo/>", [], NOW)  # what is read once for all files is not the file's
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")  # the peak begins here
    before = _peak_mb()
    found = report(data, [], NOW)
    sys.stdout.write(f"{found.signature} {found.reason} {_peak_mb() - before}")


def _peak_mb() -> float:
    (peak,) = _PEAK.findall(Path("/proc/self/status").read_text(encoding="ascii"))
    return int(peak) / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
