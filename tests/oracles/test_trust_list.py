"""The page that tells strangers how to check our list works as it stands (docs/trust-list.md)."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from keys import hierarchy, publishing
from tests import judges

pytestmark = pytest.mark.judge


@pytest.fixture(name="place")
def _place(tmp_path: Path) -> Path:
    """What a stranger has: the root, the list, and a python3 on the path."""
    folder, now = tmp_path / "keys", datetime.now(UTC)
    hierarchy.make(folder, now=now)
    signer = hierarchy.open_signer(folder, "trust")
    publishing.publish(folder, signer, now=now, into=tmp_path / "stranger")
    shutil.copy(folder / "root.pem", tmp_path / "stranger")
    return tmp_path / "stranger"


def follow(place: Path) -> subprocess.CompletedProcess[str]:
    page = (judges.ROOT / "docs" / "trust-list.md").read_text()
    script = re.search(r"```sh\n(.*?)```", page, re.DOTALL)
    assert script is not None
    path = f"{Path(sys.executable).parent}:{Path(judges.require('openssl')).parent}:/usr/bin:/bin"
    command = ["bash", "-e", "-c", script[1]]
    environment = {"PATH": path}
    return subprocess.run(
        command, cwd=place, env=environment, capture_output=True, text=True, check=False
    )


def test_the_documented_steps_verify_a_genuine_list(place: Path) -> None:
    done = follow(place)

    assert done.returncode == 0, done.stderr
    assert "trust.pem: OK" in done.stdout
    assert "Verified OK" in done.stdout
    assert '"format": "echt-trust"' in done.stdout


def test_the_documented_steps_refuse_a_changed_list(place: Path) -> None:
    envelope = json.loads((place / publishing.LIST).read_bytes())
    payload = envelope["payload"]
    envelope["payload"] = payload[:-1] + ("A" if payload[-1] != "A" else "Q")
    (place / publishing.LIST).write_text(json.dumps(envelope))

    done = follow(place)

    assert done.returncode != 0
    assert "Verified OK" not in done.stdout


def test_the_documented_steps_refuse_a_foreign_root(place: Path, tmp_path: Path) -> None:
    hierarchy.make(tmp_path / "others", now=datetime.now(UTC))
    shutil.copy(tmp_path / "others" / "root.pem", place)

    done = follow(place)

    assert done.returncode != 0
    assert "trust.pem: OK" not in done.stdout
