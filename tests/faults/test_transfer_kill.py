"""Kill a real process between any two states of a transfer: the client is answered, once and truly.

emrex.md 3.2 and 4.25.
"""

from __future__ import annotations

import hashlib
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from emrex.exchange.exchanging import Exchange, mark
from emrex.exchange.request import request_of
from emrex.exchange.states import State
from emrex.exchange.transaction import Holder
from emrex.packing import unpacked
from emrex_wiring import exchange_of
from register.synthetic.personas import PERSONAS
from tests.commands import script
from tests.faults.killable_transfer import STEPS
from tests.house import furnish
from wiring import Instance

SCRIPT = Path(__file__).with_name("killable_transfer.py")
PERSON = PERSONAS[0].person_id
FORM = [("sessionId", "s"), ("returnUrl", "https://emc.example.edu/back")]


@pytest.fixture(name="instance", scope="module")
def _instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Instance]:
    instance = furnish(tmp_path_factory.mktemp("transfers"), people=1)
    yield instance
    instance.close()


def previewed(exchange: Exchange, person: str) -> tuple[str, str]:
    """A transfer whose holder looks at what would be sent."""
    tid, secret = exchange.open(request_of(FORM))
    one = exchange.send_to_log_in(exchange.find(tid, secret))
    one = exchange.let_in(one, Holder(person, "substantial"))
    award = exchange.offered(one)[0].award.award_id
    exchange.choose(one, [award])
    return tid, secret


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
def test_whatever_is_killed_the_transfer_ends_in_one_answer(instance: Instance, step: str) -> None:
    exchange = exchange_of(instance)
    before = {one.tid for one in exchange.transfers.receipts(PERSON)}
    tid, secret = previewed(exchange, PERSON)
    ended = script(SCRIPT, str(instance.settings.home), tid, secret, step)
    assert ended.returncode == -signal.SIGKILL, ended.stderr

    one = exchange.find(tid, secret)
    if one.state is State.PREVIEW:
        exchange.consent(one, "en", mark(exchange.chosen(one)))
    elif one.state is State.CONSENTED:
        exchange.finish(one, "en")
    said = dict(exchange.hand_over(exchange.find(tid, secret)).fields)

    assert said["returnCode"] == "NCP_OK"
    receipts = [one for one in exchange.transfers.receipts(PERSON) if one.tid not in before]
    assert [one.tid for one in receipts] == [tid]
    assert receipts[0].sha256 == hashlib.sha256(unpacked(said["elmo"])).hexdigest()
