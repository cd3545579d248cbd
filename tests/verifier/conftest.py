"""One hierarchy, one sealed file and one set of closed rooms for all tests of the verifier."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import pytest

from tests.verifier.elmo import ElmoWorld, make_elmo_world
from tests.verifier.memory import MemoryIndex, MemoryStatuses
from tests.verifier.sealed import ADDRESS, NOW, NUMBER, World, make_world
from verifier.ports import Comparing, Reading, Shares, Status
from verifier.reading import ReadingHere
from verifier.sandbox import Sandbox
from verifier.verifying import Verifier


@pytest.fixture(scope="session", name="world")
def _world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="session", name="elmo_world")
def _elmo_world(tmp_path_factory: pytest.TempPathFactory) -> ElmoWorld:
    return make_elmo_world(tmp_path_factory.mktemp("elmo"))


@pytest.fixture(scope="session", name="page")
def _page(world: World) -> bytes:
    return world.page()


@pytest.fixture(scope="session", name="sealed")
def _sealed(world: World, page: bytes) -> bytes:
    return world.seal(page)


@pytest.fixture(scope="session", name="sandbox")
def _sandbox() -> Iterator[Sandbox]:
    with Sandbox(1) as rooms:
        yield rooms


@pytest.fixture(scope="session", name="covered")
def _covered(world: World, sealed: bytes) -> str:
    """What the ledger would know of the one sealed file."""
    digest = ReadingHere().read(sealed, world.trust, NOW).covered_digest
    assert digest is not None
    return digest


@pytest.fixture(name="index")
def _index(covered: str) -> MemoryIndex:
    index = MemoryIndex()
    index.covered = {covered}
    return index


@pytest.fixture(name="statuses")
def _statuses() -> MemoryStatuses:
    return MemoryStatuses({NUMBER: Status.GOOD})


def a_verifier(
    world: World,
    *,
    index: MemoryIndex | None = None,
    statuses: MemoryStatuses | None = None,
    reading: Reading | None = None,
    trust: bytes | None = None,
    clock: datetime = NOW,
    shares: Shares | None = None,
    comparing: Comparing | None = None,
) -> Verifier:
    """A verifier that reads in this process, now and by today's list, unless told otherwise."""
    return Verifier(
        index=index,
        statuses=statuses,
        trust=lambda: trust or world.trust,
        reading=reading or ReadingHere(),
        clock=lambda: clock,
        shares=shares,
        comparing=comparing,
        address=ADDRESS,
    )


@pytest.fixture(name="verifier")
def _verifier(world: World, index: MemoryIndex, statuses: MemoryStatuses) -> Verifier:
    return a_verifier(world, index=index, statuses=statuses)
