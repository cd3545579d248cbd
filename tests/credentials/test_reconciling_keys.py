"""An intent that a crash left open is judged by the key that sealed, also after a rotation."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from credentials.ledger import Entry, Outcome
from credentials.pades.judging import SealJudge
from credentials.reconciling import Reconciler, Settled
from credentials.sealing import Level, Prepared
from keys import states
from tests.contracts.memory_archive import MemoryArchive
from tests.contracts.memory_ledger import MemoryLedger
from tests.contracts.memory_sealer import MemorySealer
from tests.contracts.test_ledger import INTENT, NOON
from tests.verifier import ageing
from tests.verifier.sealed import NOW, SEAL_KEYS, World, make_world

NOTHING = timedelta(0)


@pytest.fixture(name="world")
def _world(tmp_path: Path) -> World:
    """A hierarchy of its own, to which keys are added."""
    return make_world(tmp_path)


@pytest.fixture(name="shared", scope="module")
def _shared(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A hierarchy that nobody changes."""
    return make_world(tmp_path_factory.mktemp("shared"))


@pytest.fixture(name="strangers_judge", scope="module")
def _strangers_judge(tmp_path_factory: pytest.TempPathFactory) -> SealJudge:
    """Who knows keys of the same names, and none of ours."""
    return judge_of(make_world(tmp_path_factory.mktemp("stranger")))


def judge_of(world: World) -> SealJudge:
    book = states.load(world.keys)
    return SealJudge(one.certificates for one in book.keys if one.purpose == "seal")


def sealed_by(world: World, level: Level, purpose: str = "seal") -> tuple[Prepared, bytes]:
    sealer = world.sealer(level, purpose=purpose)
    prepared = sealer.prepare(world.page())
    return prepared, sealer.seal(prepared)


@pytest.mark.parametrize("purpose", SEAL_KEYS)
@pytest.mark.parametrize("level", Level)
def test_the_seal_of_any_key_at_any_level_is_known_and_nothing_else_is(
    shared: World, strangers_judge: SealJudge, level: Level, purpose: str
) -> None:
    prepared, sealed = sealed_by(shared, level, purpose)
    judge, digest = judge_of(shared), prepared.covered_digest
    changed = bytearray(sealed)
    changed[200] ^= 1

    assert judge.covers(sealed, digest)
    assert not judge.covers(sealed, bytes(32))
    assert not judge.covers(bytes(changed), digest)
    assert not judge.covers(b"", digest)
    assert not judge.covers(prepared.document, digest)
    assert not strangers_judge.covers(sealed, digest)


@pytest.mark.parametrize("level", [Level.B_T, Level.B_LTA])
def test_after_a_rotation_the_document_of_the_retired_key_is_still_finished(
    world: World, level: Level
) -> None:
    prepared, sealed = sealed_by(world, level)
    ledger, archive = MemoryLedger(), MemoryArchive()
    ledger.intend(replace(INTENT, covered_digest=prepared.covered_digest))
    archive.put(INTENT.number, sealed)
    ageing.succeed(world.keys, at=NOW, purposes=("seal", "tsa"))
    new = world.sealer(at=NOW + timedelta(hours=1))

    settled = Reconciler(ledger, archive, judge_of(world), lambda: NOON).settle(older_than=NOTHING)

    assert settled == Settled(finished=1, abandoned=0)
    entry = ledger.by_file(hashlib.sha256(sealed).hexdigest())
    assert isinstance(entry, Entry)
    assert entry.outcome is Outcome.SEALED
    assert not new.covers(sealed, prepared.covered_digest)  # who asks the new key gives it up


def test_a_document_that_another_intent_announced_is_given_up(world: World) -> None:
    _, sealed = sealed_by(world, Level.B_T)
    ledger, archive = MemoryLedger(), MemoryArchive()
    ledger.intend(INTENT)
    archive.put(INTENT.number, sealed)

    settled = Reconciler(ledger, archive, judge_of(world), lambda: NOON).settle(older_than=NOTHING)

    assert settled == Settled(finished=0, abandoned=1)


def test_the_judge_knows_no_seal_that_is_not_a_pdf() -> None:
    sealer = MemorySealer()
    prepared = sealer.prepare(b"%PDF-1.7\n")

    assert not SealJudge(()).covers(sealer.seal(prepared), prepared.covered_digest)
