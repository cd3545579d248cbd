"""The kit that is published in `docs/verify/`: two implementations, one answer for every vector.

verifier.md 3.10, row 59 and 4.24.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import judges

KIT = judges.ROOT / "docs" / "verify"
VECTORS = KIT / "vectors"
EXPECTED: dict[str, Any] = json.loads((VECTORS / "expected.json").read_text("utf-8"))
ROWS: list[dict[str, str]] = EXPECTED["vectors"]
WANTED = {row["file"]: row["verdict"] for row in ROWS}
LARGEST = 3_000_000


def answers(command: list[str], names: list[str]) -> dict[str, str | None]:
    """What a program says of each file: one JSON object a line."""
    asked = [*command, *(str(VECTORS / name) for name in names)]
    environment = os.environ | {"ECHT_HOME": "/nonexistent"}
    done = subprocess.run(asked, capture_output=True, text=True, env=environment, check=False)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(told) == len(names), done.stderr
    return {str(Path(one["file"]).relative_to(VECTORS)): one["code"] for one in told}


def second() -> dict[str, str | None]:
    """The answers of the second implementation."""
    program = [judges.require("node"), str(KIT / "check.mjs"), "--at", EXPECTED["at"]]
    trust = ["--trust", str(VECTORS / "trust.json"), "--root", str(VECTORS / "root.der")]
    return answers([*program, *trust], list(WANTED))


def test_the_kit_is_complete_and_small() -> None:
    there = {path for path in VECTORS.rglob("*") if path.is_file()}
    named = {VECTORS / row["file"] for row in ROWS}

    around = {VECTORS / one for one in ("expected.json", "trust.json", "root.pem", "root.der")}
    assert there == named | around
    assert len(ROWS) >= 50
    assert sum(path.stat().st_size for path in there) < LARGEST
    verdicts = {row["verdict"] for row in ROWS}
    assert verdicts == {
        "GENUINE_STATUS_UNKNOWN",
        "ALTERED",
        "NOT_OURS",
        "NOT_ORIGINAL",
        "CANNOT_CHECK",
    }


@pytest.mark.slow
def test_the_command_agrees_with_every_vector() -> None:
    """verifier.md 4.24, first half: nothing but the trust list and a moment."""
    trust = ["--trust", str(VECTORS / "trust.json"), "--at", EXPECTED["at"], "--json"]
    command = [sys.executable, str(judges.ROOT / "main.py"), "verify", "--offline", *trust]

    assert answers(command, list(WANTED)) == WANTED


@pytest.mark.judge
@pytest.mark.slow
def test_the_second_implementation_agrees_with_every_vector() -> None:
    """verifier.md 4.24, second half: PDF and QR, in JavaScript, without a line in common."""
    assert second() == WANTED


@pytest.mark.judge
@pytest.mark.slow
def test_a_list_that_is_changed_or_too_old_judges_nothing(tmp_path: Path) -> None:
    """verifier.md 3.10: expired means not done; trust-list.md: a changed byte is no list."""
    trust = (VECTORS / "trust.json").read_bytes()
    changed = tmp_path / "trust.json"
    place = len(trust) // 2
    changed.write_bytes(trust[:place] + bytes([trust[place] ^ 1]) + trust[place + 1 :])
    program = [judges.require("node"), str(KIT / "check.mjs")]
    names = ["pdf/genuine-b-t-seal.pdf", "qr/genuine-hbo-nl.txt", "pdf/unsealed.pdf"]

    by_changed = answers([*program, "--trust", str(changed), "--at", EXPECTED["at"]], names)
    late = ["--trust", str(VECTORS / "trust.json"), "--at", "2027-11-21T14:05:00Z"]
    by_old = answers([*program, *late], names)

    said = ["CANNOT_CHECK", "CANNOT_CHECK", "NOT_ORIGINAL"]
    assert list(by_changed.values()) == list(by_old.values()) == said
