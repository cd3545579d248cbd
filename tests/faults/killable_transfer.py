"""A process that goes on with a transfer after the holder's yes, and kills itself at a step.

Run as `python tests/faults/killable_transfer.py HOME TID SECRET STEP`.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from emrex.exchange.exchanging import mark
from emrex_wiring import exchange_of
from settings import Settings
from tests.faults.killable import Mined
from wiring import Instance

STEPS = (
    "before change",
    "after change",
    "before document",
    "after document",
    "before keep_signed",
    "after keep_signed",
)


def main(home: str, tid: str, secret: str, step: str) -> None:
    """Say yes, as the page does."""
    whole = exchange_of(Instance(Settings(home=Path(home))))
    mined = replace(whole, transfers=Mined(whole.transfers, step), maker=Mined(whole.maker, step))
    one = whole.find(tid, secret)
    mined.consent(one, "en", mark(whole.chosen(one)))


if __name__ == "__main__":
    main(*sys.argv[1:])
