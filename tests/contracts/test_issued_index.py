"""What the verifier may rely on, whoever keeps the index and the statuses."""

from __future__ import annotations

import hashlib

import pytest

from tests.verifier.memory import MemoryIndex, MemoryStatuses
from verifier.errors import IndexUnavailable, StatusUnavailable
from verifier.ports import IssuedIndex, Status, StatusSource

FILE = b"%PDF-1.7 as issued"
DIGEST = hashlib.sha256(FILE).hexdigest()


@pytest.fixture(name="index", params=["memory"])
def _index() -> MemoryIndex:
    index = MemoryIndex()
    index.add(FILE, "K7QD-3MXF-9TRA")
    index.covered.add("ab" * 32)
    return index


@pytest.fixture(name="statuses", params=["memory"])
def _statuses() -> MemoryStatuses:
    return MemoryStatuses({"A": Status.GOOD, "B": Status.SUPERSEDED, "C": Status.WITHDRAWN})


def test_an_issued_file_is_found_by_its_exact_bytes(index: IssuedIndex) -> None:
    found = index.find(DIGEST)

    assert found is not None
    assert found.number == "K7QD-3MXF-9TRA"
    assert index.find(hashlib.sha256(FILE + b"\n").hexdigest()) is None


def test_a_covered_digest_is_known_or_not(index: IssuedIndex) -> None:
    assert index.knows_covered("ab" * 32)
    assert not index.knows_covered("cd" * 32)


def test_an_index_that_is_away_says_so(index: MemoryIndex) -> None:
    index.available = False

    with pytest.raises(IndexUnavailable):
        index.find(DIGEST)
    with pytest.raises(IndexUnavailable):
        index.knows_covered("ab" * 32)


@pytest.mark.parametrize(("number", "status"), list(zip("ABC", Status, strict=True)))
def test_a_status_is_one_of_three(number: str, status: Status, statuses: StatusSource) -> None:
    assert statuses.status(number) is status


def test_an_unknown_number_has_no_status_rather_than_a_good_one(statuses: StatusSource) -> None:
    with pytest.raises(StatusUnavailable):
        statuses.status("D")
