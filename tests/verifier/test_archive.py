"""After the seal only archive data may come, and all of it under a time-stamp of ours."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.verifier.archived import archived
from tests.verifier.attacks import Anatomy, anatomy
from tests.verifier.conftest import a_verifier
from tests.verifier.memory import MemoryIndex
from tests.verifier.sealed import NOW, World
from verifier.reading import ReadingHere
from verifier.verdict import VerdictCode
from verifier.verifying import Verifier


@pytest.fixture(scope="module", name="genuine")
def _genuine(sealed: bytes) -> Anatomy:
    return anatomy(sealed)


def record(index: MemoryIndex, genuine: Anatomy, world: World) -> None:
    """The ledger knows what the seal covers, whatever archive data came after it."""
    digest = ReadingHere().read(genuine.data, world.trust, NOW).covered_digest
    assert digest is not None
    index.covered = {digest}


def test_archive_data_under_our_time_stamp_is_genuine(
    genuine: Anatomy, world: World, verifier: Verifier, index: MemoryIndex
) -> None:
    """pdf.md 3.7.2, verifier.md 3.3."""
    record(index, genuine, world)

    verdict = verifier.verify(archived(genuine, world))

    assert verdict.code is VerdictCode.GENUINE_CURRENT, verdict.reasons


def test_the_same_file_cut_back_to_its_seal_is_genuine_too(
    genuine: Anatomy, world: World, verifier: Verifier, index: MemoryIndex
) -> None:
    """verifier.md 4.8."""
    record(index, genuine, world)
    cut = archived(genuine, world)[: len(genuine.data)]

    assert verifier.verify(cut).code is VerdictCode.GENUINE_CURRENT


@pytest.mark.parametrize("what", ["info", "page", "new"])
def test_nothing_else_may_ride_along(
    what: str, genuine: Anatomy, world: World, verifier: Verifier
) -> None:
    number = {"info": genuine.info, "page": genuine.page, "new": genuine.next_number + 9}[what]
    body = (
        b"<</Title(x)>>" if what != "page" else genuine.source(genuine.page)[:-2] + b"/Rotate 90>>"
    )

    verdict = verifier.verify(archived(genuine, world, extra={number: body}))

    assert verdict.code is VerdictCode.ALTERED


@given(bit=st.integers(min_value=0))
def test_no_flipped_bit_of_the_archive_data_stays_unnoticed(
    bit: int, genuine: Anatomy, world: World
) -> None:
    data = bytearray(archived(genuine, world))
    start = len(genuine.data)
    position = 8 * start + bit % (8 * (len(data) - start))
    data[position // 8] ^= 1 << position % 8

    assert not a_verifier(world).verify(bytes(data)).code.shows_facts
