"""A real service in a process of its own, and a real browser in front of it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import Browser, sync_playwright

from tests import judges
from tests.house import furnish

QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-sync",
    "--disable-background-networking",
    "--disable-component-update",
)
PATIENCE_SECONDS = 300


@dataclass(frozen=True, slots=True)
class Service:
    """Where the service listens, what it keeps, and what it logged."""

    address: str
    home: Path
    log: Path


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """`echt serve` over a furnished instance, ended by its own process id."""
    home = tmp_path_factory.mktemp("service")
    furnish(home).close()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = home / "service.log"
    command = [sys.executable, str(judges.ROOT / "main.py"), "serve", "--port", str(port)]
    environment = os.environ | {"ECHT_HOME": str(home)}
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=environment, stdout=output, stderr=output)
        found = Service(f"http://127.0.0.1:{port}", home, log)
        try:
            _wait_until_ready(process, found)
            yield found
        finally:
            process.terminate()
            process.wait(timeout=PATIENCE_SECONDS)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the journeys of a file; each takes a context of its own.

    Its event loop occupies the thread of the tests for as long as it lives, so it must
    not outlive the file: other tests run loops of their own.
    """
    program = judges.browser()
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=program, args=list(QUIET))
        yield browser
        browser.close()


def _wait_until_ready(process: subprocess.Popen[bytes], service: Service) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        assert process.poll() is None, service.log.read_text()
        try:
            if httpx2.get(f"{service.address}/readyz", timeout=5).is_success:
                return
        except httpx2.TransportError:
            time.sleep(0.1)
    pytest.fail(service.log.read_text())
