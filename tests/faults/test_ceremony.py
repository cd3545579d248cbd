"""Kill a real process at every step of a ceremony: all of it happened, or nothing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from keys import hierarchy, publishing, states, trust
from keys.amending import DRAFT
from keys.ceremony.holding import TRANSCRIPT
from keys.ceremony.transcript import read_transcript
from keys.errors import FolderOccupied
from keys.states import KeyBook
from tests.keys.ceremony_room import PURPOSES, Room

SCRIPT = Path(__file__).with_name("killable_ceremony.py")
pytestmark = pytest.mark.slow


def killed_everywhere(room: Room, plan: Path) -> Iterator[Room]:
    """One room for each step at which a process died there; the last one lived."""
    command = [sys.executable, str(SCRIPT), str(room.folder), plan.name, room.now.isoformat()]
    done = subprocess.run(command, capture_output=True, timeout=600, check=True)
    for step in range(1, int(done.stdout) + 1):
        yield Room(room.folder.with_name(f"{room.folder.name}.{step}"), room.now)


def small(room: Room) -> Path:
    """The first plan of the manual with two keys: fewer keys, the same kinds of steps."""
    text = room.plan("1-hierarchy").read_text()
    for purpose in set(PURPOSES) - {"seal", "trust"}:
        text = text.replace(f"  {purpose}: file\n", "")
    return room.approve(room.write(text), "anna", "bram")


def require_whole(room: Room) -> KeyBook:
    """Everything that the key book names is there, proven, and nothing else is left over."""
    book = states.load(room.keys)
    files = {f"{one.kid}.{suffix}" for one in book.keys for suffix in ("key", "pem")}
    known = {"root.pem", "ca.pem", "ca.crl", "root.crl", states.FILE, "ceremonies"}
    assert {path.name for path in room.keys.iterdir()} == files | known
    assert {path.name for path in (room.keys / "ceremonies").iterdir()} == {
        one.name for one in book.ceremonies
    }
    for held in book.ceremonies:
        kept = (room.keys / "ceremonies" / held.name / TRANSCRIPT).read_bytes()
        assert read_transcript(kept).sha256 == held.transcript_sha256
    listed = trust.read((room.hierarchy / "trust" / publishing.LIST).read_bytes(), now=room.now)
    assert (listed.serial, listed.keys) == (book.serial, book.keys)
    return book


def test_a_killed_first_ceremony_leaves_a_hierarchy_or_none(tmp_path: Path) -> None:
    room = Room(tmp_path / "room")
    plan = small(room)
    outcomes = []
    for killed in killed_everywhere(room, plan):
        outcomes.append(killed.hierarchy.exists())
        again = killed.folder / plan.name
        if killed.hierarchy.exists():
            with pytest.raises(FolderOccupied):
                killed.ceremonies.hold(again)
        else:
            killed.ceremonies.hold(again)

        assert len(require_whole(killed).keys) == 2
        assert not [one.name for one in killed.folder.iterdir() if one.name.endswith(".making")]

    assert len(outcomes) > 30
    assert outcomes == sorted(outcomes)  # nothing, nothing, …, everything: one step decides
    assert set(outcomes) == {False, True}


def test_a_killed_later_ceremony_happened_or_did_not_and_can_be_held_again(tmp_path: Path) -> None:
    room = Room(tmp_path / "room")
    room.ceremonies.hold(small(room))
    plan = room.approve(room.plan("2-announce"), "anna", "bram")
    signing = hierarchy.open_signer(room.keys, "seal").key.kid
    outcomes = []
    for killed in killed_everywhere(room, plan):
        book = states.load(killed.keys)
        outcomes.append(len(book.ceremonies))
        assert len(book.keys) == len(book.ceremonies) + 1
        assert hierarchy.open_signer(killed.keys, "seal").key.kid == signing

        killed.ceremonies.hold(killed.folder / plan.name)

        assert len(require_whole(killed).keys) == 3
        assert not (killed.keys / DRAFT).exists()

    assert len(outcomes) > 20
    assert outcomes == sorted(outcomes)
    assert set(outcomes) == {1, 2}
