"""Our own verifier over every level, every kind of key, and years of archive time-stamps."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from credentials.sealing import Level
from keys import hierarchy, publishing
from keys.trust import KeyState
from tests.attacks.updates import anatomy
from tests.verifier import ageing, memory
from tests.verifier.archived import Archive, ours
from tests.verifier.conftest import a_verifier
from tests.verifier.sealed import NOW, NUMBER, SEAL_KEYS, SEALED, World, make_world
from verifier.pdf.archive import MAX_STREAMS
from verifier.ports import Status
from verifier.verdict import CheckName, CheckResult, Verdict, VerdictCode
from verifier.verifying import Verifier

PROVEN = (Level.B_T, Level.B_LT, Level.B_LTA)
GENUINE, CANNOT, NOT_OURS = (
    VerdictCode.GENUINE_CURRENT,
    VerdictCode.CANNOT_CHECK,
    VerdictCode.NOT_OURS,
)


@pytest.fixture(name="aged")
def _aged(tmp_path: Path) -> World:
    """A hierarchy of its own, to which years may happen."""
    return make_world(tmp_path)


@pytest.fixture(scope="module", name="stranger")
def _stranger(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A hierarchy with the same names and other keys."""
    return make_world(tmp_path_factory.mktemp("stranger"))


def by_seal_alone(world: World, *, clock: timedelta = timedelta(0)) -> Verifier:
    """A verifier without a ledger: only what is in the file counts. Its list is of that day."""
    at = NOW + clock
    statuses = memory.MemoryStatuses({NUMBER: Status.GOOD})
    trust = ageing.list_of(world.keys, at=at)
    return a_verifier(world, statuses=statuses, trust=trust, clock=at)


def said_of(verdict: Verdict, name: CheckName) -> tuple[CheckResult, str]:
    """What came of one check."""
    (check,) = (one for one in verdict.checks if one.name is name)
    return check.result, check.reason


@pytest.mark.parametrize("purpose", SEAL_KEYS)
@pytest.mark.parametrize("level", Level)
def test_a_genuine_file_is_accepted_at_every_level_with_every_key(
    level: Level, purpose: str, world: World, page: bytes
) -> None:
    """pdf.md 4.14 (genuine files accepted) and 3.7."""
    verdict = by_seal_alone(world).verify(world.seal(page, level, purpose=purpose))

    assert verdict.code is GENUINE, verdict.reasons
    assert verdict.facts is not None
    expected = "key_still_good" if level is Level.B_B else "time_proven"
    assert said_of(verdict, CheckName.TIME_STAMP) == (CheckResult.PASS, expected)


@pytest.mark.parametrize("purpose", SEAL_KEYS)
@pytest.mark.parametrize("level", [Level.B_T, Level.B_LTA])
def test_a_file_that_is_renewed_again_and_again_stays_genuine(
    level: Level, purpose: str, world: World, page: bytes
) -> None:
    """pdf.md 7: ArchiveTimestamp1, 2, 3 and 4, each with its own update."""
    document = world.seal(page, level, purpose=purpose)
    for minutes in range(40, 0, -10):
        document = world.preserve(document, at=NOW - timedelta(minutes=minutes))

        assert by_seal_alone(world).verify(document).code is GENUINE


def test_archive_data_laid_out_by_hand_is_genuine(world: World, page: bytes) -> None:
    """pdf.md 3.3, update 2: what the specification says, without a line of the sealer."""
    document = ours(world).onto(anatomy(world.seal(page)))
    again = ours(world, name=b"ArchiveTimestamp2").onto(anatomy(document))
    data_only = ours(world, token=None).onto(anatomy(again))

    for made in (document, again, data_only):
        verdict = by_seal_alone(world).verify(made)
        assert verdict.code is GENUINE, verdict.reasons


@pytest.mark.parametrize("level", [Level.B_LT, Level.B_LTA])
def test_a_file_cut_back_to_its_seal_is_genuine_without_its_archive_data(
    level: Level, world: World, page: bytes, verifier: Verifier, index: memory.MemoryIndex
) -> None:
    """verifier.md 4.8."""
    whole = world.seal(page, level)
    index.add(whole, NUMBER)
    cut = whole[: anatomy(whole).file.revisions[1].end]
    digest = verifier._reading.read(cut, world.trust, NOW).covered_digest
    assert digest is not None
    index.covered.add(digest)

    verdict = verifier.verify(cut)

    assert verifier.verify(whole).code is GENUINE
    assert (verdict.code, verdict.flags) == (GENUINE, ("archive_missing",))


# Moved clocks: what still proves what, years later (pdf.md 4.16 and 4.17).


@pytest.mark.parametrize("level", PROVEN)
def test_expired_certificates_take_nothing_from_a_seal_with_a_time(
    level: Level, aged: World
) -> None:
    """pdf.md 4.17. The list vouches for what its keys did in their time, at B-T already."""
    document = aged.seal(aged.page(), level)
    ageing.succeed(aged.keys, at=NOW + 2 * ageing.YEAR)

    verdict = by_seal_alone(aged, clock=ageing.SEALS_EXPIRED).verify(document)

    assert verdict.code is GENUINE, verdict.reasons


def test_a_seal_without_a_time_is_as_good_as_its_certificate(aged: World) -> None:
    """A seal at B-B is judged now: it says nothing of when, and nobody is called a forger."""
    document = aged.seal(aged.page(), Level.B_B)
    ageing.succeed(aged.keys, at=NOW + 2 * ageing.YEAR)

    verdict = by_seal_alone(aged, clock=ageing.SEALS_EXPIRED).verify(document)

    assert verdict.code is CANNOT
    assert said_of(verdict, CheckName.TIME_STAMP) == (CheckResult.FAIL, "no_time_stamp")


@pytest.mark.parametrize("state", [KeyState.RETIRED, KeyState.COMPROMISED])
def test_a_seal_without_a_time_ends_with_its_key(state: KeyState, aged: World) -> None:
    document = aged.seal(aged.page(), Level.B_B)
    kid = hierarchy.open_signer(aged.keys, "seal").key.kid
    publishing.change_state(aged.keys, kid, state, at=NOW - timedelta(minutes=1))

    verdict = by_seal_alone(aged).verify(document)

    assert (verdict.code, verdict.facts) == (CANNOT, None)
    assert "no_time_stamp" in verdict.reasons


@pytest.mark.parametrize("level", PROVEN)
def test_a_compromise_parts_seals_by_their_proven_time(level: Level, aged: World) -> None:
    """pdf.md 4.16: time-stamped before it stays genuine, after it is not ours."""
    before = aged.seal(aged.page(), level, at=NOW - timedelta(hours=9))
    after = aged.seal(aged.page(), level, at=NOW - timedelta(hours=1))
    ageing.compromise(aged.keys, "seal", since=NOW - timedelta(hours=5))
    verifier = by_seal_alone(aged)

    assert verifier.verify(before).code is GENUINE
    verdict = verifier.verify(after)
    assert verdict.code is NOT_OURS
    assert "key_not_trusted_then" in verdict.reasons


def test_a_compromise_is_still_outlived_when_everything_has_expired(aged: World) -> None:
    """pdf.md 4.16 and 4.17 together."""
    document = aged.seal(aged.page(), Level.B_LTA, at=NOW - timedelta(hours=9))
    ageing.compromise(aged.keys, "seal", since=NOW)
    ageing.succeed(aged.keys, at=NOW + 2 * ageing.YEAR)

    assert by_seal_alone(aged, clock=ageing.SEALS_EXPIRED).verify(document).code is GENUINE


def test_renewal_after_renewal_carries_a_seal_through_eight_years(aged: World) -> None:
    """Each authority retires, each certificate expires, and the chain of time-stamps holds."""
    document = aged.seal(aged.page(), Level.B_LTA)
    for years in (2, 4, 6):
        ageing.succeed(aged.keys, at=NOW + years * ageing.YEAR)
        document = aged.preserve(document, at=NOW + years * ageing.YEAR + timedelta(days=60))

    assert by_seal_alone(aged, clock=8 * ageing.YEAR).verify(document).code is GENUINE


def test_a_stolen_time_stamp_key_proves_no_time_unless_another_stood_over_it(aged: World) -> None:
    """A thief writes any time: only what an archive time-stamp held before then still counts."""
    theft = NOW + ageing.YEAR
    alone = aged.seal(aged.page(), Level.B_LTA)
    stolen = hierarchy.open_signer(aged.keys, "tsa").key.kid
    ageing.succeed(aged.keys, at=NOW + timedelta(days=40))
    renewed = aged.preserve(alone, at=NOW + timedelta(days=50))
    late = aged.preserve(alone, at=theft + timedelta(days=1))
    publishing.change_state(aged.keys, stolen, KeyState.COMPROMISED, at=theft)
    verifier = by_seal_alone(aged, clock=2 * ageing.YEAR)

    assert verifier.verify(renewed).code is GENUINE
    for document in (alone, late):
        verdict = verifier.verify(document)
        assert verdict.code is CANNOT
        expected = (CheckResult.FAIL, "time_stamp_key_not_trusted")
        assert said_of(verdict, CheckName.TIME_STAMP) == expected


# Time-stamps and archive data that are not what they should be: never green, never an accusation.


def test_a_list_that_is_too_old_for_an_archive_time_stamp_accuses_nobody(aged: World) -> None:
    """The keys of a renewal may be newer than the list at hand; the holder is honest."""
    document = aged.seal(aged.page(), Level.B_LTA)
    old = ageing.list_of(aged.keys, at=NOW)
    ageing.succeed(aged.keys, at=NOW + timedelta(days=40))
    renewed = aged.preserve(document, at=NOW + timedelta(days=50))

    verdict = a_verifier(aged, trust=old, clock=NOW + timedelta(days=60)).verify(renewed)

    assert verdict.code is CANNOT
    assert said_of(verdict, CheckName.TIME_STAMP) == (CheckResult.FAIL, "time_stamp_not_ours")


def test_time_does_not_run_backwards(world: World, page: bytes) -> None:
    """An archive time-stamp from before the seal, or from after now, proves nothing."""
    early = world.preserve(world.seal(page), at=SEALED - timedelta(hours=2))
    late = world.preserve(world.seal(page), at=NOW + timedelta(hours=2))

    for document in (early, late):
        verdict = by_seal_alone(world).verify(document)
        assert verdict.code is CANNOT
        assert "time_stamp_from_the_future" in verdict.reasons


def test_an_archive_time_stamp_of_a_stranger_is_no_proof(
    world: World, page: bytes, stranger: World
) -> None:
    token = stranger.timestamper().stamp
    verdict = by_seal_alone(world).verify(ours(world, token=token).onto(anatomy(world.seal(page))))

    assert verdict.code is CANNOT
    assert "time_stamp_not_ours" in verdict.reasons


def test_an_archive_time_stamp_is_about_its_own_bytes(world: World, page: bytes) -> None:
    stamper = world.timestamper()
    elsewhere = ours(world, token=lambda _: stamper.stamp(bytes(32)))
    verdict = by_seal_alone(world).verify(elsewhere.onto(anatomy(world.seal(page))))

    assert verdict.code is CANNOT
    assert "time_stamp_of_something_else" in verdict.reasons


@pytest.mark.parametrize("kind", ["certs", "ocsps", "crls"])
@pytest.mark.parametrize("whose", ["nobody", "stranger"])
@pytest.mark.parametrize("stamped", [True, False])
def test_archive_data_of_others_is_not_taken_for_ours(
    kind: str, whose: str, world: World, page: bytes, stranger: World, *, stamped: bool
) -> None:
    """Anybody can add a DSS and buy a time-stamp; what is in it must be of our authorities."""
    theirs = ours(stranger)
    items = (b"whatever",) if whose == "nobody" else getattr(theirs, kind)
    changes = {kind: items} | ({} if stamped else {"token": None})
    document = ours(world, **changes).onto(anatomy(world.seal(page)))

    verdict = by_seal_alone(world).verify(document)

    assert verdict.code is CANNOT
    expected = (CheckResult.NOT_DONE, "archive_data_unknown")
    assert said_of(verdict, CheckName.NOTHING_ADDED) == expected


@pytest.mark.parametrize("place", ["start", "middle", "end", "after"])
@pytest.mark.parametrize("kind", ["certs", "ocsps", "crls"])
def test_archive_data_without_a_time_stamp_is_still_exact(
    kind: str, place: str, world: World, page: bytes
) -> None:
    """At B-LT no signature covers the DSS: each item must hold by its own."""
    item = getattr(ours(world), kind)[0]
    at = {"start": 0, "middle": len(item) // 2, "end": len(item) - 1}.get(place)
    spoiled = item + b"\0" if at is None else item[:at] + bytes([item[at] ^ 1]) + item[at + 1 :]
    document = ours(world, token=None, **{kind: (spoiled,)}).onto(anatomy(world.seal(page)))

    assert by_seal_alone(world).verify(document).code is CANNOT


@pytest.mark.parametrize(
    "stream",
    [
        lambda data: b"<</Length %d>>\nstream\n%s\nendstream" % (len(data), data[:-1] + b"\0"),
        lambda _: b"<</Length 3/Filter/FlateDecode>>\nstream\nabc\nendstream",
        lambda data: b"<</Length %d/Filter/LZWDecode>>\nstream\n%s\nendstream" % (len(data), data),
    ],
    ids=["plain and spoiled", "not deflated", "another filter"],
)
def test_a_stream_that_cannot_be_unpacked_is_no_archive_data(
    stream: object, world: World, page: bytes
) -> None:
    document = ours(world, token=None, stream=stream).onto(anatomy(world.seal(page)))

    assert not by_seal_alone(world).verify(document).code.shows_facts


def test_an_archive_of_hundreds_of_items_is_not_read(world: World, page: bytes) -> None:
    many = Archive(certs=(world.chain[0],) * (MAX_STREAMS + 1))

    verdict = by_seal_alone(world).verify(many.onto(anatomy(world.seal(page))))

    assert not verdict.code.shows_facts
    assert "archive_data" in verdict.reasons
