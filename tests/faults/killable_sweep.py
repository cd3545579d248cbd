"""A process that leaves a file under an abandoned number: it dies before it can remove it.

Run as `python tests/faults/killable_sweep.py HOME JOB AWARD`. `settling` gives an intent up
and dies before the file goes; `taken-for-dead` is given up while it seals, stores, and dies.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from credentials.downloading import Downloads
from credentials.extract import Language, Purpose
from credentials.issuing import Issuer
from credentials.lint import LINTS
from settings import Settings
from tests.faults.killable import Mined
from wiring import Instance

NOTHING = timedelta(0)
JOBS = ("settling", "taken-for-dead")


class GivenUp:
    """A sealer so slow that somebody else gives its intent up meanwhile."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    def __getattr__(self, name: str) -> Any:
        return getattr(self._instance.sealer, name)

    def seal(self, prepared: Any) -> bytes:
        """Seal, after all."""
        self._instance.reconciler.settle(older_than=NOTHING)
        return self._instance.sealer.seal(prepared)


def settling(instance: Instance, _award: str) -> None:
    """Settle, and die between the ledger's last word and the removal."""
    archive = Mined(instance.archive, "before remove")
    replace(instance.reconciler, archive=archive).settle(older_than=NOTHING)


def taken_for_dead(instance: Instance, award: str) -> None:
    """Download one extract, and die between storing and learning that it was given up."""
    ledger, stored = instance.ledger, Mined(instance.archive, "after put")
    issuer = Issuer(instance.draw, GivenUp(instance), ledger, stored, LINTS)
    road = Downloads(issuer, ledger, stored, instance.downloads.draw_number, instance.clock)
    road.extract(instance.register.award(award), Language.EN, Purpose.GENERAL)


if __name__ == "__main__":
    home, job, award = sys.argv[1:]
    dict(zip(JOBS, (settling, taken_for_dead), strict=True))[job](
        Instance(Settings(home=Path(home))), award
    )
