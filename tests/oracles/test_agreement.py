"""Our verifier and pyHanko about the same files: our yes is never wider than theirs."""

from __future__ import annotations

import random

import pytest

from keys import trust as trust_lists
from tests.oracles import outside
from tests.verifier import mutating
from tests.verifier.conftest import a_verifier
from tests.verifier.memory import MemoryStatuses
from tests.verifier.sealed import NOW, NUMBER, World, make_world
from verifier.ports import Status
from verifier.verifying import Verifier

pytestmark = pytest.mark.slow
MUTATED_EACH = 4


@pytest.fixture(scope="module", name="world")
def _world(tmp_path_factory: pytest.TempPathFactory) -> World:
    return make_world(tmp_path_factory.mktemp("agreement"))


@pytest.fixture(scope="module", name="files")
def _files(world: World) -> dict[str, bytes]:
    return mutating.sealed_files(world)


def _ours(world: World) -> Verifier:
    return a_verifier(world, statuses=MemoryStatuses({NUMBER: Status.GOOD}))


def _trusted(world: World, name: str, document: bytes) -> bool:
    root = trust_lists.read(world.trust, now=NOW).roots[0]
    is_last_word = name.startswith(("B-B ", "B-T "))
    try:
        return outside.pyhanko_accepts(document, root, whole=is_last_word)
    except Exception:  # noqa: BLE001 - it raises anything about a broken file: that is a no
        return False


def test_what_we_call_genuine_another_library_trusts(world: World, files: dict[str, bytes]) -> None:
    """pdf.md 4.9, 4.14: every level, every key, renewals."""
    for name, document in files.items():
        assert _ours(world).verify(document).code.is_positive, name
        assert _trusted(world, name, document), name


def test_what_another_library_rejects_we_reject(world: World, files: dict[str, bytes]) -> None:
    """pdf.md 4.14: bytes changed at random; theirs may be wider, never narrower."""
    rejected = 0
    for name, document in files.items():
        row = mutating.mutations(document, random.Random(name))
        for _ in range(MUTATED_EACH):
            kind, at, changed = next(row)
            if not _trusted(world, name, changed):
                rejected += 1
                assert not _ours(world).verify(changed).code.is_positive, (name, kind, at)
    assert rejected > 2 * len(files)
