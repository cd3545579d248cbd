"""Transfers over the real rules: whatever a holder, a fault or a clock does, one true answer."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from credentials.errors import SealingPaused
from emrex.accepting import SignatureVerdict, accept
from emrex.elmo.profiles import Version
from emrex.errors import (
    NoSuchTransfer,
    NotEmitted,
    NotYourRecord,
    RequestRefused,
    ShownOtherwise,
    WrongState,
)
from emrex.exchange import transaction
from emrex.exchange.answering import Answer
from emrex.exchange.clients import Client
from emrex.exchange.exchanging import Exchange, mark
from emrex.exchange.receipt import Fate, NamedBy, ShownReceiver
from emrex.exchange.request import request_of, return_url
from emrex.exchange.states import State
from emrex.exchange.transaction import IDLE, RETRY, WAITS, Holder, Transaction
from emrex.exchange.watching import FORGED, Watch
from emrex.making import Made
from emrex.packing import unpacked
from keys.errors import KeyUnavailable
from register.records import AwardRecord, AwardStatus, Institution, InstitutionName
from storage.errors import StorageUnavailable
from tests.contracts.memory_transfers import MemoryTransfers
from tests.credentials.people import extract
from tests.emrex.conftest import NOW, Desk
from web.logs import allow_listed

FORM = [("sessionId", "s-1"), ("returnUrl", "https://emc.example.edu/back?a=b")]
PEOPLE = {"p1": "hbo", "p2": "vwo", "nobody": ""}


@dataclass
class Register:
    """Records of a few people; can be away."""

    away: bool = False
    more: tuple[AwardRecord, ...] = ()
    """What everybody has besides."""

    def awards_of(self, person_id: str) -> tuple[AwardRecord, ...]:
        if self.away:
            raise StorageUnavailable("away")
        person = PEOPLE.get(person_id, "")
        return (*((extract(person).record,) if person else ()), *self.more)


@dataclass
class World:
    """An exchange with a clock and faults that a test moves."""

    desk: Desk
    now: datetime = NOW
    register: Register = field(default_factory=Register)
    key_away: bool = False
    fault: Exception = field(default_factory=lambda: KeyUnavailable("away"))

    def __post_init__(self) -> None:
        self.transfers = MemoryTransfers()
        self.exchange = Exchange(self.transfers, self.register, self, lambda: self.now)

    def document(
        self,
        records: Sequence[AwardRecord],
        version: Version,
        receiver: str,
        transaction: str = "",
    ) -> Made:
        if self.key_away:
            raise self.fault
        return self.desk.made(records, version, receiver, transaction)

    def begun(self, **wishes: str) -> tuple[str, str]:
        return self.exchange.open(request_of([*FORM, *wishes.items()]))

    def selecting(self, person: str = "p1", **wishes: str) -> Transaction:
        """A transfer whose holder is known and has to choose."""
        tid, secret = self.begun(**wishes)
        one = self.exchange.send_to_log_in(self.exchange.find(tid, secret))
        return self.exchange.let_in(one, Holder(person, "substantial"))[0]

    def walked(self, until: State, person: str = "p1") -> tuple[str, str]:
        """A transfer on the straight way, as far as that state."""
        tid, secret = self.begun()
        one = self.exchange.find(tid, secret)
        one = self.exchange.send_to_log_in(one)
        one, _ = self.exchange.let_in(one, Holder(person, "substantial"))
        if until is State.SELECTING:
            return tid, secret
        award = extract(PEOPLE[person]).record.award.award_id
        one = self.exchange.choose(one, [award])
        if until is not State.PREVIEW:
            self.exchange.consent(one, "nl", mark(self.exchange.chosen(one)))
        return tid, secret


@pytest.fixture(name="world")
def _world(desk: Desk) -> World:
    return World(desk)


def fields_of(world: World, tid: str, secret: str) -> dict[str, str]:
    return dict(world.exchange.hand_over(world.exchange.find(tid, secret)).fields)


def test_what_is_sent_is_what_the_receipt_says(world: World) -> None:
    """emrex.md 4.25, 4.28 to 4.31: four fields, and a document that verifies."""
    tid, secret = world.walked(State.SIGNED)

    said = fields_of(world, tid, secret)

    assert list(said) == ["sessionId", "returnCode", "returnMessage", "elmo"]
    assert (said["sessionId"], said["returnCode"]) == ("s-1", "NCP_OK")
    document = unpacked(said["elmo"])
    (receipt,) = world.transfers.receipts("p1")
    assert receipt.sha256 == hashlib.sha256(document).hexdigest()
    assert receipt.language == "nl"
    assert b'receiver="https://emc.example.edu"' in document
    assert f'transaction="{hashlib.sha256(b"s-1").hexdigest()}"'.encode() in document
    found = accept(document, world.desk.signer.chain[:1], NOW)
    assert found.verdict is SignatureVerdict.VALID
    assert found.findings == ()


@pytest.mark.parametrize(
    ("client", "shown"),
    [
        (None, ShownReceiver("", NamedBy.NOBODY, None, warned=True)),
        (Client({"en": "U", "nl": "Universiteit"}),
         ShownReceiver("Universiteit", NamedBy.US, None, warned=False)),
        (Client({"en": "University"}, named_at=NOW),
         ShownReceiver("University", NamedBy.REGISTRY, NOW, warned=False)),
    ],
)  # fmt: skip
def test_a_receipt_says_what_the_holder_was_shown_of_the_receiver(
    world: World, client: Client | None, shown: ShownReceiver
) -> None:
    """emrex.md 3.3, 4.22, 4.25: the name, who says so, and whether the page warned."""
    known = {"https://emc.example.edu": client} if client else {}
    world.exchange = replace(world.exchange, clients=known)
    world.walked(State.SIGNED)
    world.exchange = replace(world.exchange, clients={})  # the registry forgets it again

    (receipt,) = world.transfers.receipts("p1")

    assert receipt.shown == shown


def test_the_answer_is_fetched_twice_at_most_and_with_the_same_bytes(world: World) -> None:
    """emrex.md 4.34."""
    tid, secret = world.walked(State.SIGNED)

    first, second = fields_of(world, tid, secret), fields_of(world, tid, secret)

    assert first == second
    with pytest.raises(WrongState):
        fields_of(world, tid, secret)


def test_the_second_time_ends_after_two_minutes(world: World) -> None:
    tid, secret = world.walked(State.SIGNED)
    fields_of(world, tid, secret)
    world.now += RETRY + timedelta(seconds=1)

    with pytest.raises(WrongState):
        fields_of(world, tid, secret)


def test_what_nobody_fetches_within_an_hour_is_erased_and_never_handed_over(world: World) -> None:
    """emrex.md 3.2: the browser left; until then it may still come back."""
    in_time, late = world.walked(State.SIGNED), world.walked(State.SIGNED, "p2")
    world.now += WAITS
    world.exchange.tidy()
    assert fields_of(world, *in_time)["returnCode"] == "NCP_OK"
    world.now += RETRY + timedelta(seconds=1)

    with pytest.raises(WrongState, match="The time for this transfer is over"):
        fields_of(world, *late)
    world.exchange.tidy()

    assert world.transfers.document(late[0]) is None
    assert world.transfers.document(in_time[0]) is not None
    fates = {
        person: [one.fate(world.now) for one in world.transfers.receipts(person)]
        for person in ("p1", "p2")
    }
    assert fates == {"p1": [Fate.HANDED_OVER], "p2": [Fate.NEVER_FETCHED]}


def test_a_receipt_of_what_still_waits_says_so(world: World) -> None:
    """emrex.md 4.25: nothing was handed over yet."""
    world.walked(State.SIGNED)
    world.now += WAITS

    (receipt,) = world.transfers.receipts("p1")

    assert receipt.fate(world.now) is Fate.WAITING


@pytest.mark.parametrize(
    ("state", "code"),
    [(State.CANCELLED, "NCP_CANCEL"), (State.FAILED, "NCP_ERROR")],
)
def test_who_goes_back_gets_an_answer_without_a_document(
    world: World, state: State, code: str
) -> None:
    """emrex.md 4.14, 4.29."""
    tid, secret = world.walked(State.PREVIEW)
    world.exchange.stop(world.exchange.find(tid, secret), state)

    said = fields_of(world, tid, secret)

    assert said["returnCode"] == code
    assert "elmo" not in said


def test_without_results_the_client_hears_so(world: World) -> None:
    """emrex.md 4.15."""
    tid, secret = world.walked(State.SELECTING, "nobody")

    assert fields_of(world, tid, secret)["returnCode"] == "NCP_NO_RESULTS"


def test_whose_time_is_over_gets_an_error(world: World) -> None:
    """emrex.md 4.35."""
    tid, secret = world.walked(State.SELECTING)
    world.now += IDLE + timedelta(seconds=1)

    assert fields_of(world, tid, secret)["returnCode"] == "NCP_ERROR"


def test_a_register_that_is_away_is_an_answer(world: World) -> None:
    """emrex.md 4.36."""
    world.register.away = True
    tid, secret = world.walked(State.SELECTING)

    assert fields_of(world, tid, secret)["returnCode"] == "NCP_ERROR"


@pytest.mark.parametrize(
    "fault",
    [
        KeyUnavailable("away"),
        SealingPaused("paused"),
        NotEmitted("no", "schema"),
        StorageUnavailable("away"),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_whatever_keeps_the_document_from_being_made_is_an_answer_and_leaves_no_receipt(
    world: World, fault: Exception
) -> None:
    """emrex.md 4.36 and 5: the client hears of it, and nothing was sent."""
    world.key_away, world.fault = True, fault
    tid, secret = world.walked(State.SIGNED)

    assert fields_of(world, tid, secret)["returnCode"] == "NCP_ERROR"
    assert world.transfers.receipts("p1") == ()


def test_a_record_of_somebody_else_cannot_be_chosen(world: World) -> None:
    """emrex.md 4.16: and one alarm for the transfer, which names nobody."""
    theirs = extract(PEOPLE["p2"]).record.award.award_id
    transfers = [world.selecting("p1"), world.selecting("p1")]

    with capture_logs() as lines:
        for one in (*transfers, *transfers):
            with pytest.raises(NotYourRecord):
                world.exchange.choose(one, [theirs])

    assert lines == [
        {"event": FORGED, "log_level": "warning", "alias": one.tid, "count": number}
        for number, one in enumerate(transfers, 1)
    ]
    assert allow_listed(None, "warning", dict(lines[0])).keys() == {"event", "alias", "count"}


def test_what_is_ones_own_and_not_offered_is_no_alarm(world: World) -> None:
    """emrex.md 4.16, 4.19, 4.21: withdrawn since the page was shown, or not passed."""
    world.register.more = (
        another("gone", status=AwardStatus.WITHDRAWN),
        another("failed", result="rejected"),
    )
    one = world.selecting()

    with capture_logs() as lines:
        for mine in ("gone", "failed"):
            with pytest.raises(NotYourRecord):
                world.exchange.choose(one, [mine])

    assert lines == []


def test_alarms_of_one_transfer_are_told_once_however_many_try() -> None:
    """emrex.md 4.16: and what is remembered for that has a bound."""
    watch = Watch(remembered=2)
    with capture_logs() as lines, ThreadPoolExecutor(4) as pool:
        list(pool.map(watch.forged, ["a"] * 8))
        list(map(watch.forged, ["b", "c", "b", "a"]))

    assert [line["alias"] for line in lines] == ["a", "b", "c", "a"]


def another(award_id: str, **changes: object) -> AwardRecord:
    """A second award, with what a test needs different."""
    record = extract("vwo").record
    award = replace(record.award, award_id=award_id, **changes)  # type: ignore[arg-type]
    return replace(record, award=award)


def test_a_withdrawn_diploma_is_shown_and_cannot_be_chosen(world: World) -> None:
    """emrex.md 4.21."""
    world.register.more = (another("gone", status=AwardStatus.WITHDRAWN),)
    one = world.selecting()

    assert "gone" in {record.award.award_id for record in world.exchange.offered(one).records}
    with pytest.raises(NotYourRecord):
        world.exchange.choose(one, ["gone"])


def test_an_empty_choice_goes_nowhere(world: World) -> None:
    """emrex.md 4.20."""
    one = world.selecting()

    with pytest.raises(WrongState):
        world.exchange.choose(one, [])


def test_a_client_may_ask_for_everything_and_gets_what_stands(world: World) -> None:
    """emrex.md 4.18: whatever the form says, all of it goes, and nothing that was withdrawn."""
    world.register.more = (another("b"), another("gone", status=AwardStatus.WITHDRAWN))
    one = world.selecting(allowToPickLOIs="false")

    chosen = world.exchange.choose(one, [])

    assert not one.may_choose
    assert chosen.records == (extract("hbo").record.award.award_id, "b")


@pytest.mark.parametrize("wish", ["allowNotPassedLOIs", "allowNotPassedCourses"])
def test_what_was_not_passed_stays_hidden_unless_it_is_asked_for(world: World, wish: str) -> None:
    """emrex.md 4.19."""
    world.register.more = (another("failed", result="rejected"),)
    plain = world.selecting()

    asked = world.exchange.offered(world.selecting(**{wish: "true"})).records

    assert len(asked) == len(world.exchange.offered(plain).records) + 1
    with pytest.raises(NotYourRecord):
        world.exchange.choose(plain, ["failed"])


def test_a_choice_from_a_page_of_before_replaces_the_last(world: World) -> None:
    """emrex.md 4.27: the back button leads to another choice, not to the old one."""
    world.register.more = (another("b"),)
    first = world.exchange.choose(world.selecting(), [extract("hbo").record.award.award_id])

    assert world.exchange.choose(first, ["b"]).records == ("b",)


def test_nobody_goes_back_to_a_choice_who_did_not_log_in(world: World) -> None:
    """emrex.md 3.2 and 4.13: the form of the preview, sent from the page before the login."""
    tid, secret = world.begun()
    one = world.exchange.send_to_log_in(world.exchange.find(tid, secret))

    with pytest.raises(WrongState):
        world.exchange.choose_again(one)

    assert world.exchange.find(tid, secret).state is State.AUTHENTICATING


def test_a_yes_counts_for_what_was_shown_and_for_nothing_else(world: World) -> None:
    """emrex.md 4.25: another tab chose something else, or the register was corrected since."""
    world.register.more = (another("b"),)
    one = world.exchange.choose(world.selecting(), ["b"])
    shown = mark(world.exchange.chosen(one))
    world.register.more = (another("b", version=2),)

    with pytest.raises(ShownOtherwise):
        world.exchange.consent(one, "nl", shown)

    assert world.transfers.receipts("p1") == ()
    agreed = world.exchange.consent(one, "nl", mark(world.exchange.chosen(one)))
    assert agreed.state is State.SIGNED


SEA = Institution("00SE", (InstitutionName("Zee", date(1990, 1, 1)),))


@pytest.mark.parametrize(
    "change",
    [
        lambda one: replace(one, institution=SEA),
        lambda one: replace(one, institution_today=SEA),
        lambda one: replace(one, programme=replace(one.programme, nlqf="5")),
    ],
)
def test_a_name_that_changed_since_the_preview_wants_another_yes(
    change: Callable[[AwardRecord], AwardRecord], world: World
) -> None:
    """emrex.md 4.22, 4.25: institutions and programmes have no versions, and are shown too."""
    world.register.more = (another("b"),)
    one = world.exchange.choose(world.selecting(), ["b"])
    shown = mark(world.exchange.chosen(one))
    world.register.more = (change(another("b")),)

    with pytest.raises(ShownOtherwise):
        world.exchange.consent(one, "nl", shown)


def test_the_receipt_names_what_is_in_the_document_and_no_more(world: World) -> None:
    """emrex.md 4.25: withdrawn between the yes and a second attempt to make the document."""
    world.register.more = (another("b"),)
    first = extract("hbo").record.award.award_id
    one = world.exchange.choose(world.selecting(), [first, "b"])
    agreed = world.exchange._took(one, transaction.consented(one, world.now))
    world.register.more = (another("b", status=AwardStatus.WITHDRAWN),)

    assert world.exchange.finish(agreed, "nl").state is State.SIGNED
    (receipt,) = world.transfers.receipts("p1")
    assert receipt.records == (first,)


def test_a_client_that_is_known_for_it_gets_the_newer_codes(world: World) -> None:
    """emrex.md 4.32; everybody else gets NCP, as the tests around this one show."""
    modern = Client({"en": "University of Tests"}, takes_emp=True)
    exchange = replace(world.exchange, clients={"https://emc.example.edu": modern})
    tid, secret = exchange.open(request_of(FORM))
    exchange.stop(exchange.find(tid, secret), State.CANCELLED)

    said = dict(exchange.hand_over(exchange.find(tid, secret)).fields)

    assert said["returnCode"] == "EMP_CANCEL"


@pytest.mark.parametrize("letters", [1_400_000, 1_600_000])
def test_an_answer_that_servers_may_refuse_is_known_to_be_one(letters: int) -> None:
    """emrex.md 4.37."""
    fields = (("sessionId", "s"), ("elmo", "x" * letters))

    assert Answer(return_url(FORM[1][1]), fields).is_large is (letters > 1_500_000)


def test_another_browser_finds_no_transfer(world: World) -> None:
    """emrex.md 4.12."""
    tid, _ = world.begun()

    with pytest.raises(NoSuchTransfer):
        world.exchange.find(tid, "guess")


def test_a_process_that_was_killed_after_the_yes_is_finished_by_the_next(world: World) -> None:
    tid, secret = world.walked(State.PREVIEW)
    one = world.exchange.find(tid, secret)
    agreed = world.exchange._took(one, transaction.consented(one, world.now))

    world.exchange.finish(agreed, "en")

    assert fields_of(world, tid, secret)["returnCode"] == "NCP_OK"


def test_a_request_that_nobody_could_answer_begins_nothing() -> None:
    with pytest.raises(RequestRefused):
        request_of([("sessionId", "s"), ("returnUrl", "http://10.0.0.1/")])
