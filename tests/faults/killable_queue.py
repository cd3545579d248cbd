"""A process that serves the queue, or preserves the archive, and kills itself at a chosen step.

Run as `python tests/faults/killable_queue.py HOME JOB STEP`. The steps are wrapped round
the real ports from outside, so the product has no hook for being killed.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from credentials.downloading import Downloads
from credentials.issuing import Issuer
from credentials.lint import LINTS
from settings import Settings
from tests.faults.killable import Mined
from wiring import Instance

SERVING = ("after claim", "after intend", "after put", "before end")
PRESERVING = ("after put", "after record")


def serve(instance: Instance, step: str) -> None:
    """One pass over the queue, as the running service makes it."""
    ledger, stored = Mined(instance.ledger, step), Mined(instance.archive, step)
    issuer = Issuer(instance.draw, Mined(instance.sealer, step), ledger, stored, LINTS)
    numbers = instance.downloads.draw_number
    road = Downloads(issuer, ledger, stored, numbers, instance.clock)
    waiting = instance.waiting
    mined = replace(waiting, downloads=road, wishes=Mined(waiting.wishes, step))
    mined.work(instance.clock())


def preserve(instance: Instance, step: str) -> None:
    """One run over the archive, as the command makes it."""
    home = instance.preserving
    stored, copies = Mined(home.preserved, step), Mined(home.copies, step)
    replace(home, preserved=stored, copies=copies).preserve()


if __name__ == "__main__":
    {"serve": serve, "preserve": preserve}[sys.argv[2]](
        Instance(Settings(home=Path(sys.argv[1]))), sys.argv[3]
    )
