"""The promise under test: a key book that says more than was approved does not pass for proven."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from keys import hierarchy, states
from keys.ceremony.audit import audit
from keys.ceremony.holding import TRANSCRIPT
from keys.ceremony.transcript import TYPE, read_transcript
from keys.commands import commands
from keys.errors import TranscriptInvalid
from keys.publishing import signed
from tests.keys.ceremony_room import START, Room

Book = dict[str, Any]


@pytest.fixture(scope="module", name="lived")
def _lived(tmp_path_factory: pytest.TempPathFactory) -> Room:
    """A hierarchy to which everything happened that can; copied, never changed."""
    room = Room(tmp_path_factory.mktemp("lived") / "room")
    room.hold("1-hierarchy")
    first = hierarchy.open_signer(room.keys, "seal").key.kid
    room.hold("2-announce")
    second = states.load(room.keys).keys[-1].kid
    room.later(days=30)
    room.hold("3-switch", kid=second)
    room.hold("4-retire", kid=hierarchy.open_signer(room.keys, "facts").key.kid)
    room.later(days=1)
    room.hold("5-compromise", kid=second, since="2026-12-22T10:00:00Z")
    room.hold("6-lists")
    room.hold("7-roster")
    plan = room.plan("2-announce", ceremony="by-the-new-ones")
    room.ceremonies.hold(room.approve(plan, "bram", "daan"))
    assert first != second
    return room


@pytest.fixture(name="room")
def _room(lived: Room, tmp_path: Path) -> Room:
    return Room(shutil.copytree(lived.folder, tmp_path / "room"), lived.now)


def test_a_whole_life_is_proven_by_its_ceremonies(room: Room) -> None:
    proven = audit(room.keys)

    assert [one.transcript.plan.kind for one in proven] == [
        *("hierarchy", "announce", "switch", "retire", "compromise", "lists", "roster"),
        "announce",
    ]
    assert proven[-1].keys == states.load(room.keys).keys
    assert [one.id for one in proven[-1].transcript.approvers] == ["bram", "daan"]


def activate(book: Book) -> None:
    book["keys"][-1]["state"] = "active"


def rehabilitate(book: Book) -> None:
    lost = next(one for one in book["keys"] if one["state"] == "compromised")
    del lost["compromisedSince"]
    lost["state"] = "retired"
    lost["until"] = "2026-12-23T10:00:00Z"


def prolong(book: Book) -> None:
    next(one for one in book["keys"] if "until" in one)["until"] = "2029-01-01T00:00:00Z"


def forget(book: Book) -> None:
    del book["keys"][-1]


def recruit(book: Book) -> None:
    book["approvers"][0] |= {"id": "eve", "name": "Eve Testpersoon"}


def drop_the_last(book: Book) -> None:
    del book["ceremonies"][-1]


def drop_one_between(book: Book) -> None:
    del book["ceremonies"][3]


def drop_the_first(book: Book) -> None:
    del book["ceremonies"][0]


def drop_all(book: Book) -> None:
    book["ceremonies"] = []


def exchange(book: Book) -> None:
    held = book["ceremonies"]
    held[3]["name"], held[5]["name"] = held[5]["name"], held[3]["name"]


@pytest.mark.parametrize(
    "change",
    [
        *(activate, rehabilitate, prolong, forget, recruit),
        *(drop_the_last, drop_one_between, drop_the_first, drop_all, exchange),
    ],
)
def test_a_book_that_was_changed_by_hand_is_not_proven(
    room: Room, change: Callable[[Book], None]
) -> None:
    path = room.keys / states.FILE
    book: Book = json.loads(path.read_text())
    change(book)
    path.write_text(json.dumps(book))

    with pytest.raises(TranscriptInvalid):
        audit(room.keys)


@pytest.mark.parametrize(
    ("ceremony", "change"),
    [
        (1, {"state": "active"}),
        (1, {"purpose": "facts"}),
        (1, {"since": "2026-11-01T00:00:00Z"}),
        (4, {"state": "announced"}),
    ],
)
def test_a_transcript_that_says_more_than_its_plan_is_not_proven(
    room: Room, ceremony: int, change: dict[str, str]
) -> None:
    """Even the trust key cannot make an approved plan mean something else."""
    path = room.keys / states.FILE
    book: Book = json.loads(path.read_text())
    held = book["ceremonies"][ceremony]
    place = room.keys / "ceremonies" / held["name"] / TRANSCRIPT
    payload: Any = dict(read_transcript(place.read_bytes()).payload)
    payload["keys"][-1] |= change
    trust = hierarchy.open_signer(room.keys, "trust")
    place.write_bytes(signed(payload, trust, kind=TYPE))
    held["transcript_sha256"] = read_transcript(place.read_bytes()).sha256
    path.write_text(json.dumps(book))

    with pytest.raises(TranscriptInvalid):
        audit(room.keys)


def test_the_command_shows_where_the_proof_begins(room: Room, tmp_path: Path) -> None:
    app = commands(lambda: room.keys, clock=lambda: room.now)
    result = CliRunner().invoke(app, ["audit"], env={"COLUMNS": "200"})
    hierarchy.make(tmp_path / "dev", now=START)
    dev = CliRunner().invoke(commands(lambda: tmp_path / "dev"), ["audit"])

    first = states.load(room.keys).ceremonies[0].transcript_sha256
    assert result.exit_code == 0
    assert f"First transcript: SHA-256 {first} (compare the minutes)" in result.stdout
    assert "switch-seal-2027: switch, approved by anna, bram" in result.stdout
    assert dev.exit_code == 1
    assert "No ceremony made this hierarchy" in dev.stderr
