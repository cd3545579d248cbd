"""A pulled index: proven before it is used, never exchanged for worse, never green when old."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from credentials.status import DocumentStatus
from keys import hierarchy
from tests.verifier.index.published import Issuer
from tests.verifier.sealed import World
from verifier.errors import IndexNotTrusted, IndexUnavailable, StatusUnavailable
from verifier.index.pulled import LATEST, PulledIndex
from verifier.index.segment import Table
from verifier.index.sources import PulledBuckets, PulledFiles, PulledStatuses
from verifier.ports import Status

HOUR = timedelta(hours=1)


@pytest.fixture(name="issuer")
def _issuer(world: World, tmp_path: Path) -> Issuer:
    issuer = Issuer(world, tmp_path / "published")
    for place in range(40):
        issuer.standings.add(f"N{place}")
    issuer.publish()
    return issuer


@pytest.fixture(name="index")
def _index(issuer: Issuer, tmp_path: Path) -> PulledIndex:
    return an_index(issuer, tmp_path)


def an_index(issuer: Issuer, tmp_path: Path) -> PulledIndex:
    """A verifier's own copy, by the issuer's clock."""
    return PulledIndex(
        tmp_path / "kept",
        issuer.fetch,
        trust=lambda: issuer.world.trust,
        clock=lambda: issuer.now,
    )


def status(index: PulledIndex, issuer: Issuer, number: str) -> Status:
    return PulledStatuses(index, HOUR, lambda: issuer.now).status(number)


def test_every_document_is_known_by_all_three_hashes(issuer: Issuer, index: PulledIndex) -> None:
    assert index.pull()
    assert not index.pull()

    files = PulledFiles(index)
    for number, one in ((n, issuer.standings.add(n)) for n in ("N0", "N39")):
        found = files.find(one.file)
        assert found is not None
        assert found.number is None
        assert files.knows_covered(one.covered)
        assert status(index, issuer, number) is Status.GOOD
    assert files.find("00" * 32) is None
    with pytest.raises(IndexUnavailable):  # a seal may be newer than the index
        files.knows_covered("00" * 32)


def test_changes_travel_without_the_base(issuer: Issuer, index: PulledIndex) -> None:
    index.pull()
    base = issuer.segments[-1]
    issuer.standings.add("N7", DocumentStatus.WITHDRAWN)
    issuer.standings.add("new")
    issuer.publish()

    asked: list[str] = []
    fetch = index._fetch

    def watched(name: str, *, at_most: int) -> object:
        asked.append(name)
        return fetch(name, at_most=at_most)

    index._fetch = watched  # type: ignore[assignment]  # the same port, watched
    index.pull()

    assert base.name not in asked
    assert status(index, issuer, "N7") is Status.WITHDRAWN
    assert status(index, issuer, "new") is Status.GOOD
    for table in (Table.FILES, Table.NUMBERS):
        source = PulledBuckets(index, table)
        everything = source.between("0" * 64, "f" * 64)
        assert sum(source.sizes().values()) == len(everything) == 41
        assert [one.status for one in everything].count(Status.WITHDRAWN) == 1


def test_many_changes_make_a_new_base(issuer: Issuer, index: PulledIndex) -> None:
    index.pull()
    for place in range(40, 400):
        issuer.standings.add(f"N{place}")
    issuer.publish()

    index.pull()

    assert len(index.current().segments) == 1
    assert status(index, issuer, "N399") is Status.GOOD


def test_a_good_word_gets_old_and_the_others_do_not(issuer: Issuer, index: PulledIndex) -> None:
    """verifier.md 4.2: a stale source is never green."""
    issuer.standings.add("N1", DocumentStatus.SUPERSEDED)
    issuer.standings.add("N2", DocumentStatus.WITHDRAWN)
    issuer.publish()
    index.pull()

    issuer.now += HOUR
    assert status(index, issuer, "N0") is Status.GOOD
    issuer.now += timedelta(seconds=1)

    with pytest.raises(StatusUnavailable):
        status(index, issuer, "N0")
    assert status(index, issuer, "N1") is Status.SUPERSEDED
    assert status(index, issuer, "N2") is Status.WITHDRAWN
    issuer.now -= HOUR + timedelta(hours=2)  # a clock that went back is no fresh word either
    with pytest.raises(StatusUnavailable):
        status(index, issuer, "N0")


def test_without_the_issuer_the_last_good_index_serves_also_after_a_restart(
    issuer: Issuer, index: PulledIndex, tmp_path: Path
) -> None:
    index.pull()
    issuer.away = True
    with pytest.raises(IndexUnavailable):
        index.pull()

    again = an_index(issuer, tmp_path)
    again.load()

    assert status(again, issuer, "N0") is Status.GOOD


def test_an_index_that_never_was_is_said_so(issuer: Issuer, index: PulledIndex) -> None:
    issuer.away = True
    index.load()

    with pytest.raises(IndexUnavailable):
        index.current()
    with pytest.raises(StatusUnavailable):
        status(index, issuer, "N0")


def test_an_older_index_is_refused_also_after_a_restart(
    issuer: Issuer, index: PulledIndex, tmp_path: Path
) -> None:
    """Whoever holds the line would like to undo a withdrawal."""
    shutil.copytree(issuer.folder, tmp_path / "before")
    issuer.standings.add("N0", DocumentStatus.WITHDRAWN)
    issuer.publish()
    index.pull()
    shutil.rmtree(issuer.folder)
    (tmp_path / "before").rename(issuer.folder)

    for one in (index, an_index(issuer, tmp_path)):
        one.load()
        with pytest.raises(IndexNotTrusted):
            one.pull()
        assert status(one, issuer, "N0") is Status.WITHDRAWN


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("damage", [cut, flip, Path.unlink])
@pytest.mark.parametrize("which", ["page", "segment"])
def test_what_is_damaged_on_the_way_is_never_used(
    damage: Callable[[Path], None], which: str, issuer: Issuer, index: PulledIndex
) -> None:
    index.pull()
    for place in range(40, 400):
        issuer.standings.add(f"N{place}", DocumentStatus.WITHDRAWN)
    issuer.publish()
    damage(issuer.folder / LATEST if which == "page" else issuer.segments[-1])

    with pytest.raises((IndexNotTrusted, IndexUnavailable)):
        index.pull()

    assert status(index, issuer, "N0") is Status.GOOD
    with pytest.raises(StatusUnavailable):
        status(index, issuer, "N399")


@pytest.mark.parametrize("damage", [cut, flip, Path.unlink])
@pytest.mark.parametrize("which", [LATEST, "*.segment"])
def test_what_is_damaged_on_our_own_disk_is_never_used_and_comes_anew(
    damage: Callable[[Path], None], which: str, issuer: Issuer, index: PulledIndex, tmp_path: Path
) -> None:
    index.pull()
    damage(next((tmp_path / "kept").glob(which)))

    again = an_index(issuer, tmp_path)
    again.load()
    with pytest.raises(IndexUnavailable):
        again.current()
    assert again.pull()
    assert status(again, issuer, "N0") is Status.GOOD


def test_a_pull_that_broke_off_leaves_the_old_one(
    issuer: Issuer, index: PulledIndex, tmp_path: Path
) -> None:
    """What a killed process leaves: a draft, and no page that names it."""
    index.pull()
    for place in range(40, 400):
        issuer.standings.add(f"N{place}")
    issuer.publish()
    name = issuer.segments[-1].name
    (tmp_path / "kept" / name).with_suffix(".draft").write_bytes(b"half")

    again = an_index(issuer, tmp_path)
    again.load()
    assert status(again, issuer, "N0") is Status.GOOD
    assert again.pull()
    assert not list((tmp_path / "kept").glob("*.draft"))


def test_another_key_of_ours_cannot_sign_an_index(
    issuer: Issuer, index: PulledIndex, world: World
) -> None:
    issuer.publisher.signer = lambda: hierarchy.open_signer(world.keys, "trust")
    issuer.publish()

    with pytest.raises(IndexNotTrusted):
        index.pull()
