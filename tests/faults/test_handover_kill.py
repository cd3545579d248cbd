"""A real service, killed in the middle of the hand-over: the same browser gets its one answer.

emrex.md 3.2, 4.25 and 4.34.
"""

from __future__ import annotations

import hashlib
import signal
import socket
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest

from emrex.packing import unpacked
from emrex.simulating import RETURN_URL, Simulation, boxes, form_of
from emrex_wiring import exchange_of
from keys.hierarchy import utc_now
from register.synthetic.personas import PERSONAS
from settings import Settings
from tests.commands import ECHT, Running, free_port, running, wait_until_ready
from tests.house import furnish
from wiring import Instance

pytestmark = pytest.mark.slow
WHO = PERSONAS[0]
PATIENCE = 300.0


@contextmanager
def serving(home: Path) -> Iterator[tuple[Running, str]]:
    """`echt serve` over this home."""
    port = free_port()
    words = ("--home", str(home), "serve", "--port", str(port))
    with running(ECHT, *words, log=home / "serve.log") as process:
        wait_until_ready(process, f"http://127.0.0.1:{port}")
        yield process, f"http://127.0.0.1:{port}"


def agreed(browser: httpx2.Client, address: str) -> tuple[str, str]:
    """Say yes, and stop on the way to the hand-over: its path and the session."""
    walk = Simulation(browser, address, utc_now)
    page = walk.send(walk.begin(), "/login", choice=WHO.key)
    page = walk.send(page, "/selection", **boxes(page.text, "/selection"))
    form = form_of(page.text, "/consent")
    data = {**form.fields, **boxes(page.text, "/consent")}
    headers = {"Sec-Fetch-Site": "same-origin"}
    answer = browser.post(address + form.action, data=data, headers=headers, follow_redirects=False)
    path = str(answer.headers["location"])
    assert path.endswith("/handover"), answer.text
    return path, walk.session_id


def killed_before_it_is_kept(
    home: Path, process: Running, address: str, path: str, cookies: str
) -> None:
    """Somebody else writes to the database, so that the step waits: and nothing is kept of it."""
    with closing(sqlite3.connect(home / "echt.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with ThreadPoolExecutor(1) as pool:
            asked = pool.submit(_asked, address, path, cookies)
            time.sleep(1)
            assert not asked.done()
            _kill(process)
            assert asked.result() == b""
        other.execute("ROLLBACK")


def killed_half_sent(home: Path, process: Running, address: str, path: str, cookies: str) -> None:
    """The step is kept, and the browser got no more than the beginning of a page."""
    del home
    assert _asked(address, path, cookies, letters=15).startswith(b"HTTP/1.1 200")
    _kill(process)


def _asked(address: str, path: str, cookies: str, *, letters: int = 1 << 20) -> bytes:
    """The beginning of an answer, no further than that; nothing where the other side goes."""
    with socket.create_connection((urlsplit(address).hostname, urlsplit(address).port)) as line:
        line.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nCookie: {cookies}\r\n\r\n".encode())
        try:
            return line.recv(letters)
        except ConnectionResetError:
            return b""


def _kill(process: Running) -> None:
    process.send_signal(signal.SIGKILL)
    assert process.wait(PATIENCE) == -signal.SIGKILL


@pytest.mark.parametrize("kill", [killed_before_it_is_kept, killed_half_sent])
def test_after_a_restart_the_same_browser_gets_what_the_receipt_says(
    tmp_path: Path, kill: Callable[[Path, Running, str, str, str], None]
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    furnish(home, people=1).close()
    with httpx2.Client(follow_redirects=True, timeout=PATIENCE) as browser:
        with serving(home) as (process, address):
            path, session = agreed(browser, address)
            cookies = "; ".join(f"{one.name}={one.value}" for one in browser.cookies.jar)
            kill(home, process, address, path, cookies)

        with serving(home) as (_, address):
            told = form_of(browser.get(address + path).text, RETURN_URL).fields
            again = [browser.get(address + path) for _ in range(2)]

    assert (told["sessionId"], told["returnCode"]) == (session, "NCP_OK")
    heard = [one.text for one in again if 'name="elmo"' in one.text]
    assert all(form_of(one, RETURN_URL).fields == told for one in heard)
    assert len(heard) == (kill is killed_before_it_is_kept)
    _the_receipt_is_of(home, told["elmo"])


def _the_receipt_is_of(home: Path, elmo: str) -> None:
    instance = Instance(Settings(home=home))
    (receipt,) = exchange_of(instance).transfers.receipts(WHO.person_id)
    instance.close()
    assert receipt.handed_over
    assert receipt.sha256 == hashlib.sha256(unpacked(elmo)).hexdigest()
