"""A real service in a process of its own, and a real browser in front of it."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Request, sync_playwright

from tests import judges
from tests.commands import ECHT, free_port, running, wait_until_ready
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
REGISTRY = "http://127.0.0.1:9/emreg.json"
"""Of providers of EMREX: nobody answers there, so what a test kept of it is what is known."""


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
    port = free_port()
    log = home / "service.log"
    words = ("serve", "--port", str(port))
    chosen = {"ECHT_HOME": str(home), "ECHT_REGISTRY__ADDRESSES": json.dumps([REGISTRY])}
    with running(ECHT, *words, log=log, **chosen) as process:
        found = Service(f"http://127.0.0.1:{port}", home, log)
        wait_until_ready(process, found.address)
        yield found
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_SECONDS)


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


@contextmanager
def a_visit(browser: Browser, **chosen: Any) -> Iterator[BrowserContext]:
    """Somebody at the browser, with these options, until the end of the block; in no hurry."""
    context = browser.new_context(**chosen)
    context.set_default_timeout(1000 * PATIENCE_SECONDS)
    try:
        yield context
    finally:
        context.close()


def kept_in(requests: list[Request]) -> Callable[[Request], None]:
    """What keeps each request of a page; the player cannot take a method of a list itself."""

    def keep(request: Request) -> None:
        requests.append(request)

    return keep
