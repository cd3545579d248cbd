"""A real service and a real registry: killed and started again, it knows what it was told last.

Issue 5; emrex.md 4.82.
"""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import pytest

from emrex.registry.entry import pem
from emrex_wiring import entry_of
from tests.commands import ECHT, Running, free_port, running, wait_until_ready
from tests.emrex.conftest import signer_in
from tests.emrex.registries import FINLAND, Shop, emreg, open_shop
from tests.house import furnish

pytestmark = pytest.mark.slow
PATIENCE = 300.0


@contextmanager
def serving(home: Path, shop: Shop) -> Iterator[tuple[Running, str]]:
    """`echt serve` over this home, with that registry."""
    port = free_port()
    words = ("--home", str(home), "serve", "--port", str(port))
    addresses = json.dumps([shop.address])
    with running(
        ECHT, *words, log=home / "serve.log", ECHT_REGISTRY__ADDRESSES=addresses
    ) as process:
        address = f"http://127.0.0.1:{port}"
        wait_until_ready(process, address)
        yield process, address


def warnings(address: str) -> dict[str, str]:
    told: dict[str, str] = httpx2.get(f"{address}/readyz", timeout=30).json()["warnings"]
    return told


def wait_for(address: str, name: str, word: str) -> None:
    until = time.monotonic() + PATIENCE
    while warnings(address)[name] != word:
        assert time.monotonic() < until, warnings(address)
        time.sleep(0.1)


def test_a_service_that_is_killed_knows_what_it_was_told_last(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    instance = furnish(home, people=1)
    certificates = entry_of(instance).certificates
    instance.close()
    shop = Shop(emreg((FINLAND, signer_in(tmp_path / "theirs").chain[:1])))
    with open_shop(shop), serving(home, shop) as (process, address):
        wait_for(address, "registry", "ok")
        wait_for(address, "registry-entry", "not-listed")
        process.send_signal(signal.SIGKILL)
        process.wait(PATIENCE)

    with serving(home, shop) as (process, address):  # the registry is away now
        assert warnings(address)["registry"] == "ok"
        page = httpx2.get(f"{address}/en/emrex/validate", timeout=30).text
        assert "as we last read it on" in page
        published = httpx2.get(f"{address}/emrex/certificates.pem", timeout=30).content
        said = process.said()

    assert published == pem(certificates)
    events = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    alarms = [one for one in events if one["event"] == "registry-entry-differs"]
    assert {(one["authority"], one["kind"]) for one in alarms} == {("127.0.0.1", "not-listed")}
    assert len(shop.asked) == 1


def test_an_address_that_may_not_be_asked_stops_the_start(tmp_path: Path) -> None:
    log = tmp_path / "log"
    addresses = json.dumps(["http://registry.example.eu/"])
    with running(
        ECHT,
        "--home",
        str(tmp_path),
        "serve",
        log=log,
        ECHT_REGISTRY__ADDRESSES=addresses,
    ) as process:
        assert process.wait(PATIENCE) == 2

    assert "ECHT_REGISTRY__ADDRESSES" in process.said()
