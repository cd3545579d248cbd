"""The road of a check: what is known, what is sealed, what the register says today."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.pades import SpliceSealer
from credentials.sealing import SealProfile
from keys import hierarchy, publishing
from keys.files import FileSigner
from keys.trust import KeyState
from tests.verifier import memory
from tests.verifier.conftest import a_verifier
from tests.verifier.sealed import ADDRESS, FACTS, NOW, NUMBER, SEAL_KEYS, World, make_world, publish
from verifier.ports import BY_CONTENT, Asked, Status
from verifier.verdict import CheckName, CheckResult, Evidence, VerdictCode
from verifier.verifying import Verifier


class Raising:
    """A reader that a file has brought down."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def read(
        self, data: bytes, trust: bytes | None, now: datetime, asked: Asked = BY_CONTENT
    ) -> Evidence:
        del data, trust, now, asked
        raise self._error


def _with_trust(world: World, trust: bytes | None, clock: datetime = NOW) -> Verifier:
    statuses = memory.MemoryStatuses({NUMBER: Status.GOOD})
    reading = a_verifier(world)._reading
    return Verifier(
        index=None,
        statuses=statuses,
        trust=lambda: trust,
        reading=reading,
        clock=lambda: clock,
        address=ADDRESS,
    )


def test_known_bytes_are_genuine_and_show_what_the_file_says(
    verifier: Verifier, index: memory.MemoryIndex, sealed: bytes
) -> None:
    """verifier.md 2.1: byte identity first."""
    index.add(sealed, NUMBER)

    verdict = verifier.verify(sealed)

    assert verdict.code is VerdictCode.GENUINE_CURRENT
    assert verdict.facts is not None
    assert verdict.facts["number"] == NUMBER
    assert {check.result for check in verdict.checks} == {CheckResult.PASS}


def test_known_bytes_need_no_reader(
    world: World, index: memory.MemoryIndex, statuses: memory.MemoryStatuses, sealed: bytes
) -> None:
    index.add(sealed, NUMBER)
    broken = Raising(ValueError("down"))

    verdict = a_verifier(world, index=index, statuses=statuses, reading=broken).verify(sealed)

    assert verdict.code is VerdictCode.GENUINE_CURRENT
    assert verdict.facts is None


def test_the_number_of_known_bytes_is_the_ledger_s(
    verifier: Verifier,
    index: memory.MemoryIndex,
    statuses: memory.MemoryStatuses,
    sealed: bytes,
) -> None:
    index.add(sealed, "LEDGER")
    statuses.statuses["LEDGER"] = Status.WITHDRAWN

    assert verifier.verify(sealed).code is VerdictCode.WITHDRAWN
    assert statuses.asked == ["LEDGER"]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (Status.GOOD, VerdictCode.GENUINE_CURRENT),
        (Status.SUPERSEDED, VerdictCode.SUPERSEDED),
        (Status.WITHDRAWN, VerdictCode.WITHDRAWN),
    ],
)
def test_the_register_decides_about_today(
    status: Status,
    code: VerdictCode,
    verifier: Verifier,
    index: memory.MemoryIndex,
    statuses: memory.MemoryStatuses,
    sealed: bytes,
) -> None:
    index.add(sealed, NUMBER)
    statuses.statuses[NUMBER] = status

    verdict = verifier.verify(sealed)

    assert verdict.code is code
    assert (verdict.facts is None) is (status is Status.WITHDRAWN)


@pytest.mark.parametrize("known", [True, False])
def test_a_status_that_cannot_be_asked_is_never_green(
    verifier: Verifier,
    index: memory.MemoryIndex,
    statuses: memory.MemoryStatuses,
    sealed: bytes,
    *,
    known: bool,
) -> None:
    """verifier.md 4.2."""
    statuses.available = False
    if known:
        index.add(sealed, NUMBER)

    verdict = verifier.verify(sealed)

    assert verdict.code is VerdictCode.GENUINE_STATUS_UNKNOWN
    assert verdict.checks[-1].reason == "status_unavailable"
    assert verdict.checks[-1].result is CheckResult.NOT_DONE


def test_an_index_that_is_away_leaves_the_seal_to_speak(
    verifier: Verifier, index: memory.MemoryIndex, sealed: bytes
) -> None:
    index.available = False

    verdict = verifier.verify(sealed)

    assert verdict.code is VerdictCode.GENUINE_CURRENT
    assert verdict.checks[1].result is CheckResult.NOT_DONE


def test_offline_asks_nobody(
    verifier: Verifier, statuses: memory.MemoryStatuses, sealed: bytes
) -> None:
    """verifier.md 3.10."""
    verdict = verifier.verify(sealed, offline=True)

    assert verdict.code is VerdictCode.GENUINE_STATUS_UNKNOWN
    assert statuses.asked == []


def test_without_index_and_status_a_sealed_file_is_genuine_when_issued(
    world: World, sealed: bytes
) -> None:
    assert a_verifier(world).verify(sealed).code is VerdictCode.GENUINE_STATUS_UNKNOWN


@pytest.mark.parametrize("recorded", [True, False])
def test_a_seal_on_other_bytes_is_flagged_by_what_the_ledger_knows(
    world: World, verifier: Verifier, index: memory.MemoryIndex, sealed: bytes, *, recorded: bool
) -> None:
    """verifier.md 4.8 and pdf.md 3.7.4."""
    digest = verifier._reading.read(sealed, world.trust, NOW).covered_digest
    assert digest is not None
    index.covered = {digest} if recorded else set()

    verdict = verifier.verify(sealed)

    assert verdict.flags == (("archive_missing",) if recorded else ("seal_not_recorded",))
    # Our key without our ledger is an alarm: it must never look like a good document.
    expected = VerdictCode.GENUINE_CURRENT if recorded else VerdictCode.GENUINE_STATUS_UNKNOWN
    assert verdict.code is expected


@pytest.mark.parametrize(
    "error",
    [ValueError("x"), TypeError("x"), RecursionError(), MemoryError(), KeyError("x"), OSError()],
)
def test_whatever_a_file_provokes_is_an_answer(
    error: Exception, world: World, sealed: bytes
) -> None:
    """verifier.md 4.4."""
    verdict = a_verifier(world, reading=Raising(error)).verify(sealed)

    assert verdict.code is VerdictCode.CANNOT_CHECK
    assert "damaged" in verdict.reasons


def test_a_seal_of_another_hierarchy_is_not_ours_and_imitates_us(
    tmp_path: Path, verifier: Verifier
) -> None:
    """verifier.md goal 19: the same names, another key."""
    other = make_world(tmp_path)

    verdict = verifier.verify(other.seal(other.page()))

    assert verdict.code is VerdictCode.NOT_OURS
    assert verdict.flags == ("imitation",)
    assert verdict.facts is None


def test_an_honest_foreign_seal_is_not_ours_and_nothing_worse(
    tmp_path: Path, verifier: Verifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    """verifier.md 4.10."""
    monkeypatch.setattr("keys.certificates.ORGANISATION", "University of Elsewhere")
    other = make_world(tmp_path)

    verdict = verifier.verify(other.seal(other.page()))

    assert verdict.code is VerdictCode.NOT_OURS
    assert verdict.flags == ()


@pytest.mark.parametrize("purpose", SEAL_KEYS)
def test_all_kinds_of_seal_key_are_ours(
    purpose: str, world: World, verifier: Verifier, index: memory.MemoryIndex
) -> None:
    sealed = world.seal(world.page(), purpose=purpose)
    index.add(sealed, NUMBER)

    assert verifier.verify(sealed).code is VerdictCode.GENUINE_CURRENT


def test_a_key_of_ours_with_another_purpose_does_not_seal(world: World, verifier: Verifier) -> None:
    verdict = verifier.verify(world.seal(world.page(), purpose="facts"))

    assert verdict.code is VerdictCode.NOT_OURS
    assert "key_has_other_purpose" in verdict.reasons


def test_a_seal_after_the_compromise_is_not_ours_and_one_before_it_is(tmp_path: Path) -> None:
    """pdf.md 4.16: the cut-off is by the proven time of sealing."""
    world = make_world(tmp_path)
    early = world.seal(world.page(), at=NOW - timedelta(hours=9))
    late = world.seal(world.page(), at=NOW - timedelta(hours=1))
    kid = hierarchy.open_signer(world.keys, "seal").key.kid
    at = NOW - timedelta(hours=5)
    publishing.change_state(world.keys, kid, KeyState.COMPROMISED, at=at)
    verifier = _with_trust(world, publish(world.keys))

    assert verifier.verify(early).code is VerdictCode.GENUINE_CURRENT
    verdict = verifier.verify(late)
    assert verdict.code is VerdictCode.NOT_OURS
    assert "key_not_trusted_then" in verdict.reasons


@pytest.mark.parametrize(
    ("damage", "clock", "reason"),
    [
        (lambda _: None, NOW, "no_trust_list"),
        (lambda good: good[:-9] + good[-8:], NOW, "trust_list_invalid"),
        (lambda good: good, NOW + timedelta(days=900), "trust_list_expired"),
    ],
)
def test_without_a_good_list_of_keys_nobody_is_called_anything(
    damage: Callable[[bytes], bytes | None],
    clock: datetime,
    reason: str,
    world: World,
    sealed: bytes,
) -> None:
    """verifier.md 3.10: an expired list is `not_done`."""
    verdict = _with_trust(world, damage(world.trust), clock).verify(sealed)

    assert verdict.code is VerdictCode.CANNOT_CHECK
    assert reason in verdict.reasons


def test_facts_that_nobody_asked_for_are_dropped(
    world: World, verifier: Verifier, index: memory.MemoryIndex
) -> None:
    """verifier.md 3.7, rule 4: no number of a person, whatever the file carries."""
    facts = FACTS | {"bsn": "999990019", "holder": FACTS["holder"] | {"bsn": "999990019"}}

    sealed = world.seal(world.page(facts=facts))
    index.add(sealed, NUMBER)
    verdict = verifier.verify(sealed)

    assert verdict.code is VerdictCode.GENUINE_CURRENT
    assert "999990019" not in str(verdict.facts)


@pytest.mark.parametrize(
    "facts", [FACTS | {"format": "other"}, FACTS | {"number": 7}, FACTS | {"results": {}}]
)
def test_machine_data_of_another_form_costs_the_green(
    facts: dict[str, object], world: World, verifier: Verifier
) -> None:
    verdict = verifier.verify(world.seal(world.page(facts=facts)))

    assert verdict.code is VerdictCode.GENUINE_STATUS_UNKNOWN
    assert verdict.facts is None
    checks = {check.name: check.result for check in verdict.checks}
    assert checks[CheckName.MACHINE_DATA] is CheckResult.NOT_DONE


def test_the_time_of_the_check_is_the_clock_s(verifier: Verifier) -> None:
    assert verifier.verify(b"").checked_at == datetime(2026, 11, 21, 14, 5, tzinfo=UTC)


def test_a_seal_newer_than_the_list_at_hand_is_not_called_foreign(tmp_path: Path) -> None:
    """An employer's cached list does not know a newer key; the holder is honest all the same."""
    world = make_world(tmp_path)
    kid = hierarchy.announce(world.keys, "seal", now=NOW - timedelta(hours=8))
    key, chain = world.keys / f"{kid}.key", world.keys / f"{kid}.pem"
    sealer = SpliceSealer(
        FileSigner(kid, key_file=key, chain_file=chain),
        SealProfile(),
        clock=lambda: NOW - timedelta(hours=1),
        timestamper=world.timestamper(NOW - timedelta(hours=1)),
    )
    sealed = sealer.seal(sealer.prepare(world.page()))

    verdict = _with_trust(world, world.trust).verify(sealed)

    assert verdict.code is VerdictCode.CANNOT_CHECK
    assert "key_not_on_list_yet" in verdict.reasons
    assert verdict.flags == ()


@given(place=st.integers(min_value=0), bit=st.integers(0, 7))
def test_a_damaged_certificate_in_our_seal_accuses_nobody(
    place: int, bit: int, world: World, sealed: bytes
) -> None:
    der = hierarchy.open_signer(world.keys, "seal").chain[0]
    start = sealed.index(der.hex().encode())
    damaged = bytearray(der)
    damaged[place % len(der)] ^= 1 << bit
    tail = sealed[start + 2 * len(der) :]

    verdict = a_verifier(world).verify(sealed[:start] + damaged.hex().encode() + tail)

    assert (verdict.code, verdict.flags) == (VerdictCode.CANNOT_CHECK, ())
