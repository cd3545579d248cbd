"""A slice of the long run: no single byte of a sealed file can be otherwise."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.products import THOROUGH
from tests.verifier import mutating
from tests.verifier.sealed import World

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


@given(data=st.binary(min_size=2, max_size=40).filter(lambda one: len(set(one)) > 1))
def test_a_mutation_is_always_a_change_of_one_byte_or_two(data: bytes) -> None:
    row = mutating.mutations(data, random.Random(len(data)))
    for _ in range(20):
        kind, _at, changed = next(row)

        assert changed != data
        expected = {"delete": -1, "insert": 1}.get(kind, 0)
        assert len(changed) - len(data) == expected
