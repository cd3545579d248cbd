"""One instance for all of these tests, and a copy of it for each that damages something."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.signer.halves import Split, copied, furnish, running


@pytest.fixture(scope="package", name="furnished")
def _furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An instance for tests to copy."""
    home = tmp_path_factory.mktemp("split") / "home"
    home.mkdir(mode=0o700)
    furnish(home)
    return home


@pytest.fixture(name="fresh")
def _fresh(furnished: Path, tmp_path: Path) -> Iterator[Split]:
    """A copy that a test may damage."""
    with copied(furnished, tmp_path) as halves:
        yield halves


@pytest.fixture(scope="module", name="halves")
def _halves(furnished: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Split]:
    """Both halves, with the signer running, for tests that damage nothing."""
    with copied(furnished, tmp_path_factory.mktemp("halves")) as halves, running(halves):
        yield halves
