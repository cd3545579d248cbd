"""The programs in docs/api.md, run exactly as they stand there against a real server."""

from __future__ import annotations

import hashlib
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import uvicorn
from joserfc.jwk import ECKey, RSAKey
from sqlalchemy.engine import Engine

from employers import api
from tests import judges
from tests.employers import desk
from tests.employers.desk import Programs
from tests.judges import ROOT

pytestmark = pytest.mark.slow
DOCUMENTS = {"a.pdf": b"genuine one", "b.pdf": b"another"}


def program(language: str) -> str:
    """The one block of that language that gets in."""
    blocks = re.findall(rf"```{language}\n(.*?)```", (ROOT / "docs/api.md").read_text(), re.DOTALL)
    (found,) = [block for block in blocks if "/oauth/token" in block]
    return str(found)


@pytest.fixture(name="served")
def _served(
    sqlite_engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[str, Programs]]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        monkeypatch.setattr(desk, "HOST", url)
        monkeypatch.setattr(desk, "TOKEN_URL", url + api.TOKEN_PATH)
        programs = Programs(sqlite_engine, tmp_path)
        programs.clock = lambda: datetime.now(UTC)  # type: ignore[method-assign]  # real time
        programs.__post_init__()
        with programs.browser() as client, programs.runner:
            config = uvicorn.Config(client.app, log_config=None, lifespan="off")
            server = uvicorn.Server(config)
            thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
            thread.start()
            while not server.started:
                time.sleep(0.02)
            yield url, programs
            server.should_exit = True
            thread.join(20)


@pytest.mark.parametrize("language", ["python", "js", "bash"])
def test_a_program_of_the_page_works(
    language: str, served: tuple[str, Programs], tmp_path: Path
) -> None:
    """docs/api.md: from the private key to the last verdict."""
    url, programs = served
    key = RSAKey.generate_key(2048) if language == "bash" else ECKey.generate_key("P-256")
    client = programs.register(key)
    (tmp_path / "key.pem").write_bytes(key.as_pem(private=True))
    for name, data in DOCUMENTS.items():
        (tmp_path / name).write_bytes(data)
    file = tmp_path / f"program.{ {'python': 'py', 'js': 'mjs', 'bash': 'sh'}[language] }"
    file.write_text(program(language))
    runner = {"python": sys.executable, "js": "node", "bash": "bash"}[language]
    if language != "python":
        runner = judges.require(runner)

    ran = subprocess.run(
        [runner, str(file), url, client.client_id, "key.pem", "k1", *DOCUMENTS],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )

    codes = ("GENUINE_CURRENT", "CANNOT_CHECK")
    told = [
        f"{place} {hashlib.sha256(data).hexdigest()} {code}"
        for place, (data, code) in enumerate(zip(DOCUMENTS.values(), codes, strict=True), start=1)
    ]
    assert ran.stdout.splitlines() == told, ran.stderr
