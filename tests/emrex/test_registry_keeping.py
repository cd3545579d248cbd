"""The promise under test: what a registry said last is on disk as it came, or not at all."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emrex.registry.fetching import Marks
from emrex.registry.keeping import Shelf, Snapshot

ADDRESS = "https://registry.example.eu/catalogue-v1.xml"
THEN = datetime(2026, 11, 21, 12, tzinfo=UTC)
SNAPSHOT = Snapshot(ADDRESS, b"<a>\n</a>", Marks('"v1"', "Sat, 21 Nov 2026 12:00:00 GMT"), THEN)


def test_what_is_kept_is_read_again_as_it_came(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "registry")
    assert shelf.kept(ADDRESS) is None

    shelf.keep(SNAPSHOT)
    newer = replace(SNAPSHOT, body=b"\n\n\x00", checked_at=THEN.replace(hour=14))
    other = replace(SNAPSHOT, address="https://emreg.example.eu/")
    shelf.keep(other)
    shelf.keep(newer)

    assert Shelf(tmp_path / "registry").kept(ADDRESS) == newer
    assert shelf.kept(other.address) == other
    assert len(list(shelf.folder.iterdir())) == 2


def file_of(shelf: Shelf) -> Path:
    (path,) = shelf.folder.iterdir()
    return path


@pytest.mark.parametrize("cut", [0, 1, 40, -1])
def test_half_a_file_is_none(tmp_path: Path, cut: int) -> None:
    shelf = Shelf(tmp_path)
    shelf.keep(SNAPSHOT)
    path = file_of(shelf)
    path.write_bytes(path.read_bytes()[:cut])

    assert shelf.kept(ADDRESS) is None
    shelf.keep(SNAPSHOT)
    assert shelf.kept(ADDRESS) == SNAPSHOT


def test_the_file_of_another_address_is_none(tmp_path: Path) -> None:
    """Somebody who renames files cannot pass one registry for another."""
    shelf = Shelf(tmp_path)
    shelf.keep(SNAPSHOT)
    path = file_of(shelf)
    content = path.read_bytes()
    shelf.keep(replace(SNAPSHOT, address="https://other.example.eu/"))
    (other,) = set(shelf.folder.iterdir()) - {path}
    other.write_bytes(content)

    assert shelf.kept("https://other.example.eu/") is None


@given(data=st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_bytes_on_disk_break_the_start(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    shelf = Shelf(tmp_path_factory.mktemp("shelf"))
    shelf.keep(SNAPSHOT)
    file_of(shelf).write_bytes(data)

    assert shelf.kept(ADDRESS) is None


def test_json_without_end_on_disk_breaks_no_start(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.keep(SNAPSHOT)
    file_of(shelf).write_bytes(b"[" * 100_000)

    assert shelf.kept(ADDRESS) is None
