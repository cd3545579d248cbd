"""The archive's own copies: made once, renewed in time, continued after any crash."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structlog.testing import capture_logs
from typer.testing import CliRunner

from credentials.archive_stamps import ArchiveStamp, algorithm_ends
from credentials.commands import archive_commands
from credentials.copies import Copy
from credentials.errors import ArchiveUnavailable, LedgerUnavailable
from credentials.ledger import Outcome
from credentials.preserving import (
    CHANGED,
    GAIN,
    MARGIN,
    NAMED,
    NO_GAIN,
    PAGE,
    UNFORESEEN,
    Preserving,
)
from keys.trust import KeyEntry, KeyState, TrustList
from storage.errors import StorageUnavailable
from tests.contracts.memory_archive import MemoryArchive
from tests.contracts.memory_copies import MemoryCopies
from tests.contracts.memory_ledger import MemoryLedger
from tests.contracts.memory_preserver import LIFE, MemoryPreserver, read_stamp
from tests.contracts.memory_sealer import MemorySealer
from tests.contracts.test_ledger import INTENT

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
DAY = timedelta(days=1)
NUMBERS = ("22AA-22AA-22AA", "33BB-33BB-33BB", "44CC-44CC-44CC")


PERSONAL = "Noor Visser"


class Killed(BaseException):
    """The process ends here."""


@dataclass
class House:
    """An archive with sealed documents, and everything round it that a test looks at."""

    now: datetime = NOON
    ledger: MemoryLedger = field(default_factory=MemoryLedger)
    sealer: MemorySealer = field(default_factory=MemorySealer)
    authorities: tuple[KeyEntry, ...] = ()
    ends: dict[str, datetime] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.archive, self.preserved = MemoryArchive(), MemoryArchive()
        self.copies = MemoryCopies(self.ledger)
        self.preserver = MemoryPreserver(lambda: self.now)

    @property
    def preserving(self) -> Preserving:
        return Preserving(
            ledger=self.ledger,
            archive=self.archive,
            preserved=self.preserved,
            preserver=self.preserver,
            copies=self.copies,
            read_stamp=read_stamp,
            ends=self.ends,
            trusted=lambda: TrustList(
                "Echt", 1, self.now, self.now + DAY, expired=False, roots=(), keys=self.authorities
            ),
            clock=lambda: self.now,
        )

    def seal(self, *numbers: str) -> None:
        for number in numbers:
            prepared = self.sealer.prepare(b"%PDF-1.7\n" + number.encode())
            digest = prepared.covered_digest
            document = self.sealer.seal(prepared)
            self.ledger.intend(
                replace(INTENT, number=number, statement=number, covered_digest=digest)
            )
            self.archive.put(number, document)
            self.ledger.conclude(number, Outcome.SEALED, hashlib.sha256(document).hexdigest())

    def copy(self, number: str) -> bytes:
        """The stored copy, after everything that must hold for it was looked at."""
        copy, recorded = self.preserved.get(number), self.copies.copies[number]
        stamp = read_stamp(copy)
        assert copy.startswith(self.archive.get(number))
        assert recorded == Copy(
            number,
            hashlib.sha256(copy).hexdigest(),
            stamp.at,
            stamp.lasts_until(self.ends),
            stamp.authority,
        )
        return copy

    def compromise(self, name: str, since: datetime) -> None:
        entry = KeyEntry("tsa-1", "tsa", "ES256", (name.encode(),), KeyState.COMPROMISED, NOON)
        self.authorities += (replace(entry, compromised_since=since),)


@pytest.fixture(name="house")
def _house() -> House:
    house = House()
    house.seal(*NUMBERS)
    return house


def test_every_sealed_document_gets_a_copy_once(house: House) -> None:
    before = [house.archive.get(number) for number in NUMBERS]

    first, second = house.preserving.preserve(), house.preserving.preserve()

    assert (first.done, first.left, first.failed, first.stopped) == (3, 0, {}, "")
    assert (second.done, house.preserver.used) == (0, 3)
    assert [house.copy(number) for number in NUMBERS]
    assert [house.archive.get(number) for number in NUMBERS] == before


def test_a_limit_stops_early_and_the_next_run_goes_on(house: House) -> None:
    accounts = [house.preserving.preserve(limit=2) for _ in range(3)]

    assert [(one.done, one.left) for one in accounts] == [(2, 1), (1, 0), (0, 0)]


def test_what_was_sealed_to_last_is_copied_as_it_is(house: House) -> None:
    number = NUMBERS[0]
    lasting = house.preserver.preserve(house.archive.get(number))
    house.archive.put(number, lasting)
    entry = house.ledger.entries[number]
    digest = hashlib.sha256(lasting).hexdigest()
    house.ledger.entries[number] = replace(entry, file_sha256=digest)

    house.preserving.preserve(limit=1)

    assert house.copy(number) == lasting
    assert house.preserver.used == 1


def test_a_file_that_is_not_what_the_ledger_says_is_told_and_never_copied(house: House) -> None:
    house.archive.put(NUMBERS[1], house.archive.get(NUMBERS[0]))
    del house.archive.documents[NUMBERS[2]]

    account = house.preserving.preserve()

    assert (account.done, account.left) == (1, 0)
    assert account.failed == {CHANGED: 1, "document-missing": 1}
    assert account.numbers == list(NUMBERS[1:])
    assert set(house.copies.copies) == {NUMBERS[0]}


def test_a_foreign_file_is_told_and_the_others_go_on(house: House) -> None:
    number = NUMBERS[0]
    foreign = b"%PDF-1.7\nforeign"
    house.archive.put(number, foreign)
    entry = house.ledger.entries[number]
    digest = hashlib.sha256(foreign).hexdigest()
    house.ledger.entries[number] = replace(entry, file_sha256=digest)

    account = house.preserving.preserve()

    assert (account.done, account.failed) == (2, {"unknown-shape": 1})


def test_more_than_a_page_goes_through_and_failures_are_named_up_to_a_limit() -> None:
    house = House()
    letters = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
    numbers = [f"22AA-22AA-2{a}{b}2" for a in letters for b in letters][: PAGE + 30]
    house.seal(*numbers)
    for number in numbers[:30]:
        del house.archive.documents[number]

    account = house.preserving.preserve()

    assert (account.done, account.left, account.failures) == (PAGE, 0, 30)
    assert account.numbers == numbers[:NAMED]


def test_an_authority_out_of_reach_ends_the_run_and_nothing_is_lost(house: House) -> None:
    house.preserver.away = True
    away = house.preserving.preserve()
    house.preserver.away = False
    back = house.preserving.preserve()

    assert (away.done, away.left, away.failed, away.stopped) == (0, 3, {}, "sealing-paused")
    assert (back.done, back.left, back.stopped) == (3, 0, "")


def test_a_store_out_of_reach_ends_the_run(house: House) -> None:
    home = house.preserving
    full = replace(home, preserved=Broken(home.preserved, ArchiveUnavailable("full")))
    away = replace(home, ledger=Broken(home.ledger, LedgerUnavailable("away")))

    accounts = [full.preserve(), away.preserve()]

    assert [(one.done, one.left, one.failed) for one in accounts] == [(0, 3, {})] * 2
    assert [one.stopped for one in accounts] == ["archive-unavailable", "ledger-unavailable"]
    assert home.preserve().done == 3


class Broken:
    """A port that cannot be written, or in the case of the ledger, read."""

    def __init__(self, real: object, error: BaseException) -> None:
        self._real = real
        self._error = error

    def __getattr__(self, name: str) -> Any:
        return self._fail if name in {"put", "by_number"} else getattr(self._real, name)

    def _fail(self, *_args: object) -> None:
        raise self._error


def test_a_copy_is_renewed_before_its_certificate_ends_and_not_earlier(house: House) -> None:
    house.preserving.preserve()
    early = house.preserver.begun + LIFE - MARGIN
    house.now = early - timedelta(seconds=1)
    house.preserver.succeed("second")
    nothing = house.preserving.renew()
    house.now = early
    account = house.preserving.renew()

    assert (nothing.done, nothing.left) == (0, 0)
    assert (account.done, account.left, account.restarted) == (3, 0, 0)
    for number in NUMBERS:
        copy = house.copy(number)
        assert read_stamp(copy).certificate == b"second"
        assert copy.count(b"-- archive time-stamp --") == 2
    assert house.preserving.renew().done == 0


def test_an_algorithm_that_ends_first_decides(house: House) -> None:
    house.ends["ecdsa-256"] = NOON + MARGIN + 10 * DAY
    house.preserving.preserve()
    assert house.preserving.renew().done == 0
    house.now += 10 * DAY
    house.preserver.algorithms = ("ml-dsa-65", "sha384")
    house.preserver.succeed("second")

    assert house.preserving.renew().done == 3
    assert house.copies.copies[NUMBERS[0]].lasts_until == house.preserver.begun + LIFE


def test_an_authority_that_lasts_no_longer_is_asked_once_and_not_a_million_times(
    house: House,
) -> None:
    house.preserving.preserve()
    house.now = house.preserver.begun + LIFE - MARGIN
    before = {number: house.copy(number) for number in NUMBERS}

    account = house.preserving.renew()

    assert (account.done, account.failed, account.stopped) == (0, {NO_GAIN: 1}, NO_GAIN)
    assert house.preserver.used == 4
    assert {number: house.copy(number) for number in NUMBERS} == before


def test_under_a_compromised_authority_copies_are_renewed_at_once(house: House) -> None:
    """pdf.md 4.16, for the authority: before the compromise a time-stamp still proves."""
    house.preserving.preserve()
    house.now += 30 * DAY
    house.compromise("first", since=NOON + DAY)
    house.preserver.succeed("second")

    account = house.preserving.renew()

    assert (account.done, account.restarted) == (3, 0)
    assert house.copy(NUMBERS[0]).count(b"-- archive time-stamp --") == 2
    assert house.preserving.renew().done == 0


def test_what_a_compromised_authority_stamped_afterwards_is_made_anew(house: House) -> None:
    house.preserving.preserve()
    house.now += DAY
    house.compromise("first", since=NOON - DAY)
    house.preserver.succeed("second")

    account = house.preserving.renew()

    assert (account.done, account.restarted) == (3, 3)
    copy = house.copy(NUMBERS[0])
    assert copy.count(b"-- archive time-stamp --") == 1
    assert read_stamp(copy).certificate == b"second"


def test_a_retired_authority_is_good_until_its_certificate_ends(house: House) -> None:
    house.preserving.preserve()
    retired = KeyEntry("tsa-1", "tsa", "ES256", (b"first",), KeyState.RETIRED, NOON)
    house.authorities = (replace(retired, until=NOON + DAY),)
    house.now += 30 * DAY
    house.preserver.succeed("second")

    assert house.preserving.renew().done == 0


@pytest.mark.parametrize("damage", ["cut", "gone", "other"])
def test_a_damaged_copy_is_made_anew_from_the_handed_out_file(house: House, damage: str) -> None:
    house.preserving.preserve()
    number = NUMBERS[0]
    damaged = {"cut": house.copy(number)[:-5], "other": b"something else"}
    if damage == "gone":
        del house.preserved.documents[number]
    else:
        house.preserved.put(number, damaged[damage])
    house.now = house.preserver.begun + LIFE - MARGIN
    house.preserver.succeed("second")

    account = house.preserving.renew()

    assert (account.done, account.restarted) == (3, 1)
    assert house.copy(number).count(b"-- archive time-stamp --") == 1


def forged(house: House, number: str, authority: str = "stranger") -> bytes:
    """A copy in our form, made by somebody else's authority that lasts longer than ours."""
    stranger = MemoryPreserver(lambda: house.now + 9 * LIFE)
    stranger.succeed(authority)
    return stranger.preserve(house.archive.get(number))


def flipped(copy: bytes) -> bytes:
    """One bit of what the seal and the time-stamp are over."""
    return copy.replace(b"%PDF-1.7", b"%PDF-1.6", 1)


def test_a_strangers_or_changed_copy_is_never_recorded_but_made_anew(house: House) -> None:
    """A run that was killed may have left a copy; whoever reaches the store may have, too."""
    house.preserved.put(NUMBERS[0], forged(house, NUMBERS[0]))
    good = house.preserver.preserve(house.archive.get(NUMBERS[1]))
    house.preserved.put(NUMBERS[1], good[:-1] + bytes([good[-1] ^ 1]))
    house.preserved.put(NUMBERS[2], flipped(good))

    account = house.preserving.preserve()

    assert (account.done, account.restarted, account.failed) == (3, 3, {})
    for number in NUMBERS:
        assert read_stamp(house.copy(number)).certificate == b"first"


def test_a_forged_copy_that_claims_to_last_longer_is_never_believed(house: House) -> None:
    house.preserving.preserve()
    house.now = house.preserver.begun + LIFE - MARGIN
    house.preserver.succeed("second")
    house.preserved.put(NUMBERS[0], forged(house, NUMBERS[0]))

    account = house.preserving.renew()

    assert (account.done, account.restarted) == (3, 1)
    assert read_stamp(house.copy(NUMBERS[0])).certificate == b"second"


def test_what_nobody_foresaw_about_one_document_holds_up_no_other(house: House) -> None:
    home = house.preserving

    def fails_once(document: bytes) -> ArchiveStamp:
        if NUMBERS[0].encode() in document:
            raise ValueError("of " + PERSONAL)
        return read_stamp(document)

    with capture_logs() as logged:
        account = replace(home, read_stamp=fails_once).preserve()

    assert (account.done, account.failed, account.stopped) == (2, {UNFORESEEN: 1}, "")
    assert account.numbers == [NUMBERS[0]]
    (record,) = logged
    assert record["error"] == "ValueError"
    assert record["where"].startswith("test_preserving.py:")
    assert PERSONAL not in str(record)


def test_a_database_out_of_reach_is_about_all_and_is_raised(house: House) -> None:
    away = Part(house.copies, "record", lambda _: unreachable)

    with pytest.raises(StorageUnavailable):
        replace(house.preserving, copies=away).preserve()


def unreachable(*_args: object) -> None:
    raise StorageUnavailable("away")


STEPS = [(port, when) for port in ("preserver", "put", "record") for when in ("before", "after")]


def killed_at(house: House, step: str, when: str) -> Preserving:
    """The use case in a process that ends at that step."""
    home = house.preserving

    def mined(call: Callable[..., object]) -> Callable[..., object]:
        def last(*args: object) -> None:
            if when == "after":
                call(*args)
            raise Killed

        return last

    if step == "preserver":
        return replace(home, preserver=Part(home.preserver, "preserve", mined))
    if step == "put":
        return replace(home, preserved=Part(home.preserved, "put", mined))
    return replace(home, copies=Part(home.copies, "record", mined))


class Part:
    """A port of which one call is replaced."""

    def __init__(
        self, real: object, name: str, change: Callable[[Callable[..., object]], object]
    ) -> None:
        self._real = real
        setattr(self, name, change(getattr(real, name)))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


@pytest.mark.parametrize(("step", "when"), STEPS)
def test_a_run_that_is_killed_at_any_step_is_continued_by_the_next(
    house: House, step: str, when: str
) -> None:
    with pytest.raises(Killed):
        killed_at(house, step, when).preserve()

    assert house.preserving.preserve().failed == {}
    for number in NUMBERS:
        assert house.copy(number).count(b"-- archive time-stamp --") == 1


@pytest.mark.parametrize(("step", "when"), STEPS)
def test_a_renewal_that_is_killed_at_any_step_stamps_no_copy_twice(
    house: House, step: str, when: str
) -> None:
    house.preserving.preserve()
    house.now = house.preserver.begun + LIFE - MARGIN
    house.preserver.succeed("second")
    with pytest.raises(Killed):
        killed_at(house, step, when).renew()

    assert house.preserving.renew().failed == {}
    for number in NUMBERS:
        assert house.copy(number).count(b"-- archive time-stamp --") == 2


@given(st.lists(st.tuples(st.integers(1, 900), st.booleans(), st.booleans()), max_size=12))
def test_whatever_the_years_bring_every_renewed_copy_lasts_and_holds_the_file(
    years: list[tuple[int, bool, bool]],
) -> None:
    """Days pass, authorities succeed or go away, somebody renews or forgets to."""
    house = House()
    house.seal(NUMBERS[0])
    house.preserving.preserve()
    for place, (days, succeeds, away) in enumerate(years):
        house.now += timedelta(days=days)
        house.preserver.away = away
        if succeeds:
            house.preserver.succeed(f"authority {place}")
        account = house.preserving.renew()
        house.copy(NUMBERS[0])
        in_time = house.copies.copies[NUMBERS[0]].lasts_until > house.now + MARGIN
        assert in_time or account.done or account.stopped in {NO_GAIN, "sealing-paused"}
    stamps = house.copy(NUMBERS[0]).count(b"-- archive time-stamp --")
    assert stamps <= 1 + (house.now - NOON) / GAIN


def test_the_table_of_algorithms_is_data_with_a_source() -> None:
    ends = algorithm_ends()

    assert ends["ecdsa-256"] == datetime(2036, 1, 1, tzinfo=UTC)
    assert ends["rsa-2048"] < ends["rsa-3072"]
    assert "sha256" not in ends


def test_the_command_line_tells_what_a_run_came_to(house: House) -> None:
    del house.archive.documents[NUMBERS[2]]
    app = archive_commands(lambda: house.preserving)

    preserved = CliRunner().invoke(app, ["preserve", "--limit", "2"])
    again = CliRunner().invoke(app, ["preserve"])
    renewed = CliRunner().invoke(app, ["renew", "--days", "9999", "--json"])

    assert (preserved.exit_code, preserved.output) == (0, "done 2, left 1, failed 0\n")
    assert again.exit_code == renewed.exit_code == 1
    assert again.output == (
        f"done 0, left 0, failed 1\n  document-missing: 1\n  first of them: {NUMBERS[2]}\n"
    )
    assert f'"stopped": "{NO_GAIN}"' in renewed.output
