"""One hierarchy for a whole run to read, and a copy of it for each test that changes things."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from keys import hierarchy, publishing

NOW = datetime(2026, 11, 21, 12, 0, 0, 987_654, tzinfo=UTC)


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
