"""A verifier alone, whose issuer is killed: processes, sockets and a clock that are all real.

verifier.md 4.2 and goal 13; "`--role verifier` survives the issuer being down".
"""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from settings import ProcessRole
from tests.commands import ECHT, Running, free_port, running, wait_until_ready
from tests.house import furnish, sealed_extracts

pytestmark = pytest.mark.slow

FRESH_SECONDS = 60
"""The least that an operator can choose; so long this test sleeps."""
PATIENCE = 600.0
GREEN, GREY = "GENUINE_CURRENT", "GENUINE_STATUS_UNKNOWN"


@dataclass(frozen=True, slots=True)
class Lone:
    """The verifier under test, and a genuine extract to hand over."""

    address: str
    extract: bytes

    def verdict(self) -> str:
        files = {"file": ("extract.pdf", self.extract, "application/pdf")}
        answer = httpx2.post(f"{self.address}/api/v1/verifications", files=files, timeout=60)
        return str(answer.json()["code"])

    def index(self) -> str:
        """What readiness says of the index; the process itself is always ready."""
        answer = httpx2.get(f"{self.address}/readyz", timeout=60)
        assert answer.status_code == 200
        return str(answer.json()["warnings"]["index"])


@contextmanager
def a_verifier(home: Path, issuer: str, extract: bytes) -> Iterator[Lone]:
    """`echt serve --role verifier` over this home, which pulls every second."""
    port = free_port()
    words = ("--home", str(home), "serve", "--port", str(port), "--role", ProcessRole.VERIFIER)
    chosen = {
        "ECHT_INDEX__ISSUER": issuer,
        "ECHT_INDEX__EVERY_SECONDS": "1",
        "ECHT_INDEX__FRESH_SECONDS": str(FRESH_SECONDS),
    }
    with running(ECHT, *words, log=home / "verifier.log", **chosen) as process:
        address = f"http://127.0.0.1:{port}"
        wait_until_ready(process, address)
        yield Lone(address, extract)


@contextmanager
def an_issuer(home: Path, port: int) -> Iterator[Running]:
    """`echt serve` over this home, which publishes its index."""
    words = ("--home", str(home), "serve", "--port", str(port))
    log = home / "issuer.log"
    with running(ECHT, *words, log=log, ECHT_PUBLISH_INDEX="true") as process:
        wait_until_ready(process, f"http://127.0.0.1:{port}")
        yield process


def wait_for(told: Callable[[], str], word: str) -> None:
    until = time.monotonic() + PATIENCE
    while (said := told()) != word:
        assert time.monotonic() < until, said
        time.sleep(0.2)


def test_a_verifier_outlives_its_issuer_and_is_never_green_then(tmp_path: Path) -> None:
    ours, theirs, port = tmp_path / "issuer", tmp_path / "verifier", free_port()
    ours.mkdir()
    theirs.mkdir()
    instance = furnish(ours, people=1)
    extract = sealed_extracts(instance, 1)[0]
    shutil.copytree(instance.trust_folder, theirs / "trust")
    instance.close()

    with a_verifier(theirs, f"http://127.0.0.1:{port}", extract) as lone:
        assert (lone.index(), lone.verdict()) == ("missing", GREY)
        with an_issuer(ours, port) as process:
            wait_for(lone.verdict, GREEN)
            assert lone.index() == "ok"
            process.send_signal(signal.SIGKILL)
            process.wait(PATIENCE)
        wait_for(lone.verdict, GREY)
        wait_for(lone.index, "stale")
        assert {lone.verdict() for _ in range(5)} == {GREY}

    with a_verifier(theirs, f"http://127.0.0.1:{port}", extract) as lone:  # started without it
        assert (lone.index(), lone.verdict()) == ("stale", GREY)
