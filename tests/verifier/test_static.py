"""The modules that check a code in the browser, run by node: nothing changed gets through."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests import judges
from tests.verifier.test_kit import EXPECTED, VECTORS
from verifier.pages import STATIC

pytestmark = [pytest.mark.judge, pytest.mark.slow]


def test_a_flip_of_any_byte_is_not_ours_and_no_list() -> None:
    """verifier.md row 5; trust-list.md: one changed byte, wherever it stands."""
    code, trust = VECTORS / "qr" / "genuine-hbo-nl.txt", VECTORS / "trust.json"
    program = str(judges.ROOT / "tests" / "node" / "flips.mjs")
    command = [judges.require("node"), program, str(trust), EXPECTED["at"], str(code)]

    done = subprocess.run(command, capture_output=True, text=True, check=True)

    told = json.loads(done.stdout)
    assert told["whole"] == "GENUINE"
    assert told["code"] == {"NOT_OURS": told["bytes"]}
    assert told["list"] == {"trust_list_invalid": -(-trust.stat().st_size // 499)}


def test_everything_that_is_kept_offline_exists() -> None:
    """A name that leads nowhere would keep the service worker from ever starting."""
    script = (STATIC / "service-worker.js").read_text()
    listed = script[script.index("const MODULES") : script.index("];", script.index("MODULES"))]
    names = {name.strip().strip('"') for name in listed.partition("[")[2].split(",")} - {""}

    assert all((STATIC / f"{name}.js").is_file() for name in names)
    head = (STATIC.parent / "templates" / "scanned-head.html").read_text()
    loaded = head[head.index("in (") + 4 : head.index(") %}")]
    assert {one.strip().strip('"') for one in loaded.split(",")} <= names
