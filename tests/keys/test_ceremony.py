"""The promise under test: two people approve, all of it happens or nothing, and it is proven."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509

from keys import hierarchy, jws, publishing, states
from keys.ceremony.approvals import signature_file
from keys.ceremony.holding import Ceremonies
from keys.ceremony.transcript import KEY_MATERIAL, read_transcript
from keys.certificates import PROFILES
from keys.errors import (
    CeremonyRefused,
    FolderOccupied,
)
from keys.trust import KeyState
from tests import judges
from tests.keys.ceremony_room import (
    PURPOSES,
    START,
    Room,
    contents,
    listed,
    private_parts,
    seal,
)


@pytest.fixture(name="empty")
def _empty(tmp_path: Path) -> Room:
    return Room(tmp_path)


def test_the_first_ceremony_makes_a_hierarchy_that_signs(room: Room) -> None:
    book = states.load(room.keys)

    assert tuple(one.purpose for one in book.keys) == PURPOSES
    served = {profile.purpose for profile in PROFILES.values()}
    assert set(PURPOSES) == served, "a service that follows the manual cannot do all its work"
    assert {one.state for one in book.keys} == {KeyState.ACTIVE}
    assert hierarchy.open_signer(room.keys, "seal").sign_digest(bytes(32))
    assert listed(room).serial == book.serial == 1
    assert [one.id for one in book.approvers] == ["anna", "bram", "carla"]


def test_the_authorities_keys_go_into_the_safe_and_not_to_the_service(room: Room) -> None:
    """platform.md 3.11."""
    names = {path.name for path in (room.hierarchy / "authority").iterdir()}

    assert names == {"root.key", "root.pem", "ca.key", "ca.pem"}
    assert not {"root.key", "ca.key"} & {path.name for path in room.keys.rglob("*")}


def test_names_and_lives_are_those_of_the_plan(empty: Room) -> None:
    empty.hold("1-hierarchy", organisation="Register TEST", ca="9", country="DE")

    chain = hierarchy.open_signer(empty.keys, "seal").chain
    own, ca, root = (x509.load_der_x509_certificate(one) for one in chain)
    assert own.subject.rfc4514_string() == "CN=Register TEST seal p256 2026,O=Register TEST,C=DE"
    assert root.subject.rfc4514_string() == "CN=Echt TEST root 2026,O=Register TEST,C=DE"
    assert ca.not_valid_after_utc.year == 2035
    assert own.not_valid_after_utc.year == 2029


def test_the_transcript_names_two_approvers_and_every_artefact(room: Room) -> None:
    """platform.md 4.1.20."""
    kept = room.keys / "ceremonies" / "first-hierarchy"
    transcript = read_transcript((kept / "transcript.json").read_bytes())

    artefacts: Any = transcript.payload["artefacts"]
    found = {one["file"]: one["sha256"] for one in artefacts}
    assert [one.id for one in transcript.approvers] == ["anna", "bram"]
    assert transcript.held_at == START
    for name, digest in found.items():
        place = kept / name if (kept / name).exists() else room.keys / name
        assert digest == _sha256(place.read_bytes()), name
    certificates = {path.name for path in room.keys.glob("*.pem")}
    assert set(found) == certificates | {"ca.crl", "root.crl", publishing.LIST, publishing.BUNDLE}


def test_the_key_book_vouches_for_the_transcript(room: Room) -> None:
    transcript = room.hold("2-announce")

    held = states.load(room.keys).ceremonies
    assert [one.name for one in held] == ["first-hierarchy", "announce-seal-2027"]
    assert (held[1].plan_sha256, held[1].transcript_sha256) == (
        transcript.plan.sha256,
        transcript.sha256,
    )


def test_two_rehearsals_differ_in_key_material_only(tmp_path: Path) -> None:
    """platform.md 4.1.20: byte-stable apart from keys."""
    first = Room(tmp_path / "a")
    plan = first.approve(first.plan("1-hierarchy"), "anna", "bram")
    second = Room(shutil.copytree(first.folder, tmp_path / "b"))

    payloads = [
        dict(room.ceremonies.hold(room.folder / plan.name).payload) for room in (first, second)
    ]

    one, other = (jws.canonical(without_key_material(payload)) for payload in payloads)
    assert payloads[0] != payloads[1]
    assert one == other


def test_no_private_key_is_in_anything_that_is_handed_out(room: Room) -> None:
    room.hold("2-announce")
    public = [contents(room.keys / "ceremonies"), contents(room.hierarchy / "trust")]
    written = [data for files in public for data in files.values()]
    plain = [base64.b64decode(_payload_of(one)) for one in written if b'"payload"' in one]

    secrets = list(private_parts(room.hierarchy))
    assert len(secrets) > 20
    assert len(plain) == 5  # two transcripts, two kept lists, the published one
    for secret in secrets:
        assert not any(secret in one for one in (*written, *plain))


# Approval


@pytest.mark.parametrize("people", [(), ("anna",), ("carla",)])
def test_one_approval_is_not_enough(empty: Room, people: tuple[str, ...]) -> None:
    plan = empty.approve(empty.plan("1-hierarchy"), *people)

    with pytest.raises(CeremonyRefused, match=f"has {len(people)} of 2 approvals"):
        empty.ceremonies.hold(plan)

    assert not empty.hierarchy.exists()


@pytest.mark.parametrize("people", [("anna", "bram"), ("anna", "carla"), ("bram", "carla")])
def test_any_two_of_the_roster_will_do(empty: Room, people: tuple[str, ...]) -> None:
    """P-256 and Ed25519 keys alike."""
    transcript = empty.ceremonies.hold(empty.approve(empty.plan("1-hierarchy"), *people))

    assert tuple(one.id for one in transcript.approvers) == people


def test_a_plan_that_was_changed_after_its_approval_is_refused(room: Room) -> None:
    plan = room.approve(room.plan("2-announce"), "anna", "bram")
    plan.write_text(plan.read_text() + "\n")
    before = contents(room.keys)

    with pytest.raises(CeremonyRefused, match="approval of anna is not of this plan"):
        room.ceremonies.hold(plan)

    assert contents(room.keys) == before


def test_a_person_who_is_not_on_the_roster_does_not_count(room: Room) -> None:
    plan = room.approve(room.plan("2-announce"), "anna", "daan")

    with pytest.raises(
        CeremonyRefused, match=r"1 of 2 approvals\. On the roster: anna, bram, carla"
    ):
        room.ceremonies.hold(plan)


def test_nobody_approves_twice_under_another_name(room: Room) -> None:
    plan = room.approve(room.plan("2-announce"), "anna")
    shutil.copy(signature_file(plan, "anna"), signature_file(plan, "bram"))

    with pytest.raises(CeremonyRefused, match="approval of bram is not of this plan"):
        room.ceremonies.hold(plan)


def test_a_roster_is_replaced_by_those_on_it_and_then_holds(room: Room) -> None:
    room.hold("7-roster")
    refused = room.approve(room.plan("2-announce"), "anna", "carla")
    with pytest.raises(CeremonyRefused, match=r"has 0 of 2 approvals\. On the roster: bram, daan"):
        room.ceremonies.hold(refused)

    plan = room.approve(room.plan("2-announce", ceremony="by-the-new-ones"), "bram", "daan")
    assert [one.id for one in room.ceremonies.hold(plan).approvers] == ["bram", "daan"]


def test_a_hierarchy_that_no_ceremony_made_has_no_approvers(room: Room, tmp_path: Path) -> None:
    hierarchy.make(tmp_path / "dev", now=START)
    ceremonies = Ceremonies(tmp_path / "dev", tmp_path / "public", lambda: START)
    plan = room.approve(room.plan("2-announce"), "anna", "bram")

    with pytest.raises(CeremonyRefused, match="no ceremony made this hierarchy"):
        ceremonies.hold(plan)


def test_where_ceremonies_rule_no_single_command_goes_round_them(room: Room) -> None:
    kid, before = seal(room), contents(room.keys)

    with pytest.raises(CeremonyRefused, match="changed by ceremony only"):
        hierarchy.announce(room.keys, "seal", now=START)
    with pytest.raises(CeremonyRefused, match="changed by ceremony only"):
        publishing.change_state(room.keys, kid, KeyState.RETIRED, at=START)

    assert contents(room.keys) == before


@pytest.mark.parametrize("days", [-1, 1])
def test_a_plan_holds_on_its_own_day(room: Room, days: int) -> None:
    plan = room.approve(room.plan("2-announce"), "anna", "bram")
    room.later(days=days)

    with pytest.raises(CeremonyRefused, match="The plan is for 2026-11-22, and today is"):
        room.ceremonies.hold(plan)


def test_an_approved_plan_is_not_held_twice(room: Room) -> None:
    plan = room.approve(room.plan("2-announce"), "anna", "bram")
    first = room.ceremonies.hold(plan)
    again = room.ceremonies.hold(plan)  # the latest: nothing but handing out
    assert again == first
    assert len(states.load(room.keys).keys) == len(PURPOSES) + 1

    room.hold("6-lists")
    with pytest.raises(CeremonyRefused, match="announce-seal-2027 was held before"):
        room.ceremonies.hold(plan)
    other = room.approve(room.plan("2-announce", years="2"), "anna", "bram")
    with pytest.raises(CeremonyRefused, match="announce-seal-2027 was held before"):
        room.ceremonies.hold(other)


def test_the_same_hierarchy_is_not_made_twice(room: Room) -> None:
    before = contents(room.hierarchy)

    with pytest.raises(FolderOccupied, match="name another folder"):
        room.hold("1-hierarchy")

    assert contents(room.hierarchy) == before


@pytest.mark.judge
def test_an_approval_by_openssl_is_an_approval(empty: Room) -> None:
    openssl = judges.require("openssl")
    plan = empty.plan("1-hierarchy")
    anna, carla = (str(signature_file(plan, one)) for one in ("anna", "carla"))
    keys = {one: str(empty.people[one]) for one in ("anna", "carla")}
    _run(openssl, "dgst", "-sha256", "-sign", keys["anna"], "-out", anna, str(plan))
    raw = (openssl, "pkeyutl", "-sign", "-rawin", "-inkey", keys["carla"], "-in", str(plan))
    _run(*raw, "-out", carla)

    assert [one.id for one in empty.ceremonies.hold(plan).approvers] == ["anna", "carla"]


def without_key_material(payload: dict[str, Any]) -> dict[str, Any]:
    stripped = copy.deepcopy(payload)
    for path in KEY_MATERIAL:
        name, _, inner = path.partition(".")
        if not inner:
            del stripped[name]
            continue
        for member in stripped[name]:
            del member[inner]
    return stripped


def _payload_of(envelope: bytes) -> bytes:
    payload = str(json.loads(envelope)["payload"]).replace("-", "+").replace("_", "/")
    return (payload + "=" * (-len(payload) % 4)).encode()


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _run(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    return done.stdout + done.stderr
