"""The promise under test: the account of a ceremony is whole, ours, and approved by two."""

from __future__ import annotations

import copy
import subprocess
from pathlib import Path
from typing import Any

import pytest

from keys import hierarchy, publishing, trust
from keys.ceremony.transcript import TYPE, read_transcript
from keys.errors import KeysError, TranscriptInvalid
from tests import judges
from tests.keys.ceremony_room import START, Room


@pytest.fixture(scope="module", name="transcript")
def _transcript(held_once: Room) -> bytes:
    place = held_once.keys / "ceremonies" / "first-hierarchy" / "transcript.json"
    return place.read_bytes()


def test_every_changed_byte_of_a_transcript_is_noticed(transcript: bytes) -> None:
    for place in range(0, len(transcript), 97):
        changed = bytearray(transcript)
        changed[place] ^= 1
        with pytest.raises(TranscriptInvalid):
            read_transcript(bytes(changed))


def test_a_transcript_leads_to_the_root_that_one_holds(
    held_once: Room, transcript: bytes, tmp_path: Path
) -> None:
    hierarchy.make(tmp_path / "other", now=START)

    root = hierarchy.root_of(held_once.keys)
    assert read_transcript(transcript, pinned_root=root).root == root
    with pytest.raises(TranscriptInvalid, match="another root"):
        read_transcript(transcript, pinned_root=hierarchy.root_of(tmp_path / "other"))


def test_a_trust_list_is_no_transcript_and_a_transcript_no_trust_list(
    held_once: Room, transcript: bytes
) -> None:
    """Both are signed by the trust key."""
    with pytest.raises(TranscriptInvalid):
        read_transcript((held_once.hierarchy / "trust" / publishing.LIST).read_bytes())
    with pytest.raises(KeysError):
        trust.read(transcript, now=START)


@pytest.mark.parametrize(
    ("member", "value", "complaint"),
    [
        ("approvals", [], "fewer than two approvers"),
        ("name", "another", "contradicts the plan"),
        ("planSha256", "0" * 64, "contradicts the plan"),
        ("plan", "kind: none", "damaged"),
        ("heldAt", "yesterday", "damaged"),
        ("version", 2, "not a transcript"),
        ("more", 1, "not a transcript"),
    ],
)
def test_what_the_trust_key_alone_would_sign_is_not_enough(
    held_once: Room, transcript: bytes, member: str, value: object, complaint: str
) -> None:
    """A thief of the trust key cannot make up a ceremony without two approvals."""
    forged = forge(held_once, transcript, {member: value})

    with pytest.raises(TranscriptInvalid, match=complaint):
        read_transcript(forged)


def test_one_approver_twice_is_one_approver(held_once: Room, transcript: bytes) -> None:
    approvals: Any = read_transcript(transcript).payload["approvals"]
    forged = forge(held_once, transcript, {"approvals": [approvals[0], approvals[0]]})

    with pytest.raises(TranscriptInvalid, match="does not belong to its plan"):
        read_transcript(forged)


def test_a_transcript_is_signed_by_a_trust_key(held_once: Room, transcript: bytes) -> None:
    forged = forge(held_once, transcript, {}, purpose="facts")

    with pytest.raises(TranscriptInvalid, match="another purpose"):
        read_transcript(forged)


@pytest.mark.judge
def test_openssl_and_a_few_lines_check_a_ceremony_without_our_software(
    held_once: Room, tmp_path: Path
) -> None:
    """docs/ceremony.md, Checking a ceremony."""
    openssl = judges.require("openssl")
    kept = held_once.keys / "ceremonies" / "first-hierarchy"
    for person, key in ((one, held_once.people[one]) for one in ("anna", "bram")):
        public = tmp_path / f"{person}.pub"
        _run(openssl, "pkey", "-in", str(key), "-pubout", "-out", str(public))
        signature = kept / f"plan.yaml.{person}.sig"
        plan = str(kept / "plan.yaml")
        said = _run(
            *(openssl, "dgst", "-sha256", "-verify", str(public)),
            *("-signature", str(signature), plan),
        )
        assert "Verified OK" in said
    authority = held_once.hierarchy / "authority"
    for name in ("ca", "root"):
        said = _run(
            *(openssl, "crl", "-inform", "DER", "-in", str(held_once.keys / f"{name}.crl")),
            *("-CAfile", str(authority / f"{name}.pem"), "-noout"),
        )
        assert "verify OK" in said


def forge(
    room: Room, transcript: bytes, changes: dict[str, object], *, purpose: str = "trust"
) -> bytes:
    payload = copy.deepcopy(dict(read_transcript(transcript).payload)) | changes
    signer = hierarchy.open_signer(room.keys, purpose)
    return publishing.signed(payload, signer, kind=TYPE)


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    return done.stdout + done.stderr
