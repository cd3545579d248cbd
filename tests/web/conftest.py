"""The shell for every test of this room."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from tests.web.shell import Clock, browser, build_app


@pytest.fixture(name="clock")
def _clock() -> Clock:
    return Clock()


@pytest.fixture(name="client")
def _client(clock: Clock) -> Iterator[TestClient]:
    with browser(build_app(clock)) as client:
        yield client
