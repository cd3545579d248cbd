"""The promise under test: any question gets an OCSP answer, and a good one only for our own."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from asn1crypto import ocsp as asn1
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp as judge
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keys import hierarchy, ocsp
from keys.crl import serial_of
from keys.custody import SealSigner
from keys.errors import RevocationUnavailable
from keys.ocsp import Answers, CertificateId, Malformed, Status
from keys.signed_objects import Authority
from tests.keys.conftest import NOW

START = NOW.replace(microsecond=0)
DAY = timedelta(days=1)
SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
GOOD, UNKNOWN, REVOKED = Status(), Status(known=False), Status(START - DAY)
HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha1": hashes.SHA1(),  # noqa: S303 - names a certificate, proves nothing
    "sha256": hashes.SHA256(),
}


@pytest.fixture(name="seal")
def _seal(made: Path) -> tuple[bytes, ...]:
    return hierarchy.open_signer(made, "seal").chain


@pytest.fixture(name="responder")
def _responder(made: Path) -> SealSigner:
    return hierarchy.open_signer(made, "ocsp")


def question(chain: tuple[bytes, ...], kind: str = "sha1", nonce: bytes | None = None) -> bytes:
    own, above = (x509.load_der_x509_certificate(der) for der in chain[:2])
    builder = judge.OCSPRequestBuilder().add_certificate(own, above, HASHES[kind])
    if nonce is not None:
        builder = builder.add_extension(x509.OCSPNonce(nonce), critical=False)
    return builder.build().public_bytes(Encoding.DER)


def answered(
    responder: SealSigner, chain: tuple[bytes, ...], status: Status, nonce: bytes | None = None
) -> bytes:
    named = CertificateId.of(serial_of(chain[0]), chain[1], "sha1")
    answers = Answers(((named, status),), START, START + DAY, nonce)
    return ocsp.write_response(Authority(responder), answers)


@pytest.mark.parametrize("kind", ["sha1", "sha256"])
def test_a_question_of_another_writer_is_understood(seal: tuple[bytes, ...], kind: str) -> None:
    asked = ocsp.read_request(question(seal, kind, b"n" * 16))

    assert asked.certificates == (CertificateId.of(serial_of(seal[0]), seal[1], kind),)
    assert asked.nonce == b"n" * 16
    assert asked.certificates[0].is_issued_by(seal[1])
    assert not asked.certificates[0].is_issued_by(seal[2])


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (GOOD, judge.OCSPCertStatus.GOOD),
        (REVOKED, judge.OCSPCertStatus.REVOKED),
        (UNKNOWN, judge.OCSPCertStatus.UNKNOWN),
    ],
)
def test_another_reader_understands_our_answer(
    responder: SealSigner, seal: tuple[bytes, ...], status: Status, said: judge.OCSPCertStatus
) -> None:
    """RFC 6960 4.2.1, 4.2.2.2: delegated responder, named by its key."""
    found = judge.load_der_ocsp_response(answered(responder, seal, status, b"nonce"))
    own = x509.load_der_x509_certificate(responder.chain[0])
    key = own.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)

    key.verify(found.signature, found.tbs_response_bytes, ec.ECDSA(hashes.SHA256()))
    assert found.certificate_status is said
    assert found.serial_number == serial_of(seal[0])
    assert found.certificates == [own]
    assert found.responder_key_hash == x509.SubjectKeyIdentifier.from_public_key(key).digest
    assert (found.this_update_utc, found.next_update_utc) == (START, START + DAY)
    assert found.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce == b"nonce"
    assert found.revocation_time_utc == status.revoked_since


def test_a_revoked_answer_gives_the_reason(responder: SealSigner, seal: tuple[bytes, ...]) -> None:
    found = judge.load_der_ocsp_response(answered(responder, seal, REVOKED))

    assert found.revocation_reason is x509.ReasonFlags.key_compromise


@pytest.mark.parametrize("status", [GOOD, REVOKED])
def test_our_own_answer_is_read_again(
    responder: SealSigner, seal: tuple[bytes, ...], status: Status
) -> None:
    found = ocsp.read_response(answered(responder, seal, status), seal[1])

    assert (found.serial, found.status) == (serial_of(seal[0]), status)
    assert found.next_update == START + DAY


@pytest.mark.parametrize("purpose", ["seal", "tsa", "facts"])
def test_an_answer_by_a_key_that_may_not_is_refused(
    made: Path, seal: tuple[bytes, ...], purpose: str
) -> None:
    data = answered(hierarchy.open_signer(made, purpose), seal, GOOD)

    with pytest.raises(RevocationUnavailable, match="not from the responder"):
        ocsp.read_response(data, seal[1])


@SHARED
@given(position=st.integers(min_value=0), mask=st.integers(min_value=1, max_value=255))
def test_a_flipped_byte_never_changes_an_answer(
    responder: SealSigner, seal: tuple[bytes, ...], position: int, mask: int
) -> None:
    data = bytearray(answered(responder, seal, REVOKED))
    data[position % len(data)] ^= mask

    try:
        found = ocsp.read_response(bytes(data), seal[1])
    except RevocationUnavailable:
        return
    assert (found.serial, found.status) == (serial_of(seal[0]), REVOKED)


@given(noise=st.binary(max_size=200))
def test_noise_is_neither_question_nor_answer(made: Path, noise: bytes) -> None:
    with pytest.raises(Malformed):
        ocsp.read_request(noise)
    with pytest.raises(RevocationUnavailable):
        ocsp.read_response(noise, hierarchy.root_of(made))


@pytest.mark.parametrize("size", [0, 129, 500])
def test_a_nonce_of_another_size_is_malformed(seal: tuple[bytes, ...], size: int) -> None:
    """RFC 9654 2.1."""
    with pytest.raises(Malformed):
        ocsp.read_request(question(seal, nonce=bytes(size)))


@pytest.mark.parametrize("size", [1, 32, 128])
def test_a_nonce_of_fair_size_is_taken(seal: tuple[bytes, ...], size: int) -> None:
    assert ocsp.read_request(question(seal, nonce=bytes(size))).nonce == bytes(size)


def changed(data: bytes, **fields: object) -> bytes:
    request = asn1.OCSPRequest.load(data)
    content = request["tbs_request"].native | fields
    return bytes(asn1.OCSPRequest({"tbs_request": content}).dump())


@pytest.mark.parametrize(
    "fields",
    [
        {"request_list": []},
        {"request_extensions": [{"extn_id": "1.2.3", "critical": True, "extn_value": b"x"}]},
        {"request_extensions": [{"extn_id": "nonce", "extn_value": b"\x04\x05short"}] * 2},
    ],
    ids=["about nothing", "critical and unknown", "two nonces"],
)
def test_a_question_that_cannot_be_answered_is_malformed(
    seal: tuple[bytes, ...], fields: dict[str, object]
) -> None:
    with pytest.raises(Malformed):
        ocsp.read_request(changed(question(seal), **fields))


def test_a_question_that_is_too_large_is_not_read(seal: tuple[bytes, ...]) -> None:
    one = asn1.OCSPRequest.load(question(seal))["tbs_request"]["request_list"].native
    many = changed(question(seal), request_list=one * 80)

    assert len(many) > ocsp.MAX_REQUEST
    with pytest.raises(Malformed):
        ocsp.read_request(many)


def test_the_responders_certificate_is_for_that_only_and_is_not_asked_about(
    responder: SealSigner,
) -> None:
    """pdf.md 3.6: EKU OCSPSigning, noCheck; RFC 6960 4.2.2.2.1."""
    extensions = x509.load_der_x509_certificate(responder.chain[0]).extensions
    usage = extensions.get_extension_for_class(x509.ExtendedKeyUsage)

    assert list(usage.value) == [ExtendedKeyUsageOID.OCSP_SIGNING]
    assert extensions.get_extension_for_class(x509.OCSPNoCheck) is not None
    with pytest.raises(x509.ExtensionNotFound):
        extensions.get_extension_for_class(x509.CRLDistributionPoints)
