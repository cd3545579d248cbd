"""A process that answers or redeems in EMREX 2.0, and kills itself at a step.

Run as `python tests/faults/killable_grant.py HOME CLIENTS STEP TOLD`, the last in JSON.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from emrex.two.redeeming import Presented
from emrex_two_wiring import Two, two_of
from emrex_wiring import exchange_of
from settings import Emrex2Settings, Settings
from tests.faults.killable import Mined
from wiring import Instance

ANSWERING = ("before change", "after change", "before give_code", "after give_code")
REDEEMING = ("before use_once", "after use_once", "before spend", "after spend")


def opened(home: str, clients: str) -> Two:
    """EMREX 2.0 of an instance."""
    settings = Settings(home=Path(home), emrex2=Emrex2Settings(clients_file=Path(clients)))
    instance = Instance(settings)
    two = two_of(instance, exchange_of(instance))
    assert two is not None
    return two


def main(home: str, clients: str, step: str, words: str) -> None:
    """Do as the pages and the API do."""
    two, told = opened(home, clients), json.loads(words)
    two = replace(two, grants=Mined(two.grants, step))
    if step in ANSWERING:
        exchange = replace(two.exchange, transfers=Mined(two.exchange.transfers, step))
        transfer = exchange.find(told["tid"], told["secret"])
        replace(two, exchange=exchange).authorising.address(transfer, told["secret"])
    else:
        two.api.redeeming.token(Presented(**told))


if __name__ == "__main__":
    main(*sys.argv[1:])
