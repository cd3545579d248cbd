"""The promise under test: nobody gets a process to go back to the list of before."""

from __future__ import annotations

from pathlib import Path

import pytest

from keys import hierarchy, publishing
from keys.newest import Newest
from tests.keys.conftest import NOW


class Shelf:
    """A place where a list lies."""

    def __init__(self) -> None:
        self.data: bytes | None = None

    def __call__(self) -> bytes | None:
        return self.data


def lists(folder: Path, count: int) -> list[bytes]:
    signer = hierarchy.open_signer(folder, "trust")
    made = []
    for _ in range(count):
        publishing.publish(folder, signer, now=NOW)
        made.append((folder / publishing.LIST).read_bytes())
    return made


@pytest.fixture(name="shelf")
def _shelf() -> Shelf:
    return Shelf()


@pytest.fixture(name="newest")
def _newest(shelf: Shelf) -> Newest:
    return Newest(shelf, clock=lambda: NOW)


def test_the_newest_list_is_given_and_an_older_one_is_not(
    folder: Path, shelf: Shelf, newest: Newest
) -> None:
    first, second = lists(folder, 2)
    given = []
    for shelf.data in (None, first, second, first, second, None):
        given.append(newest())

    assert given == [None, first, second, None, second, None]


def test_a_damaged_list_is_passed_on_and_not_remembered(
    folder: Path, shelf: Shelf, newest: Newest
) -> None:
    first, second = lists(folder, 2)
    given = []
    for shelf.data in (second, b"damaged", first):
        given.append(newest())

    assert given == [second, b"damaged", None]


def test_a_list_of_another_root_does_not_take_over(
    folder: Path, tmp_path: Path, shelf: Shelf, newest: Newest
) -> None:
    """Otherwise one foreign list with a high serial would shut ours out."""
    hierarchy.make(tmp_path / "other", now=NOW)
    (own,), foreign = lists(folder, 1), lists(tmp_path / "other", 4)[-1]
    given = []
    for shelf.data in (own, foreign, own):
        given.append(newest())

    assert given == [own, None, own]
