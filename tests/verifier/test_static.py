"""The modules that check a code in the browser, run by node: nothing changed gets through."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests import judges
from tests.verifier import coded
from tests.verifier.conftest import a_verifier
from tests.verifier.sealed import NOW, World
from tests.verifier.test_kit import EXPECTED, VECTORS
from verifier.pages import JOINED, STATIC
from verifier.verdict import VerdictCode
from web.static import OWN, StaticTree

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


@pytest.mark.parametrize(
    "claims", [coded.CLAIMS | {0: 2}, coded.CLAIMS | {14: coded.ISSUED - 10 * 365 * 86_400}]
)
def test_what_our_key_signed_and_nobody_can_judge_here_accuses_nobody(
    claims: dict[int, Any], world: World, tmp_path: Path
) -> None:
    """verifier.md 3.2: a newer kind of facts, or a time outside the key's; both readers agree."""
    text = coded.OURS + coded.letters(coded.statement(world, claims))
    trust, code = tmp_path / "trust.json", tmp_path / "code.txt"
    trust.write_bytes(world.trust)
    code.write_text(text)
    program = str(judges.ROOT / "docs" / "verify" / "check.mjs")
    moment = f"{NOW:%Y-%m-%dT%H:%M:%SZ}"
    command = [judges.require("node"), program, "--trust", str(trust), "--at", moment, str(code)]

    done = subprocess.run(command, capture_output=True, text=True, check=True)

    ours = a_verifier(world).verify_code(text, offline=True)
    told = json.loads(done.stdout)
    assert ours.code is VerdictCode.CANNOT_CHECK
    assert (told["code"], told["reason"]) == ("CANNOT_CHECK", ours.reasons[0])


def test_everything_that_is_kept_offline_exists() -> None:
    """A name that leads nowhere would keep the service worker from ever starting."""
    script = (STATIC / "service-worker.js").read_text()
    listed = script[script.index("const MODULES") : script.index("];", script.index("MODULES"))]
    names = {name.strip().strip('"') for name in listed.partition("[")[2].split(",")} - {""}

    assert all((STATIC / f"{name}.js").is_file() for name in names)
    tree = StaticTree((OWN, STATIC), joined=JOINED)
    for name in names:
        file = tree.find(tree.version, f"{name}.js")
        assert file is not None
        loaded = re.findall(r'(?:from |await import\()"\./([^"]+)\.js"', file.content.decode())
        folder = name.rpartition("/")[0]
        assert {f"{folder}/{one}".strip("/") for one in loaded} <= names, name


def test_a_joined_module_is_a_program_that_imports_nothing(tmp_path: Path) -> None:
    """What a phone loads for its verdict is one file, and an engine can read it."""
    tree = StaticTree((OWN, STATIC), joined=JOINED)
    for name in JOINED:
        file = tree.find(tree.version, name)
        assert file is not None
        program = tmp_path / name.replace(".js", ".mjs")
        program.write_bytes(file.content)

        subprocess.run([judges.require("node"), "--check", str(program)], check=True)

        assert not re.search(rb"^(?:import|//)", file.content, re.MULTILINE)
