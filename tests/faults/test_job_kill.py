"""kill -9 in the middle of a job: the next process tells the truth, and no file can be read.

verifier.md goal 32 and 3.7.5; docs/decisions/0024-employers.md.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from joserfc.jwk import ECKey

from employers.api import JOBS_PATH, TOKEN_PATH
from settings import Settings
from tests.commands import ECHT, Running, free_port, running, wait_until_ready
from tests.employers import desk
from tests.employers.desk import Programs
from web.oauth import ASSERTION_TYPE
from wiring import Instance

pytestmark = pytest.mark.slow
PATIENCE = 900.0
TOTAL = 600
TOO_MANY = 429
NAME = "Noor-Canary-999995418.pdf"


@contextmanager
def serving(home: Path, port: int) -> Iterator[Running]:
    """`echt serve`, answering."""
    at = {"ECHT_HOME": str(home), "ECHT_PORT": str(port)}
    with running(ECHT, "serve", log=home / "log", **at) as process:
        wait_until_ready(process, f"http://127.0.0.1:{port}")
        yield process


def test_a_killed_server_says_interrupted_and_leaves_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    monkeypatch.setattr(desk, "TOKEN_URL", url + TOKEN_PATH)
    instance = Instance(Settings(home=tmp_path, port=port))
    instance.keyring.make()
    programs = Programs(instance.engine, tmp_path / "unused")
    key = ECKey.generate_key("P-256")
    client = programs.register(key)

    def token(http: httpx2.Client) -> dict[str, str]:
        programs.now = datetime.now(UTC)
        form = {
            "grant_type": "client_credentials",
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": programs.assertion(key, client),
        }
        granted = http.post(TOKEN_PATH, data=form).json()
        return {"Authorization": f"Bearer {granted['access_token']}"}

    files = [("document", (NAME, b"%%PDF-1.7 Noor %d" % one)) for one in range(TOTAL)]
    with serving(tmp_path, port) as server, httpx2.Client(base_url=url, timeout=PATIENCE) as http:
        headers = token(http) | {"Idempotency-Key": "k"}
        sent = http.post(JOBS_PATH, files=files, headers=headers)
        assert sent.status_code == 202
        path = sent.headers["location"]
        _until(http, path, headers, lambda job: job["done"] > 0)
        server.send_signal(signal.SIGKILL)
        server.wait()
    assert _waiting(tmp_path), "nothing was left to lose"
    assert all(b"Noor" not in one.read_bytes() for one in _waiting(tmp_path))

    with serving(tmp_path, port), httpx2.Client(base_url=url, timeout=PATIENCE) as http:
        headers = token(http)
        job = _until(http, path, headers, lambda job: job["state"] != "running")
        again = http.post(JOBS_PATH, files=files, headers=headers | {"Idempotency-Key": "k"})
        _settled(tmp_path)

    assert job["state"] == "interrupted"
    assert 0 < job["done"] < job["total"] == TOTAL
    assert sum(job["counts"].values()) == job["done"]
    assert again.json()["jobId"] == job["jobId"]
    assert again.json()["state"] == "interrupted"
    assert "Noor" not in (tmp_path / "log").read_text()
    assert "999995418" not in (tmp_path / "log").read_text()
    instance.close()


def _until(http: httpx2.Client, path: str, headers: dict[str, str], holds: Any) -> dict[str, Any]:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        answer = http.get(path, headers=headers)
        job: dict[str, Any] = answer.json()
        if answer.status_code == TOO_MANY:  # a minute of looking often is over sooner than a job
            time.sleep(int(answer.headers["Retry-After"]))
        elif holds(job):
            return job
        time.sleep(0.5)  # a program may ask 120 times a minute
    pytest.fail("the job did not get there")


def _waiting(home: Path) -> list[Path]:
    return [one for one in (home / "spool").glob("*/*/*") if one.is_file()]


def _settled(home: Path) -> None:
    """What the killed process left was removed when the next one began."""
    assert _waiting(home) == []
