"""Hundreds of holders at once, each doing anything, and everything of ours away now and then.

After each step the stored state of every transfer is compared with a small reference
(`tests.emrex.crowd`); at the end everything works again, and each one gets its one answer.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy.engine import Engine
from sqlmodel import delete

from emrex.elmo.profiles import Version
from emrex.errors import EmrexError, NoSuchTransfer
from emrex.exchange.answering import Answer
from emrex.exchange.exchanging import Exchange, mark
from emrex.exchange.ports import Transfers
from emrex.exchange.receipt import Fate, Receipt
from emrex.exchange.request import request_of
from emrex.exchange.states import State
from emrex.exchange.store import DocumentRow, ReceiptRow, SqlTransfers, TransferRow
from emrex.exchange.transaction import Holder, Transaction
from emrex.making import Made
from emrex.packing import unpacked
from keys.errors import KeyUnavailable
from register.records import AwardRecord
from storage.engine import unit_of_work
from storage.errors import StorageUnavailable
from tests.contracts.memory_transfers import MemoryTransfers
from tests.credentials.people import extract
from tests.emrex.conftest import NOW, Desk
from tests.emrex.crowd import OPEN, STEPS, TOLD, Faulty, Known, Outages, Ticket, road

RECORDS: Mapping[str, AwardRecord | None] = {
    "p1": extract("hbo").record,
    "p2": extract("vwo").record,
    "nobody": None,
}
HOSTS = ("one.example.edu", "two.example.edu", "three.example.edu")
REASONS = {"stop": State.CANCELLED, "fail": State.FAILED, "nothing": State.NO_RESULTS}
ERASED = timedelta(minutes=10)
LEFT = timedelta(hours=1)
LATER = timedelta(minutes=2)
AHEAD = {
    "received": "in",
    "authenticating": "in",
    "selecting": "choose",
    "preview": "yes",
    "consented": "yes",
}
CALLS = ("find", "change", "keep_signed", "document")


class Crowd(RuleBasedStateMachine):
    """Holders, their browsers' pages of before, a clock, and outages."""

    sealed: Callable[[str, str], Made]
    store: Callable[[], Transfers]
    reached: set[str]
    """Every state that was seen, and every call on which the store tripped."""

    @initialize(size=st.sampled_from([1, 20, 200]))
    def open(self, size: int) -> None:
        self.now = self.tidied = NOW
        self.away = Outages()
        self.faulty = Faulty(self.store(), self.away)
        self.exchange = Exchange(self.faulty, self, self, lambda: self.now)
        self.tickets: list[Ticket] = []
        self.known: dict[str, Known] = {}
        self.heard: dict[str, set[Answer]] = {}
        self.pages: list[tuple[Ticket, Transaction, Known]] = []
        for _ in range(size):
            self.begin()

    def awards_of(self, person_id: str) -> tuple[AwardRecord, ...]:
        """The register."""
        if self.away.register:
            raise StorageUnavailable("away")
        record = RECORDS[person_id]
        return (record,) if record else ()

    def document(
        self,
        records: Sequence[AwardRecord],
        version: Version,
        receiver: str,
        transaction: str = "",
    ) -> Made:
        """The signer."""
        del version, transaction
        if self.away.signer:
            raise KeyUnavailable("away")
        (record,) = records
        return type(self).sealed(record.award.award_id, receiver)

    @rule()
    def begin(self) -> None:
        number = len(self.tickets)
        session = f"session-{number}"
        address = f"https://{HOSTS[number % len(HOSTS)]}/back?number={number}"
        try:
            asked = request_of([("sessionId", session), ("returnUrl", address)])
            tid, secret = self.exchange.open(asked)
        except StorageUnavailable:
            return
        person = list(RECORDS)[number % len(RECORDS)]
        self.tickets.append(Ticket(tid, secret, person, session, address))
        self.known[tid] = Known("received", self.now, self.now)

    @precondition(lambda self: self.tickets)
    @rule(place=st.integers(0, 250), step=st.sampled_from(STEPS))
    def one_goes_on(self, place: int, step: str) -> None:
        self._go_on(self.tickets[place % len(self.tickets)], step)

    @rule(
        seed=st.integers(0, 2**16),
        wild=st.sampled_from([0, 0.1, 1]),
        trips=st.booleans(),
        rounds=st.sampled_from([5, 2, 1]),
    )
    def everybody_goes_on(self, seed: int, wild: float, rounds: int, *, trips: bool) -> None:
        """In any order: most of them straight on, some anywhere."""
        chance = random.Random(seed)
        for ticket in chance.sample(self.tickets * rounds, len(self.tickets) * rounds):
            if trips:
                self.the_store_will_trip(chance.randint(1, 5), late=chance.random() < 0.5)
            is_wild = chance.random() < wild
            ahead = AHEAD.get(self.known[ticket.tid].state, "fetch")
            self._go_on(ticket, chance.choice(STEPS) if is_wild else ahead)
        self.faulty.trips_in = 0

    @precondition(lambda self: self.tickets)
    @rule(place=st.integers(0, 250))
    def one_keeps_a_page_open(self, place: int) -> None:
        ticket = self.tickets[place % len(self.tickets)]
        self.pages.append((ticket, self._stored(ticket), self.known[ticket.tid]))

    @precondition(lambda self: self.pages)
    @rule(place=st.integers(0, 50), step=st.sampled_from(STEPS))
    def one_goes_on_from_a_page_of_before(self, place: int, step: str) -> None:
        ticket, page, seen = self.pages[place % len(self.pages)]
        now = self.known[ticket.tid]
        is_old = (now.state, now.fetched) != (seen.state, seen.fetched)
        way = [] if is_old else road(seen, step, *self._around(ticket))
        self._try(ticket, way, lambda: self._take(step, page, ticket))

    @rule(what=st.sampled_from(["", "", "", "register", "signer", "store", "register signer"]))
    def something_is_away(self, what: str) -> None:
        for one in ("register", "signer", "store"):
            setattr(self.away, one, one in what)

    @rule(calls=st.integers(1, 8), late=st.booleans())
    def the_store_will_trip(self, calls: int, *, late: bool) -> None:
        self.faulty.trips_in, self.faulty.late = calls, late

    @rule(seconds=st.integers(0, 500) | st.just(3600))
    def time_goes_on(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        self.faulty.tripped.clear()
        with suppress(StorageUnavailable):
            self.exchange.tidy()
            self.tidied = self.now
        for tid, known in self.known.items():
            if known.is_late(self.now):
                self.known[tid] = replace(known, state="expired")
        if self.away.store or self.faulty.tripped:
            self._look_who_was_ended()

    def _look_who_was_ended(self) -> None:
        """Where tidying was cut short, those that are late were ended, or will be."""
        for ticket in self.tickets:
            stored = seen(self._stored(ticket))
            if stored.state in OPEN and stored.is_late(self.now):
                self.known[ticket.tid] = stored

    @precondition(lambda self: self.tickets)
    @rule(place=st.integers(0, 250))
    def somebody_else_looks(self, place: int) -> None:
        ticket = self.tickets[place % len(self.tickets)]
        with pytest.raises((NoSuchTransfer, StorageUnavailable)):
            self.exchange.find(ticket.tid, self.tickets[place % len(self.tickets) - 1].secret + "x")

    def _go_on(self, ticket: Ticket, step: str) -> None:
        """A step from the page as it is now; who gets no page back loads it once more."""
        before = self.known[ticket.tid]
        way = []
        if before.is_late(self.now):
            way = [replace(before, state="expired", touched=self.now)]
        at = way[-1] if way else before
        way += road(at, step, *self._around(ticket))
        heard = self._try(ticket, way, lambda: self._as_now(step, ticket))
        last = self.known[ticket.tid]
        if step != "fetch":
            return
        if self.faulty.tripped:
            self.faulty.trips_in = 0
            self._go_on(ticket, step)
        elif not self.away.store:
            says_it = last.state in TOLD and (last.state != "handed-over" or bool(way))
            assert bool(heard) is says_it

    def _around(self, ticket: Ticket) -> tuple[bool, Outages, datetime]:
        return RECORDS[ticket.person] is not None, self.away, self.now

    def _try(
        self, ticket: Ticket, way: list[Known], take: Callable[[], Answer | None]
    ) -> Answer | None:
        """Take a step, and see that the transfer is where it may be by the reference."""
        before, heard = self.known[ticket.tid], None
        self.faulty.tripped.clear()
        with suppress(EmrexError, StorageUnavailable):
            heard = take()
        allowed = [before, *way] if self.faulty.tripped else [before, *way][-1:]
        if self.away.store:
            allowed = [before]
        elif self.faulty.tripped and not self.faulty.late:
            # What never reached the store uses up none of the two times.
            allowed = [one for one in allowed if one.fetched == before.fetched]
        now = self.known[ticket.tid] = seen(self._stored(ticket))
        self.reached.update({now.state}, self.faulty.tripped)
        assert now in allowed, f"{before.state}: {now} is none of {allowed}"
        if heard:
            self._hear(ticket, heard)
        return heard

    def _as_now(self, step: str, ticket: Ticket) -> Answer | None:
        return self._take(step, self.exchange.find(ticket.tid, ticket.secret), ticket)

    def _take(self, step: str, one: Transaction, ticket: Ticket) -> Answer | None:
        exchange = self.exchange
        if step == "fetch":
            return exchange.hand_over(one)
        if step == "in":
            exchange.let_in(exchange.send_to_log_in(one), Holder(ticket.person, "substantial"))
        elif step == "choose":
            record = RECORDS[ticket.person]
            exchange.choose(one, [record.award.award_id] if record else [])
        elif step == "again":
            exchange.choose_again(one)
        elif step == "yes":
            self._say_yes(one)
        else:
            exchange.stop(one, REASONS[step])
        return None

    def _say_yes(self, one: Transaction) -> None:
        if one.state is State.CONSENTED:
            self.exchange.finish(one, "en")
        else:
            self.exchange.consent(one, "en", mark(self.exchange.chosen(one)))

    def _hear(self, ticket: Ticket, answer: Answer) -> None:
        """The client's side: its own session, at its own address, and its own person."""
        fields = dict(answer.fields)
        self.heard.setdefault(ticket.tid, set()).add(answer)
        assert answer.to.address == ticket.address
        assert fields["sessionId"] == ticket.session
        assert fields["returnCode"] == TOLD[self.known[ticket.tid].state]
        assert ("elmo" in fields) is (fields["returnCode"] == "NCP_OK")
        if "elmo" in fields:
            self._is_theirs(unpacked(fields["elmo"]), ticket)

    def _is_theirs(self, document: bytes, ticket: Ticket) -> None:
        (receipt,) = [one for one in self._receipts(ticket.person) if one.tid == ticket.tid]
        assert receipt.sha256 == hashlib.sha256(document).hexdigest()
        assert f'receiver="{receipt.origin}"'.encode() in document
        assert ticket.address.startswith(receipt.origin + "/")
        for person, record in RECORDS.items():
            if record:
                is_in = record.person.name.surname.encode() in document
                assert is_in is (person == ticket.person)

    @invariant()
    def each_is_where_the_reference_says(self) -> None:
        stored = {ticket.tid: seen(self._stored(ticket)) for ticket in self.tickets}
        assert stored == self.known

    @invariant()
    def each_hears_one_thing_at_most(self) -> None:
        assert all(len(told) == 1 for told in self.heard.values())

    @invariant()
    def what_left_was_heard_and_is_on_a_receipt(self) -> None:
        left = {tid for tid, one in self.known.items() if one.state == "handed-over"}
        signed = {tid for tid, one in self.known.items() if one.state == "signed"}
        receipts = [one for person in RECORDS for one in self._receipts(person)]
        assert sorted(one.tid for one in receipts) == sorted(left | signed)
        told = {one.tid for one in receipts if one.fate(self.now) is Fate.HANDED_OVER}
        assert told == left <= set(self.heard)

    @invariant()
    def what_is_over_is_erased(self) -> None:
        for tid, one in self.known.items():
            over = one.sent or (one.touched + LEFT + LATER if one.state == "signed" else None)
            if over and self.tidied > over + (ERASED if one.sent else timedelta()):
                assert self.faulty.kept.document(tid) is None

    def teardown(self) -> None:
        """Everything works again: each goes to its client with one answer, or was left."""
        self.away.register = self.away.signer = self.away.store = False
        self.faulty.trips_in = 0
        self._all_fetch()
        self.now += timedelta(minutes=10, seconds=1)
        self._all_fetch()
        for ticket in self.tickets:
            told = len(self.heard.get(ticket.tid, ()))
            assert told == (0 if self.known[ticket.tid].was_left(self.now) else 1)
        self.each_is_where_the_reference_says()
        self.what_left_was_heard_and_is_on_a_receipt()

    def _all_fetch(self) -> None:
        for ticket in self.tickets:
            self._go_on(ticket, "fetch")

    def _stored(self, ticket: Ticket) -> Transaction:
        digest = hashlib.sha256(ticket.secret.encode()).hexdigest()
        found = self.faulty.kept.find(ticket.tid, digest)
        assert found
        return found

    def _receipts(self, person: str) -> tuple[Receipt, ...]:
        return self.faulty.kept.receipts(person)


def seen(one: Transaction) -> Known:
    """What the reference knows of a transfer, as it is stored."""
    return Known(one.state.value, one.created, one.touched, one.fetched, one.handed_over)


def prepare(desk: Desk, store: Callable[[], Transfers]) -> None:
    """Whatever opens a crowd from here on signs with this desk, and keeps in such a store."""

    @cache
    def sealed(award_id: str, receiver: str) -> Made:
        record = next(one for one in RECORDS.values() if one and one.award.award_id == award_id)
        return desk.made([record], Version.V1_7, receiver)

    Crowd.sealed, Crowd.store, Crowd.reached = staticmethod(sealed), staticmethod(store), set()


def kept_in(engine: Engine) -> Callable[[], Transfers]:
    """An empty store over this database, as often as one is asked for."""

    def emptied() -> SqlTransfers:
        with unit_of_work(engine, writes=True) as work:
            for table in (DocumentRow, ReceiptRow, TransferRow):
                work.exec(delete(table))
        return SqlTransfers(engine)

    return emptied


def walk_through_everything() -> None:
    """Two hundred at once: every state is reached, and every call of the store trips."""
    crowd = Crowd()
    crowd.open(200)
    for number in range(4):
        crowd.everybody_goes_on(seed=number, wild=0.1, rounds=2, trips=True)
        crowd.each_is_where_the_reference_says()
    crowd.something_is_away("signer")
    crowd.everybody_goes_on(seed=9, wild=0, rounds=2, trips=True)
    crowd.something_is_away("")
    crowd.begin()
    crowd.time_goes_on(3600)
    for check in (crowd.each_hears_one_thing_at_most, crowd.what_is_over_is_erased):
        check()
    crowd.teardown()
    assert set(State) | set(CALLS) <= Crowd.reached


def test_two_hundred_at_once_reach_everything_and_hear_one_thing_each(desk: Desk) -> None:
    """emrex.md 3.2, 4.25, 4.35, 4.36: a fixed walk, so that the machine below tries enough."""
    prepare(desk, MemoryTransfers)
    walk_through_everything()


def test_in_a_crowd_everybody_gets_one_answer_and_nobody_elses_data(desk: Desk) -> None:
    """emrex.md 3.2, 4.12, 4.25, 4.34 to 4.36: hundreds at once, and every fault."""
    prepare(desk, MemoryTransfers)
    run_state_machine_as_test(Crowd, settings=settings(stateful_step_count=40))


@pytest.mark.slow
def test_in_a_crowd_over_a_database_it_is_the_same(desk: Desk, sqlite_engine: Engine) -> None:
    """emrex.md 3.2 and 4.25, over SQL."""
    prepare(desk, kept_in(sqlite_engine))
    walk_through_everything()
    few = settings(stateful_step_count=20, max_examples=5)
    run_state_machine_as_test(Crowd, settings=few)
