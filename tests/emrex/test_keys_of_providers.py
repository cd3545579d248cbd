"""Whose key a document is judged by: that of the registry, long enough, and valid at its date."""

from __future__ import annotations

import base64
import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat
from cryptography.x509.oid import NameOID

from emrex.accepting import SignatureVerdict, accept
from emrex.validating.texts import REASONS
from tests.emrex.conftest import NOW, Desk
from tests.emrex.test_validating import INVALID, document
from tests.verifier import elmo as others

TEMPLATE = others.document(signature=others.empty_signature())


def test_another_key_inside_is_refused(desk: Desk) -> None:
    """emrex.md 4.65, 3.5.5: KeyInfo, which no reference covers, is compared with the key."""
    ours = document(desk)
    theirs = base64.b64encode(desk.stranger.chain[0])
    value = b"<KeyValue><RSAKeyValue><Modulus>AQAB</Modulus><Exponent>AQAB</Exponent>"
    value += b"</RSAKeyValue></KeyValue>"
    swaps = (
        re.sub(rb"(X509Certificate>)[^<]+", rb"\1" + theirs, ours, count=1),
        re.sub(rb"(X509Certificate>)[^<]+", rb"\1AQAB", ours, count=1),
        ours.replace(b"</KeyInfo>", value + b"</KeyInfo>"),
        re.sub(rb"<X509Data>.*</X509Data>", value, ours),
    )

    for swapped in swaps:
        assert swapped != ours
        for trusted, reason in (
            (desk.signer, "other-key"),
            (desk.stranger, "signer-not-in-registry"),
        ):
            found = accept(swapped, trusted.chain[:1], NOW)
            assert (found.verdict, found.reason, found.root) == (INVALID, reason, None)


def test_a_document_without_a_key_inside_is_judged_by_the_registry_alone(desk: Desk) -> None:
    """emrex.md 3.5.5: there is nothing to compare, and nothing that was needed."""
    bare = re.sub(rb"<KeyInfo>.*</KeyInfo>", b"", document(desk))

    assert accept(bare, desk.signer.chain[:1], NOW).verdict is SignatureVerdict.VALID


def test_a_renewed_certificate_of_the_same_key_is_no_swap(tmp_path: Path) -> None:
    """emrex.md 2.1: the registry may have the next certificate of a key that signed before."""
    key = rsa.generate_private_key(65537, 2048)
    before, after = (certificate_of(key, NOW - timedelta(days=days)) for days in (30, 20))

    found = accept(signed_with(key, before, tmp_path), [after], NOW)

    assert found.verdict is SignatureVerdict.VALID


@pytest.mark.parametrize("in_registry", [True, False], ids=["in the registry", "inside only"])
@pytest.mark.parametrize(("bits", "reason"), [(1024, "weak-key"), (2048, "signer-not-in-registry")])
def test_a_key_that_is_too_short_is_told_as_that(
    bits: int, reason: str, *, in_registry: bool, tmp_path: Path
) -> None:
    """emrex.md 3.5: RSA below 2048 is invalid; the signature by it is right."""
    key = rsa.generate_private_key(65537, bits)
    certificate = certificate_of(key, NOW - timedelta(days=1))

    found = accept(
        signed_with(key, certificate, tmp_path), [certificate] if in_registry else [], NOW
    )

    if in_registry and bits == 2048:
        assert found.verdict is SignatureVerdict.VALID
    else:
        assert (found.verdict, found.reason, found.root) == (INVALID, reason, None)
    assert reason in REASONS


def certificate_of(key: rsa.RSAPrivateKey, since: datetime) -> bytes:
    """Of a provider, by itself, in DER."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "EMREX of somewhere")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name)
    made = made.public_key(key.public_key()).serial_number(x509.random_serial_number())
    made = made.not_valid_before(since).not_valid_after(since + timedelta(days=365))
    return made.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)


def signed_with(
    key: rsa.RSAPrivateKey, certificate: bytes, folder: Path, template: bytes = TEMPLATE
) -> bytes:
    """A document that another program signed with this key, its certificate inside."""
    file = folder / "provider.key"
    file.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    pem = x509.load_der_x509_certificate(certificate).public_bytes(Encoding.PEM)
    file.with_suffix(".pem").write_bytes(pem)
    return others.xmlsec_sign(template, file, folder)


@pytest.mark.parametrize("written", ["", "<generatedDate>lately</generatedDate>"])
@pytest.mark.parametrize(
    ("read", "verdict", "reason"),
    [
        (NOW, SignatureVerdict.VALID, ""),
        (NOW + timedelta(days=400), INVALID, "undated"),
        (NOW - timedelta(days=2), INVALID, "not-yet-valid"),
    ],
)
def test_without_a_date_the_certificate_has_to_be_valid_now(
    written: str, read: datetime, verdict: SignatureVerdict, reason: str, tmp_path: Path
) -> None:
    """emrex.md 3.5.5: nobody knows whether an expired certificate was valid when it signed."""
    key = rsa.generate_private_key(65537, 2048)
    certificate = certificate_of(key, NOW - timedelta(days=1))
    body = re.sub("<generatedDate>.*</generatedDate>", written, others.BODY)
    undated = others.document(body, others.empty_signature())

    found = accept(signed_with(key, certificate, tmp_path, undated), [certificate], read)

    assert (found.verdict, found.reason) == (verdict, reason)
    assert reason in {"", *REASONS}
