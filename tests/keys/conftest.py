"""One hierarchy for a whole run to read, and a copy of it for each test that changes things."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from keys import hierarchy, publishing, revoking
from keys.revoking import RevocationIssuer
from tests.keys.ceremony_room import Room

NOW = datetime(2026, 11, 21, 12, 0, 0, 987_654, tzinfo=UTC)
Chain = tuple[bytes, ...]


class Clock:
    """A clock that a test turns."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(scope="session", name="made")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hierarchy") / "keys"
    hierarchy.make(folder, now=NOW)
    publishing.publish(folder, hierarchy.open_signer(folder, "trust"), now=NOW)
    return folder


@pytest.fixture(name="folder")
def _folder(made: Path, tmp_path: Path) -> Path:
    return shutil.copytree(made, tmp_path / "keys")


@pytest.fixture(name="published")
def _published(made: Path) -> bytes:
    return (made / publishing.LIST).read_bytes()


@pytest.fixture(name="clock")
def _clock() -> Clock:
    return Clock()


@pytest.fixture(name="into")
def _into(tmp_path: Path) -> Path:
    return tmp_path / "public" / "pki"


@pytest.fixture(name="issuer")
def _issuer(folder: Path, into: Path, clock: Clock) -> RevocationIssuer:
    return revoking.open_issuer(folder, into, clock=clock)


@pytest.fixture(name="seal")
def _seal(folder: Path) -> Chain:
    return hierarchy.open_signer(folder, "seal").chain


@pytest.fixture(scope="session", name="held_once")
def _held_once(tmp_path_factory: pytest.TempPathFactory) -> Room:
    """A room in which the first ceremony was held; copied, never changed."""
    room = Room(tmp_path_factory.mktemp("ceremony"))
    room.hold("1-hierarchy")
    return room


@pytest.fixture(name="room")
def _room(held_once: Room, tmp_path: Path) -> Room:
    folder = shutil.copytree(held_once.folder, tmp_path / "room")
    return Room(folder)
