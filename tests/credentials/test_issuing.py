"""The promise under test: no seal without a prior, durable ledger row."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from credentials.archive import FolderArchive
from credentials.attachment import extract_json
from credentials.downloading import Downloads
from credentials.errors import (
    AlreadyIssuing,
    ArchiveUnavailable,
    CredentialError,
    DocumentMissing,
    LedgerUnavailable,
    LintFailed,
    NothingToState,
    PermitSpent,
    SealingPaused,
)
from credentials.extract import Extract, Language, Purpose
from credentials.issuing import Issuer
from credentials.ledger import Entry, Intent, Outcome
from credentials.lint import Lint
from credentials.reconciling import Reconciler, Settled
from keys.custody import KeyRef
from register.records import AwardStatus
from tests.contracts.memory_ledger import MemoryLedger
from tests.contracts.memory_sealer import MemorySealer
from tests.credentials.people import hbo

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
RECORD = hbo()
EXTRACT = Extract("K7QD-3MXF-9TRA", Language.NL, Purpose.GENERAL, NOON, RECORD)


class TracingLedger(MemoryLedger):
    """Fails where it is told to, as a full disk would."""

    def __init__(self, trace: list[str], fail_at: str | None) -> None:
        super().__init__()
        self._trace = trace
        self._fail_at = fail_at

    def _step(self, name: str) -> None:
        if self._fail_at == name:
            raise LedgerUnavailable("Issuing is paused.")
        self._trace.append(name)

    def intend(self, intent: Intent) -> None:
        self._step("intend")
        super().intend(intent)

    def conclude(self, number: str, outcome: Outcome, file_sha256: str = "") -> None:
        self._step("conclude")
        super().conclude(number, outcome, file_sha256)


@dataclass
class House:
    """One issuer with everything round it that a test wants to look at."""

    issuer: Issuer[Extract]
    sealer: MemorySealer
    ledger: TracingLedger
    archive: FolderArchive
    trace: list[str] = field(default_factory=list)


Build = Callable[..., House]


def draw(extract: Extract) -> bytes:
    return b"%PDF-1.7\n" + extract_json(extract)


def refuses_empty(pdf: bytes, _extract: Extract) -> list[str]:
    return [] if pdf else ["nothing to seal"]


@pytest.fixture(name="build")
def _build(tmp_path: Path) -> Build:
    def build(
        *,
        fail_at: str | None = None,
        broken_key: bool = False,
        lints: tuple[Lint[Extract], ...] = (refuses_empty,),
    ) -> House:
        trace: list[str] = []
        sealer, ledger = MemorySealer(broken=broken_key), TracingLedger(trace, fail_at)
        archive = FolderArchive(tmp_path / "archive")
        return House(Issuer(draw, sealer, ledger, archive, lints), sealer, ledger, archive, trace)

    return build


def downloads(house: House, numbers: tuple[str, ...] = ("22AA-22AA-22AA",)) -> Downloads:
    drawn = iter(numbers * 5)
    return Downloads(house.issuer, house.ledger, house.archive, lambda: next(drawn), lambda: NOON)


def test_the_seal_covers_the_bytes_and_the_ledger_says_so(build: Build) -> None:
    house = build()

    issued = house.issuer.seal(house.issuer.prepare(EXTRACT))

    prepared = house.sealer.prepare(draw(EXTRACT))
    assert house.sealer.covers(issued.document, prepared.covered_digest)
    assert house.trace == ["intend", "conclude"]
    assert house.archive.get(issued.number) == issued.document
    assert house.ledger.by_number("K7QD-3MXF-9TRA") == Entry(
        Intent(
            number="K7QD-3MXF-9TRA",
            statement=house.issuer.statement(EXTRACT),
            attempt=0,
            award_id=RECORD.award.award_id,
            award_version=RECORD.award.version,
            person_id=RECORD.person.person_id,
            person_version=RECORD.person.version,
            language="nl",
            purpose="general",
            template=house.ledger.entries["K7QD-3MXF-9TRA"].intent.template,
            covered_digest=prepared.covered_digest,
            key=house.sealer.key,
            profile=house.sealer.profile.digest,
            intended_at=NOON,
        ),
        Outcome.SEALED,
        hashlib.sha256(issued.document).hexdigest(),
    )


def test_a_ledger_that_refuses_leaves_the_key_unused(build: Build) -> None:
    house = build(fail_at="intend")

    with pytest.raises(LedgerUnavailable):
        house.issuer.seal(house.issuer.prepare(EXTRACT))

    assert house.sealer.used == 0
    assert house.ledger.entries == {}
    with pytest.raises(DocumentMissing):
        house.archive.get(EXTRACT.number)


def test_a_key_out_of_reach_is_recorded_and_nothing_is_half_issued(build: Build) -> None:
    house = build(broken_key=True)

    with pytest.raises(SealingPaused):
        house.issuer.seal(house.issuer.prepare(EXTRACT))

    assert house.ledger.entries[EXTRACT.number].outcome is Outcome.ABANDONED
    with pytest.raises(DocumentMissing):
        house.archive.get(EXTRACT.number)


def test_a_ledger_lost_after_sealing_hands_nothing_out_until_the_reconciler_ran(
    build: Build,
) -> None:
    house = build(fail_at="conclude")
    with pytest.raises(LedgerUnavailable):
        house.issuer.seal(house.issuer.prepare(EXTRACT))
    assert house.ledger.entries[EXTRACT.number].outcome is None

    house.ledger._fail_at = None
    reconciler = Reconciler(house.ledger, house.archive, house.sealer, lambda: NOON)
    settled = reconciler.settle(older_than=timedelta(0))

    assert settled == Settled(finished=1, abandoned=0)
    document = house.archive.get(EXTRACT.number)
    entry = house.ledger.by_file(hashlib.sha256(document).hexdigest())
    assert entry is not None
    assert entry.outcome is Outcome.SEALED
    assert reconciler.settle(older_than=timedelta(0)) == Settled(0, 0)


def test_the_reconciler_gives_up_what_has_no_document_or_another_one(build: Build) -> None:
    house = build()
    permit = house.issuer.prepare(EXTRACT)
    house.issuer.seal(permit)
    real = house.ledger.entries.pop(EXTRACT.number).intent
    house.ledger.intend(replace(real, covered_digest=bytes(32)))
    lost = replace(real, number="33BB-33BB-33BB", statement="lost", intended_at=NOON)
    house.ledger.intend(lost)

    reconciler = Reconciler(house.ledger, house.archive, house.sealer, lambda: NOON)
    assert reconciler.settle() == Settled(0, 0)  # younger than the grace period
    assert reconciler.settle(older_than=timedelta(0)) == Settled(finished=0, abandoned=2)
    assert {entry.outcome for entry in house.ledger.entries.values()} == {Outcome.ABANDONED}
    with pytest.raises(DocumentMissing):
        house.archive.get(EXTRACT.number)


class Meddled(FolderArchive):
    """Another process settles, or the store fails, just before or just after a file is stored."""

    def __init__(self, folder: Path, when: str, meddle: Callable[[], object]) -> None:
        super().__init__(folder)
        self._when, self._meddle = when, meddle

    def put(self, number: str, document: bytes) -> None:
        if self._when == "before":
            self._meddle()
        super().put(number, document)
        if self._when == "after":
            self._meddle()


def meddled(house: House, folder: Path, when: str, meddle: Callable[[], object]) -> Issuer[Extract]:
    house.archive = Meddled(folder, when, meddle)
    return Issuer(draw, house.sealer, house.ledger, house.archive, (refuses_empty,))


def test_a_document_that_was_given_up_meanwhile_never_leaves_and_never_stays(
    build: Build, tmp_path: Path
) -> None:
    house = build()
    issuer = meddled(house, tmp_path, "before", lambda: settle_all(house))

    with pytest.raises(SealingPaused):
        issuer.seal(issuer.prepare(EXTRACT))

    assert house.ledger.entries[EXTRACT.number].outcome is Outcome.ABANDONED
    with pytest.raises(DocumentMissing):
        house.archive.get(EXTRACT.number)


def test_a_document_that_was_finished_meanwhile_is_handed_out(build: Build, tmp_path: Path) -> None:
    house = build()
    issuer = meddled(house, tmp_path, "after", lambda: settle_all(house))

    issued = issuer.seal(issuer.prepare(EXTRACT))

    entry = house.ledger.by_file(hashlib.sha256(issued.document).hexdigest())
    assert entry is not None
    assert entry.outcome is Outcome.SEALED
    assert house.archive.get(EXTRACT.number) == issued.document


def test_a_store_that_fails_after_it_stored_leaves_the_document_to_the_reconciler(
    build: Build, tmp_path: Path
) -> None:
    house = build()
    issuer = meddled(house, tmp_path, "after", fail)

    with pytest.raises(SealingPaused):
        issuer.seal(issuer.prepare(EXTRACT))

    assert house.ledger.entries[EXTRACT.number].outcome is None
    assert settle_all(house) == Settled(finished=1, abandoned=0)


def test_a_store_that_failed_before_it_stored_makes_room_for_the_next_try(
    build: Build, tmp_path: Path
) -> None:
    house = build()
    issuer = meddled(house, tmp_path, "before", fail)

    with pytest.raises(SealingPaused):
        issuer.seal(issuer.prepare(EXTRACT))

    assert house.ledger.entries[EXTRACT.number].outcome is Outcome.ABANDONED


def fail() -> None:
    raise ArchiveUnavailable("Documents cannot be stored or fetched right now.")


def settle_all(house: House) -> Settled:
    reconciler = Reconciler(house.ledger, house.archive, house.sealer, lambda: NOON)
    return reconciler.settle(older_than=timedelta(0))


def test_a_permit_is_good_once(build: Build) -> None:
    house = build()
    permit = house.issuer.prepare(EXTRACT)
    house.issuer.seal(permit)

    with pytest.raises(PermitSpent):
        house.issuer.seal(permit)

    assert house.sealer.used == 1


@pytest.mark.parametrize("changed", ["key", "profile"])
def test_a_permit_is_void_under_another_key_or_profile(build: Build, changed: str) -> None:
    """platform.md 4.2 T6: configuration changed between lint and seal."""
    house = build()
    permit = house.issuer.prepare(EXTRACT)
    if changed == "key":
        house.sealer.key = KeyRef("other", "ES256")
    else:
        house.sealer.profile = replace(house.sealer.profile, reason="changed on the way")

    with pytest.raises(PermitSpent):
        house.issuer.seal(permit)

    assert (house.sealer.used, house.trace) == (0, [])


def test_an_issuer_without_lints_cannot_be_built(build: Build) -> None:
    with pytest.raises(ValueError, match=r"^an issuer without lints would seal anything$"):
        build(lints=())


def test_every_lint_finding_is_reported_and_nothing_is_written(build: Build) -> None:
    house = build(lints=(lambda *_: ["a"], lambda *_: ["b", "c"]))

    with pytest.raises(LintFailed) as caught:
        house.issuer.prepare(EXTRACT)

    assert caught.value.findings == ("a", "b", "c")
    assert house.trace == []


def test_a_withdrawn_award_is_not_stated(build: Build) -> None:
    withdrawn = replace(RECORD, award=replace(RECORD.award, status=AwardStatus.WITHDRAWN))

    with pytest.raises(NothingToState):
        build().issuer.prepare(replace(EXTRACT, record=withdrawn))


def test_a_second_identical_download_is_the_same_document(build: Build) -> None:
    house = build()
    road = downloads(house, ("22AA-22AA-22AA", "33BB-33BB-33BB"))

    first = road.extract(RECORD, Language.NL, Purpose.GENERAL)
    second = road.extract(RECORD, Language.NL, Purpose.GENERAL)

    assert second == first
    assert house.sealer.used == 1


def test_people_whose_facts_are_equal_never_share_a_document(build: Build) -> None:
    """register.md 4.11: same name, same birth date, same diploma, two people."""
    house = build()
    road = downloads(house, ("22AA-22AA-22AA", "33BB-33BB-33BB"))
    twin = replace(
        RECORD,
        award=replace(RECORD.award, award_id="award-twin", person_id="twin"),
        person=replace(RECORD.person, person_id="twin"),
    )

    documents = [road.extract(one, Language.NL, Purpose.GENERAL) for one in (RECORD, twin)]

    assert documents[0].number != documents[1].number
    assert [e.intent.person_id for e in house.ledger.entries.values()] == ["noor", "twin"]


def test_what_was_withdrawn_is_not_handed_out_again(build: Build) -> None:
    house = build()
    road = downloads(house)
    road.extract(RECORD, Language.NL, Purpose.GENERAL)
    withdrawn = replace(RECORD, award=replace(RECORD.award, status=AwardStatus.WITHDRAWN))

    with pytest.raises(NothingToState):
        road.extract(withdrawn, Language.NL, Purpose.GENERAL)


def test_a_correction_that_was_taken_back_is_a_new_document(build: Build) -> None:
    """The first document is superseded for good: its version is not the newest."""
    house = build()
    road = downloads(house, ("22AA-22AA-22AA", "33BB-33BB-33BB"))
    first = road.extract(RECORD, Language.NL, Purpose.GENERAL)
    third = replace(RECORD, award=replace(RECORD.award, version=3))

    again = road.extract(third, Language.NL, Purpose.GENERAL)

    assert again.number != first.number
    assert road.extract(third, Language.NL, Purpose.GENERAL) == again


def test_the_document_that_a_download_would_give_again_is_known(build: Build) -> None:
    house = build()
    road = downloads(house)

    assert road.made(RECORD, Language.NL, Purpose.GENERAL) is None
    number = road.extract(RECORD, Language.NL, Purpose.GENERAL).number
    entry = road.made(RECORD, Language.NL, Purpose.GENERAL)

    assert entry is not None
    assert entry.intent.number == number
    assert road.made(RECORD, Language.DE, Purpose.GENERAL) is None


def test_another_language_purpose_or_fact_is_another_document(build: Build) -> None:
    house = build()
    road = downloads(house, tuple(f"{i}2AA-22AA-22AA" for i in range(2, 6)))
    corrected = replace(RECORD, award=replace(RECORD.award, degree="Bachelor of Nursing"))

    numbers = {
        road.extract(record, language, purpose).number
        for record, language, purpose in (
            (RECORD, Language.NL, Purpose.GENERAL),
            (RECORD, Language.DE, Purpose.GENERAL),
            (RECORD, Language.NL, Purpose.WORK),
            (corrected, Language.NL, Purpose.GENERAL),
        )
    }

    assert len(numbers) == 4
    assert house.sealer.used == 4


def test_a_download_in_progress_is_said_and_not_sealed_twice(build: Build) -> None:
    house = build()
    probe = house.issuer.prepare(EXTRACT)
    intent = house.issuer._intent(probe.redeem(house.sealer.key, house.sealer.profile.digest), 0)
    house.ledger.intend(intent)

    with pytest.raises(AlreadyIssuing):
        downloads(house).extract(RECORD, Language.NL, Purpose.GENERAL)

    assert house.sealer.used == 0


class OvertakenLedger(TracingLedger):
    """Lets somebody else finish right after it was first asked for attempts."""

    def __init__(self) -> None:
        super().__init__([], None)
        self.overtake: Callable[[], object] | None = None

    def attempts(self, statement: str) -> tuple[Entry, ...]:
        found = super().attempts(statement)
        overtake, self.overtake = self.overtake, None
        if overtake:
            overtake()
        return found


def test_a_download_that_is_overtaken_makes_no_second_document(build: Build) -> None:
    """platform.md 4.2: whatever was done between two questions, one statement is one document."""
    house = build()
    ledger = OvertakenLedger()
    house.issuer = Issuer(draw, house.sealer, ledger, house.archive, (refuses_empty,))
    house.ledger = ledger
    asked = (RECORD, Language.NL, Purpose.WORK)
    other = downloads(house, ("33BB-33BB-33BB",))
    ledger.overtake = lambda: other.extract(*asked)

    with pytest.raises(AlreadyIssuing):
        downloads(house).extract(*asked)

    assert downloads(house).extract(*asked).number == "33BB-33BB-33BB"


def test_after_a_failed_try_the_next_download_succeeds(build: Build) -> None:
    house = build(broken_key=True)
    road = downloads(house, ("22AA-22AA-22AA", "33BB-33BB-33BB"))
    with pytest.raises(SealingPaused):
        road.extract(RECORD, Language.NL, Purpose.GENERAL)

    house.sealer._broken = False
    issued = road.extract(RECORD, Language.NL, Purpose.GENERAL)

    assert issued.number == "33BB-33BB-33BB"
    tries = house.ledger.attempts(house.issuer.statement(EXTRACT))
    assert [entry.outcome for entry in tries] == [Outcome.ABANDONED, Outcome.SEALED]


@pytest.mark.parametrize("error", CredentialError.__subclasses__(), ids=lambda e: e.kind)
def test_every_error_maps_to_a_distinct_problem(error: type[CredentialError]) -> None:
    """platform.md 4.1.25."""
    kinds = [each.kind for each in CredentialError.__subclasses__()]
    assert kinds.count(error.kind) == 1
    assert 400 <= error.status < 600
