"""What a transfer relies on, in memory and over both databases."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from emrex.exchange import transaction as steps
from emrex.exchange.ports import Transfers
from emrex.exchange.receipt import NamedBy, Receipt, ShownReceiver
from emrex.exchange.request import request_of
from emrex.exchange.states import State
from emrex.exchange.store import SqlTransfers
from emrex.exchange.transaction import Holder, Transaction
from tests.contracts.memory_transfers import MemoryTransfers

NOW = datetime(2026, 11, 21, 13, tzinfo=UTC)
BROWSER = "b" * 64
REQUEST = request_of(
    [
        ("sessionId", "a+/=&<\"é'b"),
        ("returnUrl", "https://emc.example.edu:8443/back?x=1&y=2"),
        ("elmoVersion", "1.6"),
    ]
)


@pytest.fixture(name="transfers", params=["memory", "sqlite", "postgresql"])
def _transfers(request: pytest.FixtureRequest) -> Transfers:
    if request.param == "memory":
        return MemoryTransfers()
    return SqlTransfers(request.getfixturevalue(f"{request.param}_engine"))


def begun(transfers: Transfers, tid: str = "t1", at: datetime = NOW) -> Transaction:
    one = steps.begun(tid, REQUEST, at)
    transfers.add(one, BROWSER)
    return one


def agreed(transfers: Transfers, tid: str = "t1") -> Transaction:
    """A transfer that was said yes to."""
    one = begun(transfers, tid)
    ways: tuple[Callable[[Transaction], Transaction], ...] = (
        lambda it: steps.logging_in(it, NOW),
        lambda it: steps.logged_in(it, Holder("p1", "substantial"), NOW),
        lambda it: steps.chosen(it, ("a1", "a2"), NOW),
        lambda it: steps.consented(it, NOW),
    )
    for way in ways:
        after = way(one)
        assert transfers.change(one, after)
        one = after
    return one


def receipt(tid: str = "t1", person: str = "p1") -> Receipt:
    return Receipt(
        f"r-{tid}", tid, person, "1", "de", "emc.example.edu", "https://emc.example.edu:8443",
        ("a1", "a2"), "0" * 64, "1" * 64, NOW,
    )  # fmt: skip


@pytest.mark.parametrize(
    "shown",
    [
        ShownReceiver(),
        ShownReceiver("", NamedBy.NOBODY, None, warned=True),
        ShownReceiver("Universität Wien", NamedBy.US, None, warned=False),
        ShownReceiver("University of Oslo", NamedBy.REGISTRY, NOW, warned=False),
    ],
)
def test_a_receipt_keeps_what_was_shown_of_the_receiver(
    transfers: Transfers, shown: ShownReceiver
) -> None:
    """emrex.md 3.3, 4.25: also after the registry says something else."""
    one = agreed(transfers)
    kept = replace(receipt(), shown=shown)
    assert transfers.keep_signed(one, steps.signed(one, NOW), b"<elmo/>", kept)

    assert transfers.receipts("p1") == (kept,)


def sent(transfers: Transfers, tid: str = "t1") -> Transaction:
    one = agreed(transfers, tid)
    signed = steps.signed(one, NOW)
    assert transfers.keep_signed(one, signed, b"<elmo/>", receipt(tid))
    return signed


def test_a_transfer_comes_back_as_it_was_in_every_state(transfers: Transfers) -> None:
    """emrex.md 4.4: the session id too, byte for byte."""
    one = begun(transfers)

    assert transfers.find("t1", BROWSER) == one
    last = sent(transfers, "t2")
    assert transfers.find("t2", BROWSER) == last
    over = steps.fetched(last, NOW)
    assert transfers.change(last, over)
    assert transfers.find("t2", BROWSER) == over


def test_another_browser_finds_nothing(transfers: Transfers) -> None:
    """emrex.md 4.12."""
    begun(transfers)

    assert transfers.find("t1", "c" * 64) is None
    assert transfers.find("t9", BROWSER) is None


def test_a_step_is_taken_once_however_many_try(transfers: Transfers) -> None:
    signed = sent(transfers)
    over = steps.fetched(signed, NOW)
    with ThreadPoolExecutor(4) as pool:
        taken = list(pool.map(lambda _: transfers.change(signed, over), range(4)))

    assert sorted(taken) == [False, False, False, True]
    again = steps.fetched(over, NOW)
    assert transfers.change(over, again)
    assert not transfers.change(over, again)


def test_document_and_receipt_are_kept_with_the_state_or_not_at_all(transfers: Transfers) -> None:
    """emrex.md 4.25."""
    one = agreed(transfers)
    stopped = steps.ended(one, State.FAILED, NOW)
    assert transfers.change(one, stopped)

    assert not transfers.keep_signed(one, steps.signed(one, NOW), b"<elmo/>", receipt())
    assert transfers.document("t1") is None
    assert transfers.receipts("p1") == ()


def test_a_receipt_is_the_holders_alone_and_a_yes_is_taken_back_once(transfers: Transfers) -> None:
    sent(transfers)
    transfers.withdraw("somebody else", "r-t1", NOW)
    assert transfers.receipts("p1") == (receipt(),)
    assert transfers.receipts("somebody else") == ()

    for minutes in (1, 2):
        transfers.withdraw("p1", "r-t1", NOW + timedelta(minutes=minutes))
    taken_back = replace(receipt(), withdrawn_at=NOW + timedelta(minutes=1))
    assert transfers.receipts("p1") == (taken_back,)


def test_what_nobody_goes_on_with_expires_and_what_was_signed_stays(transfers: Transfers) -> None:
    begun(transfers, "old", NOW - timedelta(hours=1))
    begun(transfers, "new")
    signed = sent(transfers, "signed")

    assert transfers.expire(NOW - steps.IDLE, NOW - steps.TOTAL) == 1
    assert transfers.expire(NOW + steps.IDLE, NOW + steps.TOTAL) == 1
    states = {
        tid: one.state for tid in ("old", "new", "signed") if (one := transfers.find(tid, BROWSER))
    }
    assert states == {"old": State.EXPIRED, "new": State.EXPIRED, "signed": signed.state}


def test_a_document_goes_and_its_receipt_stays(transfers: Transfers) -> None:
    """emrex.md 3.2: erased after the hand-over."""
    signed = sent(transfers)
    assert transfers.erase(NOW + timedelta(days=1), NOW) == 0
    assert transfers.document("t1") == b"<elmo/>"

    assert transfers.change(signed, steps.fetched(signed, NOW))
    assert transfers.erase(NOW, NOW + timedelta(days=1)) == 0
    assert transfers.erase(NOW + timedelta(seconds=1), NOW) == 1
    assert transfers.document("t1") is None
    assert transfers.receipts("p1") == (replace(receipt(), handed_over=NOW),)


def test_a_document_that_nobody_fetched_goes_too(transfers: Transfers) -> None:
    """emrex.md 3.2, browser left: by when it was signed; its receipt says that it never left."""
    sent(transfers)
    later = steps.fetched(sent(transfers, "t2"), NOW)
    assert transfers.change(replace(later, state=State.SIGNED, fetched=0), later)
    assert transfers.erase(NOW, NOW) == 0

    assert transfers.erase(NOW, NOW + timedelta(seconds=1)) == 1
    assert transfers.document("t1") is None
    assert transfers.document("t2") == b"<elmo/>"
    assert transfers.receipts("p1") == (
        receipt(),
        replace(receipt("t2"), handed_over=NOW),
    )
