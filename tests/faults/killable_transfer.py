"""A process that takes one step of a transfer, and kills itself at a call of it.

Run as `python tests/faults/killable_transfer.py HOME TID SECRET MOVE STEP`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from emrex.exchange.exchanging import Exchange, mark
from emrex.exchange.states import State
from emrex.exchange.transaction import Holder, Transaction
from emrex_wiring import exchange_of
from register.synthetic.personas import PERSONAS
from settings import Settings
from tests.faults.killable import Mined
from wiring import Instance

PERSON = PERSONAS[0].person_id
MOVES: Mapping[str, Callable[[Exchange, Transaction], object]] = {
    "leave": lambda exchange, one: exchange.send_to_log_in(one),
    "come": lambda exchange, one: exchange.let_in(one, Holder(PERSON, "substantial"))[0],
    "choose": lambda exchange, one: exchange.choose(
        one, [exchange.offered(one).records[0].award.award_id]
    ),
    "again": lambda exchange, one: exchange.choose_again(one),
    "yes": lambda exchange, one: exchange.consent(one, "en", mark(exchange.chosen(one))),
    "finish": lambda exchange, one: exchange.finish(one, "en"),
    "stop": lambda exchange, one: exchange.stop(one, State.CANCELLED),
    "fetch": lambda exchange, one: exchange.hand_over(one),
}
"""What a page of ours does, by a name."""
CALLS: Mapping[str, tuple[str, ...]] = {
    "yes": ("change", "document", "keep_signed"),
    "finish": ("document", "keep_signed"),
    "fetch": ("document", "change"),
}
"""On which calls one can be killed; on `change` alone where nothing is said."""


def main(home: str, tid: str, secret: str, move: str, step: str) -> None:
    """Take the step, as the page does."""
    whole = exchange_of(Instance(Settings(home=Path(home))))
    mined = replace(whole, transfers=Mined(whole.transfers, step), maker=Mined(whole.maker, step))
    MOVES[move](mined, whole.find(tid, secret))


if __name__ == "__main__":
    main(*sys.argv[1:])
