"""The promise under test: what the key book says is published at once, and stays fresh."""

from __future__ import annotations

import shutil
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp as judge
from hypothesis import HealthCheck, settings

from keys import crl, hierarchy, ocsp, publishing, revoking
from keys.crl import serial_of
from keys.errors import KeyRefused, RevocationUnavailable
from keys.revocation import CA_LIST, MARK, ROOT_LIST
from keys.revoking import CA_LIST_LIFE, RESPONSE_LIFE, ROOT_LIST_LIFE, RevocationIssuer
from keys.trust import KeyState
from tests.keys.conftest import NOW, Chain, Clock
from tests.keys.revocation_desk import (
    DAY,
    HOUR,
    START,
    compromise,
    contents,
    listed,
    said,
)
from tests.keys.test_ocsp import question

SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def test_a_document_gets_one_response_and_both_lists(issuer: RevocationIssuer, seal: Chain) -> None:
    """pdf.md 3.3, update 2: OCSP responses (seal), then CRLs (root, CA)."""
    data = issuer.data_for(seal)
    answer = ocsp.read_response(data.ocsps[0], seal[1])

    assert len(data.ocsps) == 1
    assert (answer.serial, answer.status.revoked_since) == (serial_of(seal[0]), None)
    assert [crl.read(*pair).revoked for pair in zip(data.crls, seal[:0:-1], strict=True)] == [
        {},
        {},
    ]
    assert data.fresh_until == START + RESPONSE_LIFE


@pytest.mark.parametrize("purpose", ["seal", "seal-rsa", "seal-p384", "facts", "trust", "tsa"])
def test_every_key_of_the_book_has_its_answer(
    issuer: RevocationIssuer, folder: Path, purpose: str
) -> None:
    chain = hierarchy.open_signer(folder, purpose).chain

    assert said(issuer, chain).certificate_status is judge.OCSPCertStatus.GOOD


def test_the_same_object_comes_back_until_something_changes(
    issuer: RevocationIssuer, folder: Path, seal: Chain
) -> None:
    first = issuer.data_for(seal)
    assert issuer.data_for(seal) is first

    compromise(folder, "facts", START)
    issuer.refresh()

    assert issuer.data_for(seal) is not first


def test_a_compromised_key_is_revoked_since_then(
    issuer: RevocationIssuer, folder: Path, into: Path, seal: Chain
) -> None:
    issuer.refresh()
    since = START - timedelta(days=3)
    serial = compromise(folder, "seal", since)
    issuer.refresh()

    answer = said(issuer, seal)

    assert answer.certificate_status is judge.OCSPCertStatus.REVOKED
    assert answer.revocation_time_utc == since
    assert answer.revocation_reason is x509.ReasonFlags.key_compromise
    assert listed(into, CA_LIST, seal[1]).revoked == {serial: since}
    other = hierarchy.open_signer(folder, "seal-rsa").chain
    assert said(issuer, other).certificate_status is judge.OCSPCertStatus.GOOD


def test_a_retired_key_stays_good(issuer: RevocationIssuer, folder: Path, seal: Chain) -> None:
    kid = hierarchy.open_signer(folder, "seal").key.kid
    publishing.change_state(folder, kid, KeyState.RETIRED, at=NOW)

    assert said(issuer, seal).certificate_status is judge.OCSPCertStatus.GOOD


def test_a_new_key_has_its_answer_from_the_start(issuer: RevocationIssuer, folder: Path) -> None:
    issuer.refresh()
    kid = hierarchy.announce(folder, "seal", now=NOW)
    issuer.refresh()
    own = x509.load_pem_x509_certificates((folder / f"{kid}.pem").read_bytes())[0]

    assert f"{own.serial_number:x}.sha1.ocsp" in contents(issuer._into)


def test_nothing_is_signed_while_everything_is_fresh(
    issuer: RevocationIssuer, into: Path, clock: Clock
) -> None:
    issuer.refresh()
    before = contents(into)
    clock.now += RESPONSE_LIFE / 2 - HOUR

    issuer.refresh()

    assert contents(into) == before


def test_halfway_through_their_life_responses_are_renewed_and_lists_are_not(
    issuer: RevocationIssuer, into: Path, clock: Clock, seal: Chain
) -> None:
    issuer.refresh()
    before = contents(into)
    clock.now += RESPONSE_LIFE / 2

    data = issuer.data_for(seal)

    assert data.fresh_until == (START + RESPONSE_LIFE / 2) + RESPONSE_LIFE
    after = contents(into)
    same = {name for name in before if before[name] == after[name]}
    assert same == {ROOT_LIST, CA_LIST, "root.cer", "ca.cer"}


@pytest.mark.parametrize(("name", "life"), [(CA_LIST, CA_LIST_LIFE), (ROOT_LIST, ROOT_LIST_LIFE)])
def test_a_list_is_renewed_halfway_with_a_higher_number(
    issuer: RevocationIssuer, into: Path, clock: Clock, seal: Chain, name: str, life: timedelta
) -> None:
    """RFC 5280 5.2.3."""
    above = seal[1] if name == CA_LIST else seal[2]
    issuer.refresh()
    before = listed(into, name, above)
    clock.now += life / 2

    issuer.refresh()

    after = listed(into, name, above)
    assert after.number > before.number
    assert after.next_update == before.next_update + life / 2


def test_numbers_rise_also_when_the_clock_goes_back(
    issuer: RevocationIssuer, folder: Path, into: Path, clock: Clock, seal: Chain
) -> None:
    issuer.refresh()
    before = listed(into, CA_LIST, seal[1])
    clock.now -= timedelta(minutes=10)
    compromise(folder, "facts", START - DAY)

    issuer.refresh()

    assert listed(into, CA_LIST, seal[1]).number > before.number


@pytest.mark.parametrize("restarted", [True, False])
def test_a_lost_folder_is_made_again_with_numbers_that_rise(
    issuer: RevocationIssuer,
    folder: Path,
    into: Path,
    clock: Clock,
    seal: Chain,
    *,
    restarted: bool,
) -> None:
    issuer.refresh()
    before = listed(into, CA_LIST, seal[1])
    shutil.rmtree(into)
    clock.now += HOUR

    again = revoking.open_issuer(folder, into, clock=clock) if restarted else issuer
    again.refresh()

    assert again.data_for(seal).fresh_until == START + HOUR + RESPONSE_LIFE
    assert listed(into, CA_LIST, seal[1]).number > before.number


def test_a_second_process_takes_what_the_first_published(
    issuer: RevocationIssuer, folder: Path, into: Path, clock: Clock, seal: Chain
) -> None:
    data, before = issuer.data_for(seal), contents(into)

    other = revoking.open_issuer(folder, into, clock=clock)

    assert other.data_for(seal) == data
    assert contents(into) == before


@pytest.mark.parametrize("damage", [b"", b"garbage", b"{}", b'{"at":1,"revoked":{}}', b"[]"])
def test_a_damaged_mark_or_list_is_replaced(
    issuer: RevocationIssuer, folder: Path, into: Path, clock: Clock, seal: Chain, damage: bytes
) -> None:
    issuer.refresh()
    for name in (MARK, CA_LIST):
        (into / name).write_bytes(damage)

    again = revoking.open_issuer(folder, into, clock=clock)

    assert said(again, seal).certificate_status is judge.OCSPCertStatus.GOOD
    assert listed(into, CA_LIST, seal[1]).revoked == {}


def test_eight_threads_publish_once(
    issuer: RevocationIssuer, folder: Path, into: Path, seal: Chain
) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(issuer.data_for, [seal] * 40))
    assert len(found) == 1

    number = listed(into, CA_LIST, seal[1]).number
    compromise(folder, "facts", START)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: issuer.refresh(), range(40)))
    assert listed(into, CA_LIST, seal[1]).number == number + 1


def test_a_stranger_can_read_what_is_published_and_nothing_private_is_there(
    issuer: RevocationIssuer, into: Path
) -> None:
    issuer.refresh()

    assert {path.stat().st_mode & 0o777 for path in into.iterdir()} == {0o644}
    assert {path.suffix for path in into.iterdir()} == {".crl", ".cer", ".ocsp", ".json"}


def test_a_certificate_of_somebody_else_has_no_data(
    issuer: RevocationIssuer, seal: Chain, tmp_path: Path
) -> None:
    hierarchy.make(tmp_path / "others", now=NOW)
    foreign = hierarchy.open_signer(tmp_path / "others", "seal").chain

    with pytest.raises(RevocationUnavailable, match="Nothing was published"):
        issuer.data_for(foreign)
    with pytest.raises(RevocationUnavailable, match="chain"):
        issuer.data_for(seal[:2])


def test_a_folder_that_cannot_be_written_is_said_so(
    folder: Path, tmp_path: Path, clock: Clock, seal: Chain
) -> None:
    (tmp_path / "file").write_text("in the way")
    issuer = revoking.open_issuer(folder, tmp_path / "file" / "pki", clock=clock)

    with pytest.raises(RevocationUnavailable, match="cannot be written"):
        issuer.data_for(seal)
    assert issuer.respond(question(seal)) != ocsp.MALFORMED


def test_production_refuses_keys_in_files(folder: Path, into: Path, clock: Clock) -> None:
    with pytest.raises(KeyRefused):
        revoking.open_issuer(folder, into, clock=clock, production=True)


def test_a_lost_responder_is_replaced_without_a_restart(
    issuer: RevocationIssuer, folder: Path, seal: Chain, clock: Clock
) -> None:
    """What the thief could sign is worth nothing once nobody hands it out; ours is new at once."""
    issuer.refresh()
    lost = hierarchy.open_signer(folder, "ocsp").chain[0]
    compromise(folder, "ocsp", START)
    kid = hierarchy.announce(folder, "ocsp", now=NOW)
    publishing.change_state(folder, kid, KeyState.ACTIVE, at=NOW)
    clock.now += HOUR

    issuer.refresh()

    signed_by = said(issuer, seal).certificates[0].public_bytes(Encoding.DER)
    assert signed_by == hierarchy.open_signer(folder, "ocsp").chain[0]
    assert signed_by != lost
