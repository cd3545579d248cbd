"""The promise under test: whatever is asked, an OCSP answer comes, and only about our own."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509 import ocsp as judge
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keys import ocsp
from keys.crl import serial_of
from keys.errors import KeyUnavailable
from keys.ocsp import CertificateId
from keys.revoking import RevocationIssuer
from tests.keys.conftest import Chain, Clock
from tests.keys.revocation_desk import (
    DAY,
    HOUR,
    START,
    answer,
    compromise,
    request_for,
)
from tests.keys.test_ocsp import question

SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.mark.parametrize("kind", ["sha1", "sha256"])
def test_a_question_without_nonce_gets_the_stored_response(
    issuer: RevocationIssuer, seal: Chain, into: Path, kind: str
) -> None:
    found = issuer.respond(question(seal, kind))

    assert found == (into / f"{serial_of(seal[0]):x}.{kind}.ocsp").read_bytes()


def test_a_nonce_comes_back(issuer: RevocationIssuer, seal: Chain) -> None:
    """RFC 9654 2.1 (once RFC 8954)."""
    found = answer(issuer.respond(question(seal, nonce=b"n" * 32)))

    assert found.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == b"n" * 32
    assert found.certificate_status is judge.OCSPCertStatus.GOOD


def test_an_unknown_serial_of_our_authority_is_unknown(
    issuer: RevocationIssuer, seal: Chain
) -> None:
    asked = CertificateId.of(12345, seal[1], "sha1")

    assert answer(issuer.respond(request_for(asked))).certificate_status is (
        judge.OCSPCertStatus.UNKNOWN
    )


def test_several_certificates_are_answered_at_once(
    issuer: RevocationIssuer, folder: Path, seal: Chain
) -> None:
    since = START - HOUR
    revoked = compromise(folder, "facts", since)
    asked = [
        CertificateId.of(serial, seal[1], kind)
        for serial, kind in ((serial_of(seal[0]), "sha1"), (revoked, "sha256"), (99, "sha1"))
    ]

    found = list(answer(issuer.respond(request_for(*asked))).responses)

    statuses = judge.OCSPCertStatus
    assert [one.certificate_status for one in found] == [
        statuses.GOOD, statuses.REVOKED, statuses.UNKNOWN,
    ]  # fmt: skip
    assert found[1].revocation_time_utc == since


@pytest.mark.parametrize("kind", ["sha1", "sha256", "sha512"])
def test_about_certificates_of_others_we_are_not_the_ones_to_ask(
    issuer: RevocationIssuer, seal: Chain, kind: str
) -> None:
    """RFC 5019 2.2.3."""
    ours = CertificateId.of(serial_of(seal[0]), seal[1], "sha1")
    theirs = CertificateId.of(1, seal[2], kind)

    assert issuer.respond(request_for(theirs)) == ocsp.UNAUTHORIZED
    assert issuer.respond(request_for(ours, theirs)) == ocsp.UNAUTHORIZED


@SHARED
@given(noise=st.binary(max_size=300))
def test_noise_is_malformed(issuer: RevocationIssuer, noise: bytes) -> None:
    assert issuer.respond(noise) == ocsp.MALFORMED


def test_more_certificates_than_anybody_asks_about_are_malformed(
    issuer: RevocationIssuer, seal: Chain
) -> None:
    """Each costs us more to answer than it costs the one who asks."""
    fair, many = (
        request_for(*[CertificateId.of(n, seal[1], "sha1") for n in range(1, count + 1)])
        for count in (ocsp.MAX_CERTIFICATES, ocsp.MAX_CERTIFICATES + 1)
    )

    assert answer(issuer.respond(fair)).response_status is judge.OCSPResponseStatus.SUCCESSFUL
    assert issuer.respond(many) == ocsp.MALFORMED


def test_a_huge_question_is_malformed(issuer: RevocationIssuer, seal: Chain) -> None:
    many = request_for(*[CertificateId.of(n, seal[1], "sha1") for n in range(1, 80)])

    assert len(many) > ocsp.MAX_REQUEST
    assert issuer.respond(many) == ocsp.MALFORMED


@SHARED
@given(position=st.integers(min_value=0), mask=st.integers(min_value=1, max_value=255))
def test_any_flipped_byte_of_a_question_gets_an_answer(
    issuer: RevocationIssuer, seal: Chain, position: int, mask: int
) -> None:
    asked = bytearray(question(seal, nonce=b"n" * 16))
    asked[position % len(asked)] ^= mask

    status = answer(issuer.respond(bytes(asked))).response_status

    assert status in set(judge.OCSPResponseStatus) - {judge.OCSPResponseStatus.INTERNAL_ERROR}


def test_a_lost_key_folder_asks_to_come_back_later(
    issuer: RevocationIssuer, folder: Path, seal: Chain, clock: Clock
) -> None:
    shutil.rmtree(folder)
    clock.now += DAY

    assert issuer.respond(question(seal)) == ocsp.TRY_LATER
    with pytest.raises(KeyUnavailable):
        issuer.data_for(seal)
