"""Receipts: signed, empty of people, fragile to every changed byte, and good for years.

verifier.md 3.9 and 4.22.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS

from bridges import KeyForReceipts
from keys import hierarchy, jws, publishing, states, trust
from keys.errors import KeyRefused
from keys.trust import KeyState
from tests.verifier.memory import MemoryIndex, MemoryStatuses
from tests.verifier.sealed import FACTS, NOW, NUMBER, World, publish
from verifier.errors import NotAReceipt, ReceiptsUnavailable, UnknownFingerprint
from verifier.ports import Status
from verifier.receipts.desk import IssuedReceipt, Receipts
from verifier.receipts.form import (
    TYPE,
    compact,
    looks_like_one,
    new_id,
    open_receipt,
    payload_of,
    receipt_of,
    short_code,
)
from verifier.receipts.judging import Standing
from verifier.verdict import Details, Verdict, VerdictCode
from verifier.verifying import Verifier

YEAR = timedelta(days=365)


def a_desk(world: World, **changes: Any) -> Receipts:
    """Receipts of this hierarchy, signed with its own key."""
    signer = KeyForReceipts(lambda: hierarchy.open_signer(world.keys, "receipt", clock=lambda: NOW))
    desk = Receipts(trust=lambda: world.trust, clock=lambda: NOW, signer=signer)
    return replace(desk, **changes)


@pytest.fixture(name="verdict")
def _verdict(verifier: Verifier, sealed: bytes) -> Verdict:
    return verifier.verify(sealed)


@pytest.fixture(name="issued")
def _issued(world: World, sealed: bytes, verdict: Verdict) -> IssuedReceipt:
    return a_desk(world, ledger_count=lambda: 42).issue(sealed, verdict)


def test_a_receipt_verifies_offline_with_the_trust_list_alone(
    world: World, issued: IssuedReceipt
) -> None:
    """verifier.md 4.22: no index, no statuses, no key."""
    alone = Receipts(trust=lambda: world.trust, clock=lambda: NOW)

    answer = alone.check(issued.token)

    assert answer.judged.standing is Standing.OURS
    assert answer.judged.receipt == issued.receipt
    assert issued.receipt.code is VerdictCode.GENUINE_CURRENT
    assert issued.receipt.ledger_count == 42
    assert answer.holds is None


def test_another_library_agrees_with_the_signature(world: World, issued: IssuedReceipt) -> None:
    listed = trust.read(world.trust, now=NOW)
    (entry,) = listed.entries("receipt")
    token = JWS()
    token.allowed_algs = ["ES256"]
    pem = x509.load_der_x509_certificate(entry.certificates[0]).public_bytes(Encoding.PEM)
    token.deserialize(issued.token, JWK.from_pem(pem))

    assert json.loads(token.payload)["verdict"] == "GENUINE_CURRENT"


def test_nothing_personal_is_in_a_receipt(issued: IssuedReceipt) -> None:
    """verifier.md 4.22: no name, number, birth date or mark of the document it is about."""
    payload = open_receipt(issued.token).payload.decode()
    facts: Any = FACTS

    assert set(json.loads(payload)) == {
        "format",
        "version",
        "id",
        "checkedAt",
        "verdict",
        "sha256",
        "documentType",
        "trustListSerial",
        "ledgerCount",
        "verifierVersion",
    }
    assert NUMBER not in payload
    assert facts["holder"]["name"] not in payload
    assert facts["holder"]["birthDate"] not in payload
    assert facts["institution"]["name"] not in payload


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(data=st.data())
def test_a_receipt_with_one_changed_byte_is_not_ours(
    data: st.DataObject, world: World, issued: IssuedReceipt
) -> None:
    """verifier.md 4.22: wherever the byte stands."""
    letters = bytearray(issued.token.encode())
    place = data.draw(st.integers(0, len(letters) - 1))
    letters[place] = data.draw(st.integers(33, 126).filter(lambda one: one != letters[place]))
    alone = Receipts(trust=lambda: world.trust, clock=lambda: NOW)

    assert alone.check(letters.decode()).judged.standing is not Standing.OURS


@pytest.mark.parametrize("place", range(3))
def test_the_last_letter_of_every_part_counts(
    place: int, world: World, issued: IssuedReceipt
) -> None:
    """Base64url has spare bits there, which a lazy decoder overlooks."""
    alone = Receipts(trust=lambda: world.trust, clock=lambda: NOW)
    for letter in "ABCDEFGHwxyz0189-_":
        parts = issued.token.split(".")
        changed = parts[place][:-1] + letter
        if changed != parts[place]:
            parts[place] = changed
            assert alone.check(".".join(parts)).judged.standing is not Standing.OURS


@settings(max_examples=200)
@given(text=st.one_of(st.text(max_size=200), st.from_regex(r"[\w-]+\.[\w-]+\.[\w-]+")))
def test_any_text_at_all_gets_an_answer(text: str) -> None:
    desk = Receipts(trust=lambda: None, clock=lambda: NOW)

    assert desk.check(text).judged.standing is Standing.NOT_OURS
    assert looks_like_one(text.encode()) is False


def test_a_receipt_holds_after_two_key_rotations(
    tmp_path: Path, sealed: bytes, verdict: Verdict
) -> None:
    """verifier.md 4.22, goal 34: the keys that signed it are retired, and still ours."""
    keys, now = tmp_path / "keys", NOW - timedelta(days=1)
    hierarchy.make(keys, now=now)
    clock = [NOW]
    signer = KeyForReceipts(lambda: hierarchy.open_signer(keys, "receipt", clock=lambda: clock[0]))
    tokens, kids = [], []
    listed = publish(keys, now=NOW)
    desk = Receipts(trust=lambda: listed, clock=lambda: clock[0], signer=signer)
    for _ in range(3):
        made = desk.issue(sealed, replace(verdict, checked_at=clock[0]))
        tokens.append(made.token)
        kids.append(open_receipt(made.token).kid)
        listed = _rotate(keys, clock)

    later = Receipts(trust=lambda: listed, clock=lambda: clock[0])
    assert len(set(kids)) == 3
    assert {states.load(keys).key(kid).state for kid in kids} == {KeyState.RETIRED}
    assert [later.check(one).judged.standing for one in tokens] == [Standing.OURS] * 3


def _rotate(keys: Path, clock: list[datetime]) -> bytes:
    """The next key is announced, waits its notice and takes over; then a new list."""
    kid = hierarchy.announce(keys, "receipt", now=clock[0])
    clock[0] += timedelta(days=31)
    publishing.change_state(keys, kid, KeyState.ACTIVE, at=clock[0])
    clock[0] += timedelta(days=2)
    return publish(keys, now=clock[0])


def test_a_lost_key_proves_nothing_and_accuses_nobody(
    tmp_path: Path, sealed: bytes, verdict: Verdict
) -> None:
    keys = tmp_path / "keys"
    hierarchy.make(keys, now=NOW - timedelta(days=1))
    listed = publish(keys)
    signer = KeyForReceipts(lambda: hierarchy.open_signer(keys, "receipt", clock=lambda: NOW))
    token = Receipts(lambda: listed, lambda: NOW, signer).issue(sealed, verdict).token
    kid = open_receipt(token).kid
    publishing.change_state(keys, kid, KeyState.COMPROMISED, at=NOW + timedelta(days=1))
    listed = publish(keys, now=NOW + timedelta(days=2))

    answer = Receipts(lambda: listed, lambda: NOW + timedelta(days=2)).check(token)

    assert answer.judged.standing is Standing.CANNOT_CHECK
    assert answer.judged.reason == "key_compromised"
    assert answer.judged.receipt is None


@pytest.mark.parametrize("purpose", ["facts", "seal", "webhook", "trust"])
def test_another_key_of_ours_makes_no_receipts(
    purpose: str, world: World, issued: IssuedReceipt
) -> None:
    other = hierarchy.open_signer(world.keys, purpose, clock=lambda: NOW)
    token = compact(publishing.signed(payload_of(issued.receipt), other, kind=TYPE))

    judged = a_desk(world).check(token).judged

    assert (judged.standing, judged.reason) == (Standing.NOT_OURS, "key_not_ours")


def test_a_strangers_receipt_is_not_ours(
    tmp_path: Path, world: World, issued: IssuedReceipt
) -> None:
    hierarchy.make(tmp_path / "keys", now=NOW - timedelta(days=1))
    other = hierarchy.open_signer(tmp_path / "keys", "receipt", clock=lambda: NOW)
    token = compact(publishing.signed(payload_of(issued.receipt), other, kind=TYPE))

    assert a_desk(world).check(token).judged.standing is Standing.NOT_OURS


def test_a_list_that_is_older_than_the_key_does_not_accuse(
    tmp_path: Path, sealed: bytes, verdict: Verdict
) -> None:
    keys, clock = tmp_path / "keys", [NOW]
    hierarchy.make(keys, now=NOW - timedelta(days=1))
    old = publish(keys)
    new = _rotate(keys, clock)
    signer = KeyForReceipts(lambda: hierarchy.open_signer(keys, "receipt", clock=lambda: clock[0]))
    made = Receipts(lambda: new, lambda: clock[0], signer).issue(
        sealed, replace(verdict, checked_at=clock[0])
    )

    judged = Receipts(lambda: old, lambda: clock[0]).check(made.token).judged

    assert (judged.standing, judged.reason) == (Standing.CANNOT_CHECK, "key_not_on_list_yet")


@pytest.mark.parametrize(
    ("listed", "later", "reason"),
    [
        (None, timedelta(0), "no_trust_list"),
        (b"junk", timedelta(0), "trust_list_invalid"),
        (..., timedelta(days=91), "trust_list_expired"),
        (..., -timedelta(hours=1), "from_the_future"),
    ],
)
def test_what_cannot_be_judged_here_is_never_called_false(
    listed: object, later: timedelta, reason: str, world: World, issued: IssuedReceipt
) -> None:
    trusted: Any = world.trust if listed is ... else listed
    desk = Receipts(trust=lambda: trusted, clock=lambda: NOW + later)
    if reason == "from_the_future":
        future = replace(issued.receipt, checked_at=NOW + timedelta(hours=1))
        other = hierarchy.open_signer(world.keys, "receipt", clock=lambda: NOW)
        token = compact(publishing.signed(payload_of(future), other, kind=TYPE))
        desk = replace(desk, clock=lambda: NOW)
    else:
        token = issued.token

    judged = desk.check(token).judged

    assert (judged.standing, judged.reason) == (Standing.CANNOT_CHECK, reason)


@pytest.mark.parametrize(
    ("then", "today", "holds"),
    [
        (VerdictCode.GENUINE_CURRENT, Status.GOOD, True),
        (VerdictCode.GENUINE_CURRENT, Status.SUPERSEDED, False),
        (VerdictCode.GENUINE_CURRENT, Status.WITHDRAWN, False),
        (VerdictCode.SUPERSEDED, Status.SUPERSEDED, True),
        (VerdictCode.GENUINE_STATUS_UNKNOWN, Status.GOOD, True),
        (VerdictCode.GENUINE_CURRENT, None, None),
    ],
)
def test_years_later_the_ledger_says_whether_the_verdict_holds(
    then: VerdictCode,
    today: Status | None,
    world: World,
    sealed: bytes,
    verdict: Verdict,
    *,
    holds: bool | None,
) -> None:
    index, statuses = MemoryIndex(), MemoryStatuses({NUMBER: today} if today else {})
    index.add(sealed, NUMBER)
    desk = a_desk(world, index=index, statuses=statuses)
    token = desk.issue(sealed, replace(verdict, code=then)).token

    assert desk.check(token).holds is holds
    assert desk.check(token, offline=True).holds is None
    index.available = False
    assert desk.check(token).holds is None


def test_a_fingerprint_gets_a_receipt_only_when_it_is_known(world: World, sealed: bytes) -> None:
    index, statuses = MemoryIndex(), MemoryStatuses({NUMBER: Status.SUPERSEDED})
    index.add(sealed, NUMBER)
    desk = a_desk(world, index=index, statuses=statuses)
    (sha256,) = index.files

    made = desk.issue_by_fingerprint(sha256).receipt

    assert (made.code, made.document_type) == (VerdictCode.SUPERSEDED, "fingerprint")
    with pytest.raises(UnknownFingerprint):
        desk.issue_by_fingerprint("0" * 64)


def test_a_process_without_a_key_says_that_it_makes_none(
    world: World, sealed: bytes, verdict: Verdict
) -> None:
    def refuse() -> Any:
        raise KeyRefused("This role opens no key.")

    for desk in (a_desk(world, signer=None), a_desk(world, signer=KeyForReceipts(refuse))):
        with pytest.raises(ReceiptsUnavailable):
            desk.issue(sealed, verdict)
        assert desk.issue_if_possible(sealed, verdict) is None


def test_without_a_trust_list_nothing_was_judged(
    world: World, sealed: bytes, verdict: Verdict
) -> None:
    unjudged = replace(verdict, details=Details())
    with pytest.raises(ReceiptsUnavailable, match="no trust list"):
        a_desk(world, trust=lambda: None).issue(sealed, unjudged)


def test_a_receipt_names_the_list_that_judged(
    world: World, sealed: bytes, verdict: Verdict
) -> None:
    """And not whatever list lies there when the receipt is signed."""
    serial = verdict.details.trust_list_serial
    issued = a_desk(world, trust=lambda: None).issue(sealed, verdict)

    assert issued.receipt.trust_serial == serial


@pytest.mark.parametrize(
    ("member", "value"),
    [
        ("verdict", "FORGED"),
        ("sha256", "0" * 63),
        ("id", "x"),
        ("checkedAt", "yesterday"),
        ("trustListSerial", True),
        ("ledgerCount", -1),
        ("documentType", "a" * 21),
        ("verifierVersion", ""),
        ("version", 2),
        ("holder", "somebody"),
    ],
)
def test_a_payload_of_another_form_is_refused(
    member: str, value: object, issued: IssuedReceipt
) -> None:
    with pytest.raises(NotAReceipt):
        receipt_of(payload_of(issued.receipt) | {member: value})


def test_numbers_are_random_and_the_code_follows_the_receipt() -> None:
    assert len({new_id() for _ in range(1000)}) == 1000
    assert short_code("a") != short_code("b")
    assert short_code("a") == short_code("a")
    assert len(short_code("a")) == 9
    assert jws.decode(jws.encode(b"x")) == b"x"
