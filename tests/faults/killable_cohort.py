"""A worker that issues a cohort in the real way and kills itself at a chosen step.

Run as `python tests/faults/killable_cohort.py HOME URL COHORT STEP CALLS`. The step is
wrapped round a real port from outside and lets CALLS calls pass, so that each worker
gets some way through the cohort before it dies.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from credentials.archive import FolderArchive
from credentials.bulk.engines import Inline, Shift, run
from credentials.bulk.store import SqlCohorts
from settings import Settings
from tests.credentials.real_bulk import bulk_of
from tests.faults.killable import die
from wiring import Instance

# Where one step ends and the next begins nothing lies between: one of the two is enough.
STEPS = (
    "before intend_all",
    "after intend_all",
    "after seal",
    "before put_all",
    "inside put_all",
    "after put_all",
    "after conclude_all",
    "after note",
    "before close",
    "after close",
)


class Mined:
    """A port on which, after some calls, one is the last thing this process does."""

    def __init__(self, port: Any, step: str, calls: int) -> None:
        self._port = port
        self._when, self._call = step.split()
        self._left = calls

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        if name != self._call:
            return found

        def mined(*args: Any, **kwargs: Any) -> Any:
            self._left -= 1
            if self._left < 0 and self._when == "before":
                die()
            result = found(*args, **kwargs)
            if self._left < 0 and self._when == "after":
                die()
            return result

        return mined


class HalfWritten(FolderArchive):
    """Dies when some files of a batch have their names, and one is written in part."""

    def __init__(self, folder: Path, calls: int) -> None:
        super().__init__(folder)
        self._left = calls

    def put_all(self, documents: Mapping[str, bytes]) -> None:
        self._left -= 1
        if self._left >= 0:
            super().put_all(documents)
            return
        numbers = list(documents)
        half = len(numbers) // 2
        super().put_all({number: documents[number] for number in numbers[:half]})
        part = self._path(numbers[half]).with_suffix(".part")
        part.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(documents[numbers[half]][:1_000])
        die()


def main(home: str, url: str, cohort: str, step: str, calls: str) -> None:
    """Issue the cohort; do not survive it."""
    instance = Instance(Settings(home=Path(home), database_url=url))
    folder, passes = Path(home) / "archive", int(calls)
    inside = step == "inside put_all"
    archive = HalfWritten(folder, passes) if inside else Mined(instance.archive, step, passes)
    bulk = bulk_of(
        instance,
        grace=timedelta(0),  # whoever was here before is dead
        sealer=Mined(instance.archival_sealer, step, passes),
        ledger=Mined(instance.ledger, step, passes),
        archive=archive,
        cohorts=Mined(SqlCohorts(instance.engine), step, passes),  # type: ignore[arg-type]
    )
    run(bulk, Inline(bulk), cohort, Shift())


if __name__ == "__main__":
    main(*sys.argv[1:])
