"""The kit that is published in `docs/verify/`: two implementations, one answer for every vector.

verifier.md 3.10, row 59 and 4.24.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests import judges
from tests.verifier import kit_status
from tests.verifier.memory import MemoryShares
from verifier.reading import ReadingHere
from verifier.verdict import VerdictCode
from verifier.verifying import Verifier

KIT = judges.ROOT / "docs" / "verify"
VECTORS = KIT / "vectors"
EXPECTED: dict[str, Any] = json.loads((VECTORS / "expected.json").read_text("utf-8"))
ROWS: list[dict[str, str]] = EXPECTED["vectors"]
WANTED = {row["file"]: row["verdict"] for row in ROWS}
TODAY = {row["file"]: row["today"] for row in ROWS}
STATUS = VECTORS / kit_status.FOLDER
NOT_COVERED = {"xml", "json", "jws", "gzip", "base64"}
"""Kinds on which the second implementation gives no verdict."""
CUT_BACK = "pdf/genuine-cut-back.pdf"
"""Not to the letter as issued, so its status hangs on the number that is printed in it."""
LARGEST = 3_000_000


def answers(command: list[str], names: list[str]) -> dict[str, str | None]:
    """What a program says of each file: one JSON object a line."""
    asked = [*command, *(str(VECTORS / name) for name in names)]
    environment = os.environ | {"ECHT_HOME": "/nonexistent"}
    done = subprocess.run(asked, capture_output=True, text=True, env=environment, check=False)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(told) == len(names), done.stderr
    return {str(Path(one["file"]).relative_to(VECTORS)): one["code"] for one in told}


def covered(wanted: dict[str, str]) -> dict[str, str | None]:
    """What the second implementation must say: null where it gives no verdict."""
    silent = {row["file"] for row in ROWS if row["kind"] in NOT_COVERED}
    return {file: None if file in silent else code for file, code in wanted.items()}


def second(*more: str) -> dict[str, str | None]:
    """The answers of the second implementation."""
    program = [judges.require("node"), str(KIT / "check.mjs"), "--at", EXPECTED["at"]]
    trust = ["--trust", str(VECTORS / "trust.json"), "--root", str(VECTORS / "root.der")]
    return answers([*program, *trust, *more], list(WANTED))


def test_the_kit_is_complete_and_small() -> None:
    there = {path for path in VECTORS.rglob("*") if path.is_file()}
    named = {VECTORS / row["file"] for row in ROWS}

    around = {VECTORS / one for one in ("expected.json", "trust.json", "root.pem", "root.der")}
    around |= set(STATUS.rglob("*.json"))
    assert there == named | around
    assert len(ROWS) >= 50
    assert sum(path.stat().st_size for path in there) < LARGEST
    assert {row["kind"] for row in ROWS} >= NOT_COVERED | {"pdf", "qr", "share"}
    assert set(TODAY.values()) == {code.value for code in VerdictCode}
    assert set(WANTED.values()) == {
        "GENUINE_STATUS_UNKNOWN",
        "ALTERED",
        "NOT_OURS",
        "NOT_ORIGINAL",
        "CANNOT_CHECK",
    }


@pytest.mark.slow
def test_the_verifier_agrees_with_every_vector_about_today() -> None:
    """verifier.md 3.10 and 4.24: all ten verdicts, by the recorded answers of the kit."""
    recorded, now = kit_status.Recorded(STATUS), datetime.fromisoformat(EXPECTED["at"])
    shares = json.loads((STATUS / "shares.json").read_bytes())["open"]
    verifier = Verifier(
        index=recorded,
        statuses=recorded,
        shares=MemoryShares(*shares),
        trust=(VECTORS / "trust.json").read_bytes,
        reading=ReadingHere(),
        clock=lambda: now,
        address=EXPECTED["address"],
    )
    said = {name: verifier.verify((VECTORS / name).read_bytes()).code.value for name in TODAY}

    assert said == TODAY


@pytest.mark.judge
@pytest.mark.slow
def test_the_second_implementation_agrees_about_today() -> None:
    """verifier.md 4.24: the status by the file's hash or the number in a code, and by no other."""
    less = {CUT_BACK: "GENUINE_STATUS_UNKNOWN"}

    assert second("--status", str(STATUS)) == covered(TODAY | less)


@pytest.mark.judge
@pytest.mark.slow
@pytest.mark.parametrize("junk", [None, "{", "[]", '{"bits":-1}'])
def test_recorded_answers_that_are_lost_or_broken_say_nothing(
    junk: str | None, tmp_path: Path
) -> None:
    """verifier.md 4.2: nobody can say, so nothing is green and nothing is withdrawn."""
    for path in STATUS.rglob("*.json") if junk is not None else ():
        broken = tmp_path / path.relative_to(STATUS)
        broken.parent.mkdir(parents=True, exist_ok=True)
        broken.write_text(junk or "", encoding="utf-8")

    assert second("--status", str(tmp_path)) == covered(WANTED)


@pytest.mark.judge
@pytest.mark.slow
def test_the_kit_runs_as_a_folder_of_its_own(tmp_path: Path) -> None:
    """verifier.md 3.10: what somebody takes along needs nothing of the rest."""
    made = [judges.require("make"), "-s", "-C", str(judges.ROOT), "kit", f"OUT={tmp_path}"]
    subprocess.run(made, check=True)
    names = ["pdf/genuine-b-t-seal.pdf", "share/ended.txt"]
    told = ["--trust", "trust.json", "--at", EXPECTED["at"], "--status", "status", *names]
    program = [judges.require("node"), "../check.mjs", *told]
    place = tmp_path / "docs/verify/vectors"
    done = subprocess.run(program, cwd=place, capture_output=True, check=False)

    said = [json.loads(line)["code"] for line in done.stdout.splitlines()]
    assert said == ["GENUINE_CURRENT", "SHARE_ENDED"], done.stderr


@pytest.mark.judge
@pytest.mark.slow
@pytest.mark.parametrize("age", [timedelta(hours=2), timedelta(minutes=-10)])
def test_recorded_answers_that_are_old_or_of_tomorrow_make_nothing_green(age: timedelta) -> None:
    """verifier.md 4.2: only "good" gets old."""
    now = datetime.fromisoformat(EXPECTED["at"]) + age
    at = ["--at", f"{now:%Y-%m-%dT%H:%M:%SZ}", "--status", str(STATUS)]
    said = {code for code in second(*at).values() if code}

    assert not said & {"GENUINE_CURRENT", "QR_GENUINE_COMPARE"}
    assert ("WITHDRAWN" in said) == (age > timedelta())


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
    assert second() == covered(WANTED)


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
