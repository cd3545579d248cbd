"""Asked while sealing was paused: written down, served in turn, one document each."""

from __future__ import annotations

import itertools
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from credentials.archive import FolderArchive
from credentials.attachment import extract_json
from credentials.commands import downloads_commands
from credentials.downloading import Downloads
from credentials.errors import (
    AlreadyIssuing,
    CredentialError,
    LedgerUnavailable,
    LintFailed,
    SealingPaused,
    SealRejected,
    UncoveredText,
)
from credentials.extract import Extract, Language, Purpose
from credentials.issuing import Issued, Issuer
from credentials.ledger import Outcome
from credentials.reconciling import Reconciler
from credentials.turns import Turns
from credentials.waiting import GAVE_UP, TRIES, Waiting, Wish, WishState, Worked, claim_of
from keys.errors import KeysError, KeyUnavailable, TimestampUnavailable
from register.errors import NotRegistered, RegisterUnavailable
from register.records import AwardRecord, AwardStatus
from tests.contracts.memory_ledger import MemoryLedger
from tests.contracts.memory_sealer import MemorySealer
from tests.contracts.memory_wishes import MemoryWishes
from tests.credentials.people import hbo

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
RECORD = hbo()
PERSON = RECORD.person.person_id
LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def draw(extract: Extract) -> bytes:
    return b"%PDF-1.7\n" + extract_json(extract)


@dataclass
class Shelf:
    """A register of which the test says what stands in it."""

    records: dict[str, AwardRecord]

    def award(self, award_id: str) -> AwardRecord:
        if award_id not in self.records:
            raise NotRegistered("The register holds no award with this id.")
        return self.records[award_id]


@dataclass
class House:
    """A queue with everything round it that a test wants to look at."""

    waiting: Waiting
    downloads: Downloads
    wishes: MemoryWishes
    sealer: MemorySealer
    ledger: MemoryLedger
    shelf: Shelf
    now: datetime = NOON
    settled: list[datetime] = field(default_factory=list)

    def ask(self, language: Language = Language.NL) -> Issued | None:
        return self.waiting.extract(RECORD, language, Purpose.WORK)

    def work(self) -> Worked:
        return self.waiting.work(self.now)

    def states(self) -> list[tuple[Language, WishState]]:
        return [(wish.language, wish.state) for wish in self.waiting.of_person(PERSON)]

    def sealed(self) -> list[str]:
        entries = self.ledger.entries.values()
        return [entry.intent.language for entry in entries if entry.outcome is Outcome.SEALED]


@pytest.fixture(name="house")
def _house(tmp_path: Path) -> House:
    sealer, ledger, wishes = MemorySealer(broken=True), MemoryLedger(), MemoryWishes()
    archive = FolderArchive(tmp_path / "archive")
    issuer = Issuer(draw, sealer, ledger, archive, (lambda _pdf, _extract: [],))
    drawn = (f"22AA-22AA-22{a}{b}" for a, b in itertools.product(LETTERS, LETTERS))
    shelf = Shelf({RECORD.award.award_id: RECORD})
    downloads = Downloads(issuer, ledger, archive, lambda: next(drawn), lambda: house.now)
    reconciler = Reconciler(ledger, archive, sealer, lambda: house.now)

    def settle() -> None:
        house.settled.append(house.now)
        reconciler.settle()

    waiting = Waiting(wishes, shelf, downloads, settle)  # type: ignore[arg-type]  # it asks for one award only
    house = House(waiting, downloads, wishes, sealer, ledger, shelf)
    return house


def mend(house: House) -> None:
    house.sealer._broken = False


def test_while_sealing_is_paused_the_wish_is_written_down_and_nothing_weaker_is_given(
    house: House,
) -> None:
    """pdf.md 3.2: never fall back to a lower level silently."""
    assert house.ask() is None

    assert house.waiting.of_person(PERSON) == (
        Wish(PERSON, RECORD.award.award_id, Language.NL, Purpose.WORK, NOON),
    )
    assert house.sealed() == []
    assert house.sealer.used == 0


def test_when_sealing_is_back_every_wish_is_served_once_and_in_order(house: House) -> None:
    for language in (Language.DE, Language.NL, Language.EN, Language.DE):
        assert house.ask(language) is None
    mend(house)

    assert house.work() == Worked(made=3)
    assert house.work() == Worked()

    assert house.sealed() == ["de", "nl", "en"]
    wishes = house.waiting.of_person(PERSON)
    assert [wish.state for wish in wishes] == [WishState.READY] * 3
    for wish in wishes:
        entry = house.ledger.by_number(wish.outcome)
        assert entry is not None
        assert (entry.intent.language, entry.outcome) == (wish.language, Outcome.SEALED)


def test_a_pause_ends_the_pass_and_leaves_the_queue_as_it_was(house: House) -> None:
    house.ask(Language.NL)
    house.ask(Language.DE)
    before = house.waiting.of_person(PERSON)

    assert [house.work() for _ in range(TRIES + 5)] == [Worked(paused=True)] * (TRIES + 5)

    assert house.waiting.of_person(PERSON) == before
    mend(house)
    assert house.work() == Worked(made=2)


def test_the_holder_who_comes_back_gets_the_document_and_the_notice_goes(house: House) -> None:
    house.ask()
    mend(house)
    house.work()
    number = house.waiting.of_person(PERSON)[0].outcome

    issued = house.ask()

    assert issued is not None
    assert issued.number == number
    assert house.waiting.of_person(PERSON) == ()
    assert house.sealed() == ["nl"]


def test_who_downloads_before_the_worker_comes_leaves_it_nothing_to_do(house: House) -> None:
    house.ask()
    mend(house)
    assert house.ask() is not None

    assert house.work() == Worked()
    assert house.sealed() == ["nl"]


def test_a_withdrawn_award_ends_the_wish_with_its_reason(house: House) -> None:
    house.ask()
    award = replace(RECORD.award, status=AwardStatus.WITHDRAWN)
    house.shelf.records[award.award_id] = replace(RECORD, award=award)
    mend(house)

    assert house.work() == Worked(refused=1)
    (wish,) = house.waiting.of_person(PERSON)
    assert (wish.state, wish.outcome) == (WishState.REFUSED, "nothing-to-state")
    assert house.sealed() == []


def test_an_award_that_is_gone_or_somebody_elses_ends_the_wish(house: House) -> None:
    house.ask(Language.NL)
    other = replace(RECORD.person, person_id="somebody-else")
    house.shelf.records[RECORD.award.award_id] = replace(RECORD, person=other)
    mend(house)
    assert house.work() == Worked(refused=1)
    house.sealer._broken = True
    house.ask(Language.DE)
    house.shelf.records.clear()
    mend(house)
    assert house.work() == Worked(refused=1)

    assert [wish.outcome for wish in house.waiting.of_person(PERSON)] == ["not-registered"] * 2
    assert house.sealed() == []


@pytest.mark.parametrize(
    "error",
    [
        SealingPaused("Sealing is paused. Nothing was issued."),
        LedgerUnavailable("Issuing is paused."),
        KeyUnavailable("the token is gone"),
        TimestampUnavailable("no answer"),
    ],
    ids=lambda error: error.kind,
)
def test_whatever_passes_by_itself_is_queued(
    house: House, error: CredentialError | KeysError
) -> None:
    broken = replace(house.waiting, downloads=Failing(house.waiting.downloads, error))  # type: ignore[arg-type]  # a Downloads that fails

    assert broken.extract(RECORD, Language.EN, Purpose.WORK) is None
    assert broken.work(NOON) == Worked(paused=True)
    assert house.states() == [(Language.EN, WishState.WAITING)]


@pytest.mark.parametrize(
    "error",
    [AlreadyIssuing("busy"), SealRejected("no"), LintFailed(("x",)), UncoveredText(("U+1",))],
    ids=lambda error: error.kind,
)
def test_what_does_not_pass_by_itself_is_told_at_once(house: House, error: CredentialError) -> None:
    broken = replace(house.waiting, downloads=Failing(house.waiting.downloads, error))  # type: ignore[arg-type]  # a Downloads that fails

    with pytest.raises(type(error)):
        broken.extract(RECORD, Language.EN, Purpose.WORK)
    assert house.states() == []


@pytest.mark.parametrize("error", [LintFailed(("x",)), UncoveredText(("U+1",))])
def test_a_draft_that_cannot_be_sealed_ends_the_wish(house: House, error: CredentialError) -> None:
    house.ask()
    broken = replace(house.waiting, downloads=Failing(house.waiting.downloads, error))  # type: ignore[arg-type]  # a Downloads that fails

    assert broken.work(NOON) == Worked(refused=1)
    assert house.waiting.of_person(PERSON)[0].outcome == error.kind


def test_a_register_out_of_reach_is_a_pause(house: House) -> None:
    house.ask()
    away = RegisterUnavailable("The register cannot be read.")
    waiting = replace(house.waiting, register=Failing(None, away))  # type: ignore[arg-type]  # a Register that fails

    assert waiting.work(NOON) == Worked(paused=True)
    assert house.states() == [(Language.NL, WishState.WAITING)]


def test_one_document_that_is_stuck_does_not_hold_up_the_others(house: House) -> None:
    """An open intent of a killed process: later, after the reconciler has closed it."""
    house.ask(Language.NL)
    house.ask(Language.DE)
    stuck = stop_half_way(house, Language.NL)
    mend(house)

    assert house.work() == Worked(made=1, put_off=1)
    assert house.work() == Worked()
    assert house.settled == [NOON]

    house.now = NOON + claim_of(1)  # the intent is old enough for the reconciler now
    assert house.work() == Worked(put_off=1)
    house.now += claim_of(2)
    assert house.work() == Worked(made=1)
    assert house.ledger.entries[stuck].outcome is Outcome.ABANDONED
    assert sorted(house.sealed()) == ["de", "nl"]


def stop_half_way(house: House, language: Language) -> str:
    """Leave an intent open, as a process that is killed after it does."""
    road = house.downloads
    extract = road.draft(RECORD, language, Purpose.WORK)
    permit = road.issuer.prepare(extract)
    attempt = len(road.ledger.attempts(road.issuer.statement(extract)))
    draft = permit.redeem(house.sealer.key, house.sealer.profile.digest)
    house.ledger.intend(road.issuer._intent(draft, attempt))
    return extract.number


def test_after_too_many_tries_the_holder_is_told(house: House) -> None:
    house.ask()
    rejected = SealRejected("The seal did not pass our own check.")
    broken = replace(house.waiting, downloads=Failing(house.waiting.downloads, rejected))  # type: ignore[arg-type]  # a Downloads that fails
    passes = []
    for tries in range(1, TRIES + 2):
        passes.append(broken.work(house.now))
        house.now += claim_of(tries)

    assert passes == [Worked(put_off=1)] * TRIES + [Worked(refused=1)]
    assert house.waiting.of_person(PERSON)[0].outcome == GAVE_UP


def test_an_error_that_nobody_foresaw_leaves_the_wish_for_later(house: House) -> None:
    house.ask(Language.NL)
    house.ask(Language.DE)
    broken = replace(house.waiting, downloads=Failing(None, ZeroDivisionError()))  # type: ignore[arg-type]  # a Downloads that fails
    with pytest.raises(ZeroDivisionError):
        broken.work(NOON)
    mend(house)

    assert house.work() == Worked(made=1)  # the other one: this one rests
    house.now += claim_of(1)
    assert house.work() == Worked(made=1)


def test_a_pass_stops_at_its_limit(house: House) -> None:
    for language in Language:
        house.ask(language)
    mend(house)

    assert house.waiting.work(NOON, limit=2) == Worked(made=2)
    assert house.waiting.work(NOON, limit=2) == Worked(made=1)


def test_an_end_is_kept_for_ninety_days(house: House) -> None:
    house.ask()
    mend(house)
    house.work()

    house.now += timedelta(days=90)
    house.work()
    assert house.states() == [(Language.NL, WishState.READY)]
    house.now += timedelta(seconds=1)
    house.work()
    assert house.states() == []


def test_a_claim_grows_up_to_an_hour() -> None:
    minutes = [claim_of(tries).total_seconds() / 60 for tries in range(1, 12)]

    assert minutes[:6] == [2, 4, 8, 16, 32, 60]
    assert set(minutes[6:]) == {60}


class Failing:
    """A port on which every call fails in one way, but what it is made of is there."""

    def __init__(self, real: object, error: Exception) -> None:
        self._real = real
        self._error = error

    def __getattr__(self, name: str) -> object:
        if name in {"clock", "issuer", "ledger"}:
            return getattr(self._real, name)
        return self._fail

    def _fail(self, *_args: object, **_more: object) -> None:
        raise self._error


def pause() -> Worked:
    return Worked(paused=True)


def fail() -> Worked:
    raise ZeroDivisionError


def test_twice_as_many_turns_pass_after_every_pause_and_none_after_work() -> None:
    """Waiting gets longer up to a bound, and a failure counts like a pause."""
    answers = [pause, fail, pause, pause, Worked, pause][::-1]
    looked = []

    def work() -> Worked:
        answer = answers.pop()
        return answer()

    take = Turns(work, longest=10)
    for turn in range(27):
        left = len(answers)
        with suppress(ZeroDivisionError):
            take()
        if len(answers) < left:
            looked.append(turn)

    assert looked == [0, 2, 6, 14, 24, 25]


def test_the_command_line_makes_one_pass_and_says_what_came_of_it(house: House) -> None:
    house.ask()
    app = downloads_commands(house.work)
    paused = CliRunner().invoke(app, ["work"])
    mend(house)
    made = CliRunner().invoke(app, ["work"])

    assert paused.output == "made 0, refused 0, put off 0, paused: sealing is out of reach\n"
    assert made.output == "made 1, refused 0, put off 0\n"
    assert made.exit_code == paused.exit_code == 0
