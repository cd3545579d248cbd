"""The promise under test: a process without keys says what the one with keys published."""

from __future__ import annotations

from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509 import ocsp as judge
from hypothesis import HealthCheck, settings

from keys import ocsp
from keys.crl import serial_of
from keys.errors import RevocationUnavailable
from keys.ocsp import CertificateId
from keys.revocation import CA_LIST, MARK, PublishedRevocation
from keys.revoking import RESPONSE_LIFE, RevocationIssuer
from tests.keys.conftest import NOW, Chain, Clock
from tests.keys.revocation_desk import (
    START,
    answer,
    compromise,
    request_for,
)
from tests.keys.test_ocsp import question

SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.fixture(name="reader")
def _reader(issuer: RevocationIssuer, into: Path, clock: Clock) -> PublishedRevocation:
    issuer.refresh()
    return PublishedRevocation(into, clock=clock)


def test_the_reader_says_what_the_issuer_says(
    issuer: RevocationIssuer, reader: PublishedRevocation, seal: Chain
) -> None:
    assert reader.data_for(seal) == issuer.data_for(seal)
    assert reader.respond(question(seal)) == issuer.respond(question(seal))
    assert reader.file(CA_LIST) == issuer.file(CA_LIST)
    assert reader.file("ca.cer") == seal[1]
    assert reader.file("root.cer") == seal[2]


def test_the_reader_follows_what_is_published(
    issuer: RevocationIssuer, reader: PublishedRevocation, folder: Path, seal: Chain
) -> None:
    reader.data_for(seal)
    compromise(folder, "seal", START)
    issuer.refresh()
    reader.look()

    answered = ocsp.read_response(reader.data_for(seal).ocsps[0], seal[1])

    assert answered.status.revoked_since == START


def test_the_reader_answers_a_nonce_with_a_response_that_has_none(
    reader: PublishedRevocation, seal: Chain
) -> None:
    found = answer(reader.respond(question(seal, nonce=b"n" * 16)))

    assert found.certificate_status is judge.OCSPCertStatus.GOOD
    with pytest.raises(x509.ExtensionNotFound):
        found.extensions.get_extension_for_class(x509.OCSPNonce)


def test_the_reader_refuses_what_it_cannot_answer(reader: PublishedRevocation, seal: Chain) -> None:
    ours = CertificateId.of(serial_of(seal[0]), seal[1], "sha1")

    assert reader.respond(request_for(ours, ours)) == ocsp.UNAUTHORIZED
    assert reader.respond(request_for(CertificateId.of(7, seal[1], "sha1"))) == ocsp.UNAUTHORIZED
    assert reader.respond(b"noise") == ocsp.MALFORMED


def test_data_that_ran_out_is_not_given(
    reader: PublishedRevocation, clock: Clock, seal: Chain
) -> None:
    clock.now += RESPONSE_LIFE

    with pytest.raises(RevocationUnavailable, match="run out"):
        reader.data_for(seal)


def test_an_empty_folder_is_said_so(tmp_path: Path, clock: Clock, seal: Chain) -> None:
    empty = PublishedRevocation(tmp_path / "nothing", clock=clock)

    with pytest.raises(RevocationUnavailable, match="cannot be read"):
        empty.data_for(seal)
    assert empty.respond(question(seal)) == ocsp.TRY_LATER


@pytest.mark.parametrize("name", ["states.json", "../states.json", MARK, "", "x.ocsp"])
def test_only_lists_and_certificates_are_files(reader: PublishedRevocation, name: str) -> None:
    with pytest.raises(RevocationUnavailable, match="No such"):
        reader.file(name)


def test_a_response_that_was_changed_in_the_folder_is_not_embedded(
    issuer: RevocationIssuer, into: Path, seal: Chain
) -> None:
    issuer.refresh()
    path = into / f"{serial_of(seal[0]):x}.sha1.ocsp"
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))

    with pytest.raises(RevocationUnavailable):
        PublishedRevocation(into, clock=lambda: NOW).data_for(seal)
