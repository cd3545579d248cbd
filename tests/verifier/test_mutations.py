"""A slice of the long run: no single byte of a sealed file can be otherwise."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credentials.sealing import Level
from tests.attacks.updates import anatomy
from tests.products import THOROUGH
from tests.verifier import mutating
from tests.verifier.sealed import SEAL_KEYS, World
from verifier.verifying import Verifier

COUNT = 3000 if THOROUGH else 1000


@pytest.fixture(scope="module", name="files")
def _files(world: World) -> dict[str, bytes]:
    return mutating.sealed_files(world)


@pytest.mark.slow
def test_no_changed_byte_leaves_a_file_genuine(world: World, files: dict[str, bytes]) -> None:
    """pdf.md 4.14: every level, every key, renewals; `make mutations` runs 200,000."""
    tally = mutating.run(world, files, COUNT, seed=1)

    assert tally.survivors == []
    assert tally.made == COUNT
    assert set(tally.by_change) == set(mutating.CHANGES)
    assert set(tally.by_file) == set(files)


@pytest.mark.slow
def test_no_byte_of_archive_data_that_nothing_covers_can_be_otherwise(
    files: dict[str, bytes], verifier: Verifier
) -> None:
    """pdf.md 4.14: at B-LT each byte of the frame, and of the streams one in thirty."""
    whole = files[f"{Level.B_LT} {SEAL_KEYS[0]}"]
    start = anatomy(whole).file.revisions[1].end
    luck = random.Random(1)
    for at in (*range(start, len(whole), 30), *range(len(whole) - 900, len(whole))):
        name, changed = luck.choice(("flip", "delete", "insert", "set")), bytearray(whole)
        mutating.CHANGES[name](changed, at, luck)
        verdict = verifier.verify(bytes(changed))
        assert changed == whole or not verdict.code.is_positive, (name, at - len(whole))


@given(data=st.binary(min_size=2, max_size=40).filter(lambda one: len(set(one)) > 1))
def test_a_mutation_is_always_a_change_of_one_byte_or_two(data: bytes) -> None:
    row = mutating.mutations(data, random.Random(len(data)))
    for _ in range(20):
        kind, _at, changed = next(row)

        assert changed != data
        expected = {"delete": -1, "insert": 1}.get(kind, 0)
        assert len(changed) - len(data) == expected
