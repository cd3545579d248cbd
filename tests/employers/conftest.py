"""One desk for programs over SQLite, and keys that are made once."""

from __future__ import annotations

from pathlib import Path

import pytest
from joserfc.jwk import ECKey, RSAKey
from sqlalchemy.engine import Engine

from tests.employers.desk import Programs


@pytest.fixture(scope="session", name="key")
def _key() -> ECKey:
    return ECKey.generate_key("P-256")


@pytest.fixture(scope="session", name="rsa")
def _rsa() -> RSAKey:
    return RSAKey.generate_key(2048)


@pytest.fixture(name="programs")
def _programs(sqlite_engine: Engine, tmp_path: Path) -> Programs:
    return Programs(sqlite_engine, tmp_path)
