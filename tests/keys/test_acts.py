"""The promise under test: each kind of ceremony does what its plan says, or nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from cryptography import x509

from keys import crl, hierarchy, jws, moments, states
from keys.ceremony.transcript import TYPE
from keys.errors import (
    CeremonyRefused,
    KeyRefused,
    KeysError,
    KeyUnavailable,
    StateRefused,
)
from keys.trust import KeyState
from tests.keys.ceremony_room import START, Room, contents, listed, newest, seal


def test_an_announced_key_waits_thirty_days_and_then_takes_over(room: Room) -> None:
    """platform.md 4.1.21."""
    old = seal(room)
    room.hold("2-announce")
    new = newest(room)
    assert seal(room) == old
    with pytest.raises(StateRefused, match="30 days"):
        room.hold("3-switch", kid=new)

    room.later(days=30)
    room.hold("3-switch", kid=new)

    before, after = listed(room).by_kid(old), listed(room).by_kid(new)
    assert before is not None
    assert after is not None
    assert seal(room) == new
    assert (after.state, after.since) == (KeyState.ACTIVE, room.now)
    assert (before.state, before.until) == (KeyState.RETIRED, room.now + states.HANDOVER)


def test_a_key_retires_without_a_successor(room: Room) -> None:
    kid = hierarchy.open_signer(room.keys, "facts").key.kid

    room.hold("4-retire", kid=kid)

    assert states.load(room.keys).key(kid).state is KeyState.RETIRED
    with pytest.raises(KeyUnavailable, match="No active key"):
        hierarchy.open_signer(room.keys, "facts")


def test_a_lost_key_is_revoked_and_replaced_in_one_ceremony(room: Room) -> None:
    lost, since = seal(room), "2026-11-22T08:00:00Z"

    room.hold("5-compromise", kid=lost, since=since)

    book, new = states.load(room.keys), seal(room)
    ca, serial = (room.keys / "ca.crl").read_bytes(), _serial(book.key(lost).certificates[0])
    revoked = crl.read(ca, book.keys[0].certificates[1]).revoked
    entry = listed(room).by_kid(lost)
    assert entry is not None
    assert moments.written(entry.compromised_since or START) == since
    assert moments.written(revoked[serial]) == since
    assert new != lost
    assert book.key(new).state is KeyState.ACTIVE


def test_a_compromise_can_be_told_without_going_to_the_safe(room: Room) -> None:
    kid = seal(room)
    text = f"ceremony: quick\ndate: 2026-11-22\nkind: compromise\nkeys: [{kid}]\n"
    plan = room.write(text + "since: 2026-11-22T08:00:00Z\n")
    shutil.rmtree(room.hierarchy / "authority")

    room.ceremonies.hold(room.approve(plan, "bram", "carla"))

    assert states.load(room.keys).key(kid).state is KeyState.COMPROMISED


def test_a_lost_trust_key_is_replaced_by_the_ceremony_that_reports_it(room: Room) -> None:
    lost = hierarchy.open_signer(room.keys, "trust").key.kid
    text = room.plan("5-compromise", kid=lost, since="2026-11-22T08:00:00Z").read_text()
    alone = room.write(text[: text.index("authority")])
    with pytest.raises(CeremonyRefused, match="No trust key would be left"):
        room.ceremonies.hold(room.approve(alone, "anna", "bram"))

    plan = room.write(text.replace("    seal: file", "    trust: file"))
    transcript = room.ceremonies.hold(room.approve(plan, "anna", "bram"))

    envelope = jws.open_envelope(transcript.data, kind=TYPE)
    assert envelope.kid == hierarchy.open_signer(room.keys, "trust").key.kid != lost
    assert listed(room).serial == 2


@pytest.mark.parametrize(
    ("example", "changes", "error", "complaint"),
    [
        ("3-switch", {"kid": "nobody-knows-it"}, KeysError, "no key of that name"),
        ("4-retire", {"kid": "trust"}, CeremonyRefused, "No trust key would be left"),
        ("5-compromise", {"since": "2026-11-22T09:00:01Z"}, CeremonyRefused, "in the future"),
        ("5-compromise", {"seal": "token"}, CeremonyRefused, "set one"),
        ("5-compromise", {"kid": "facts"}, CeremonyRefused, "No seal key is compromised"),
        ("2-announce", {"authority": "nowhere"}, KeyUnavailable, "cannot be read"),
        ("2-announce", {"seal": "token"}, CeremonyRefused, "set one"),
    ],
)
def test_what_cannot_be_done_changes_nothing(
    room: Room, example: str, changes: dict[str, str], error: type[KeysError], complaint: str
) -> None:
    purpose = changes.get("kid", "seal")
    if purpose in {"trust", "facts", "seal"} and example != "2-announce":
        changes = changes | {"kid": hierarchy.open_signer(room.keys, purpose).key.kid}
    if example == "5-compromise":
        changes = {"since": "2026-11-22T08:00:00Z"} | changes
    before = contents(room.hierarchy)

    with pytest.raises(error, match=complaint):
        room.hold(example, **changes)

    assert contents(room.hierarchy) == before


def test_the_authority_of_another_hierarchy_is_refused(room: Room, tmp_path: Path) -> None:
    hierarchy.make(tmp_path / "other", now=START)

    with pytest.raises(CeremonyRefused, match="authority of another hierarchy"):
        room.hold("2-announce", authority=str(tmp_path / "other"))


def test_an_authority_whose_files_do_not_belong_together_is_refused(room: Room) -> None:
    authority = room.hierarchy / "authority"
    shutil.copy(authority / "root.key", authority / "ca.key")

    with pytest.raises(KeyUnavailable, match="not its certificate's"):
        room.hold("2-announce")


def test_a_restored_older_key_book_does_not_write_over_what_was_held_since(room: Room) -> None:
    older = (room.keys / states.FILE).read_bytes()
    room.hold("2-announce")
    (room.keys / states.FILE).write_bytes(older)
    before = contents(room.hierarchy)

    with pytest.raises(KeyUnavailable, match=r"There is a .+ in the key folder already"):
        room.hold("2-announce", years="2")

    assert contents(room.hierarchy) == before


def test_production_makes_no_key_in_a_file(room: Room) -> None:
    room.production = True
    before = contents(room.keys)

    with pytest.raises(KeyRefused):
        room.hold("2-announce")

    assert contents(room.keys) == before


def _serial(der: bytes) -> int:
    return x509.load_der_x509_certificate(der).serial_number
