"""The promise under test: a ceremony from the command line, and one clear line when it fails."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from typer.testing import CliRunner

from keys import hierarchy, states
from keys.ceremony.approvals import signature_file
from keys.ceremony.plan import Hierarchy, read_plan
from keys.commands import commands
from keys.pkcs11 import Token, TokenCustody
from tests.keys.ceremony_room import PURPOSES, START, Room
from tests.keys.memory_token import MemoryToken

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(name="room")
def _room(tmp_path: Path) -> Room:
    return Room(tmp_path)


@pytest.fixture(name="run")
def _run(room: Room) -> Run:
    def run(*words: object, typed: str = "") -> tuple[int, str, str]:
        app = commands(
            lambda: room.keys,
            open_public=lambda: room.hierarchy / "trust",
            open_token=room.open_token,
            clock=lambda: room.now,
            production=room.production,
        )
        result = CliRunner().invoke(app, list(map(str, words)), input=typed, env={"COLUMNS": "200"})
        return result.exit_code, result.stdout, result.stderr

    return run


def test_a_ceremony_from_approval_to_transcript(run: Run, room: Room) -> None:
    plan = room.plan("1-hierarchy")
    for person in ("anna", "bram"):
        code, said, _ = run("approve", plan, "--as", person, "--key", room.people[person])
        assert code == 0
        assert "first-hierarchy: hierarchy, on 2026-11-22" in said
        assert f"Approved by {person}: {plan.name}.{person}.sig" in said

    code, said, _ = run("ceremony", plan)
    place = room.keys / "ceremonies" / "first-hierarchy" / "transcript.json"
    checked, shown, _ = run("transcript", place)

    held = states.load(room.keys).ceremonies[0]
    assert (code, checked) == (0, 0)
    assert f"Held. Transcript: SHA-256 {held.transcript_sha256}" in said
    assert hashlib.sha256(hierarchy.root_of(room.keys)).hexdigest() in said
    assert [one["id"] for one in json.loads(shown)["approvals"]] == ["anna", "bram"]


def test_who_approves_sees_the_plan_as_it_was_understood(run: Run, room: Room) -> None:
    """All that the program will do, so that nobody approves a name and a digest."""
    plan = room.plan("1-hierarchy")
    understood = read_plan(plan.read_bytes()).act
    assert isinstance(understood, Hierarchy)

    _, said, _ = run("approve", plan, "--as", "anna", "--key", room.people["anna"])

    for approver in understood.approvers:
        who = (approver.id, approver.name, approver.role, approver.fingerprint)
        assert f"  approvers: {'  '.join(who)}" in said.splitlines()
    for stated in (
        f"output: {understood.output}",
        f"  organisation: {understood.names.organisation}",
        *(f"    {purpose}: {where}" for purpose, where in understood.keys.custody.items()),
        f"  pki: {understood.keys.pki}",
        f"list days: {understood.list_days}",
    ):
        assert f"  {stated}" in said.splitlines()


@pytest.mark.parametrize(
    ("example", "stated"),
    [
        ("2-announce", ["  authority: first-hierarchy/authority", "    years: 3"]),
        ("3-switch", ["  keys: seal-2026-p256-00000000"]),
        ("4-retire", ["  keys: facts-2026-p256-00000000"]),
        ("5-compromise", ["  keys: seal-2026-p256-00000000", "  list days: 180"]),
    ],
)
def test_who_approves_sees_every_key_that_is_touched(
    run: Run, room: Room, example: str, stated: list[str]
) -> None:
    plan = room.plan(example)

    code, said, _ = run("approve", plan, "--as", "anna", "--key", room.people["anna"])

    assert code == 0
    assert set(stated) <= set(said.splitlines()), said


@pytest.mark.parametrize("mark", ["\x1b[2J", "\u202e", "[bold red]APPROVED BY TWO[/]"], ids=ascii)
def test_a_file_name_cannot_speak_for_the_program(run: Run, room: Room, mark: str) -> None:
    plan = room.plan("1-hierarchy")
    odd = plan.rename(plan.with_name(f"x{mark}y.yaml".replace("/", "")))
    name = odd.name if odd.name.isprintable() else ascii(odd.name)

    code, said, _ = run("approve", odd, "--as", "anna", "--key", room.people["anna"])
    gone = run("ceremony", odd.with_name(f"no-{odd.name}"))

    assert code == 0
    assert name.strip("'") in said
    assert name.strip("'") in gone[2]
    assert "\x1b" not in said + gone[2]
    assert "\u202e" not in said + gone[2]


def test_an_approvers_key_may_have_a_password(run: Run, room: Room) -> None:
    plan, key = room.plan("1-hierarchy"), room.people["anna"]
    private = serialization.load_pem_private_key(key.read_bytes(), None)
    key.write_bytes(
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"correct horse"),
        )
    )

    wrong = run("approve", plan, "--as", "anna", "--key", key, typed="battery\n")
    assert (wrong[0], signature_file(plan, "anna").exists()) == (3, False)
    assert "wrong password" in wrong[2]
    assert run("approve", plan, "--as", "anna", "--key", key, typed="correct horse\n")[0] == 0
    room.approve(plan, "bram")
    assert run("ceremony", plan)[0] == 0


def test_the_transcript_is_judged_by_the_root_that_one_holds(
    run: Run, room: Room, tmp_path: Path
) -> None:
    room.hold("1-hierarchy")
    hierarchy.make(tmp_path / "other", now=START)
    place = room.keys / "ceremonies" / "first-hierarchy" / "transcript.json"

    assert run("transcript", place, "--root", room.keys / "root.pem")[0] == 0
    code, said, complaint = run("transcript", place, "--root", tmp_path / "other" / "root.pem")
    assert (code, said) == (1, "")
    assert "another root" in complaint


def test_a_plan_with_a_mistake_is_not_approved_and_not_held(run: Run, room: Room) -> None:
    plan = room.write(room.plan("2-announce").read_text().replace("years: 3", "years: 30"))

    for words in (
        ("approve", plan, "--as", "anna", "--key", room.people["anna"]),
        ("ceremony", plan),
    ):
        code, _, complaint = run(*words)
        assert code == 2
        assert complaint == "Line 6: years must be a whole number from 1 to 10.\n"


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (("ceremony", "nowhere.yaml"), 3, "nowhere.yaml cannot be read"),
        (("transcript", "nowhere.json"), 3, "cannot be read"),
        (("approve", "PLAN", "--as", "../anna", "--key", "KEY"), 2, "--as takes your id"),
        (("approve", "PLAN", "--as", "anna", "--key", "PLAN"), 3, "wrong file or wrong password"),
        (("ceremony", "PLAN"), 1, "0 of 2 approvals"),
    ],
    ids=str,
)
def test_what_cannot_be_done_is_one_line_and_an_exit_code(
    run: Run, room: Room, words: tuple[str, ...], code: int, complaint: str
) -> None:
    names = {"PLAN": room.plan("1-hierarchy"), "KEY": room.people["anna"]}

    found, _, said = run(*(names.get(word, word) for word in words))

    assert found == code
    assert complaint in " ".join(said.split())
    assert "Traceback" not in said


def test_single_commands_are_refused_where_ceremonies_rule(run: Run, room: Room) -> None:
    room.hold("1-hierarchy")
    kid = hierarchy.open_signer(room.keys, "seal").key.kid

    for words in (("announce", "seal"), ("state", kid, "retired")):
        code, _, complaint = run(*words)
        assert code == 1
        assert "changed by ceremony only" in complaint
    assert run("publish")[0] == 0  # signing the list anew changes no key


def test_in_production_keys_are_made_in_the_token_and_nowhere_else(run: Run, room: Room) -> None:
    """platform.md 3.11: root and authority offline, no private key in a file."""
    memory = MemoryToken()
    custody = TokenCustody(Token(memory, sessions=1))
    room.open_token, room.production = (lambda: custody), True
    room.hold("1-hierarchy", **dict.fromkeys(PURPOSES, "token"))
    room.hold("2-announce", seal="token")
    (room.hierarchy / "authority").rename(room.folder / "safe")

    signer = hierarchy.open_signer(room.keys, "seal", custody=custody, production=True)

    assert signer.sign_digest(bytes(32))
    assert run("publish")[0] == 0
    assert list(room.hierarchy.rglob("*.key")) == []
    assert set(memory.keys) == {one.kid for one in states.load(room.keys).keys}
