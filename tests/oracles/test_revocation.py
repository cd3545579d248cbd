"""OpenSSL judges our revocation lists and our OCSP responder, as a client and offline."""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import RevokedError

from keys import hierarchy, pki_answers, publishing, revoking
from keys.crl import serial_of
from keys.files import load_chain
from keys.revoking import RevocationIssuer
from keys.trust import KeyState
from tests import judges
from tests.keys.loopback import http, serving

pytestmark = pytest.mark.judge
PURPOSES = ["seal", "seal-rsa", "seal-p384", "facts", "trust", "tsa"]


@dataclass(frozen=True, slots=True)
class World:
    """A hierarchy, its responder behind HTTP, and one key that was lost."""

    folder: Path
    into: Path
    issuer: RevocationIssuer
    url: str
    lost: str

    def certificate(self, purpose: str) -> Path:
        return self.folder / f"{hierarchy.open_signer(self.folder, purpose).key.kid}.pem"

    def pem(self, name: str) -> Path:
        """A published list in the form that the command line of OpenSSL 3.0 wants."""
        found = x509.load_der_x509_crl(self.issuer.file(name))
        path = self.folder / f"{name}.pem"
        path.write_bytes(found.public_bytes(Encoding.PEM))
        return path


@pytest.fixture(scope="module", name="world")
def _world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("revocation") / "keys"
    into, now = folder.with_name("pki"), datetime.now(UTC)
    hierarchy.make(folder, now=now - timedelta(days=40))
    lost = hierarchy.announce(folder, "seal", now=now - timedelta(days=35))
    publishing.change_state(folder, lost, KeyState.COMPROMISED, at=now - timedelta(days=2))
    issuer = revoking.open_issuer(folder, into, clock=lambda: datetime.now(UTC))

    def behave(connection: object, body: bytes) -> None:
        served = pki_answers.ocsp_answer(issuer, body)
        answer = http(served.body, "200 OK", f"Content-Type: {served.media_type}")
        connection.sendall(answer)  # type: ignore[attr-defined]

    issuer.refresh()
    with serving(behave) as url:
        yield World(folder, into, issuer, url, lost)


def openssl(*words: str | Path, code: int = 0) -> str:
    command = [judges.require("openssl"), *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr + done.stdout
    return done.stdout + done.stderr


def ask(world: World, certificate: Path, *options: str) -> str:
    """A real client over HTTP that checks signature, delegation and nonce."""
    issuer = world.folder / "ca.pem"
    trusted = ("-CAfile", world.folder / "root.pem", "-verify_other", issuer)
    named = ["-issuer", str(issuer), *options[:1], "-cert", str(certificate), *options[1:]]
    return openssl("ocsp", "-url", world.url, *named, *trusted)


@pytest.mark.parametrize("name", ["ca", "root"])
def test_openssl_verifies_our_lists(world: World, name: str) -> None:
    issuer = ("-CAfile", world.folder / f"{name}.pem", "-noout")

    text = openssl("crl", "-in", world.into / f"{name}.crl", "-inform", "DER", "-text", *issuer)

    assert "verify OK" in text
    assert "X509v3 CRL Number" in text
    assert "X509v3 Authority Key Identifier" in text


def test_openssl_refuses_a_changed_list(world: World, tmp_path: Path) -> None:
    data = bytearray((world.into / "ca.crl").read_bytes())
    data[-1] ^= 1
    (tmp_path / "ca.crl").write_bytes(data)
    issuer = ("-CAfile", world.folder / "ca.pem", "-noout")

    text = openssl("crl", "-in", tmp_path / "ca.crl", "-inform", "DER", *issuer)

    assert "verify failure" in text


@pytest.mark.parametrize("purpose", PURPOSES)
def test_openssl_checks_every_end_certificate_against_both_lists(
    world: World, purpose: str
) -> None:
    assert "OK" in verify(world, world.certificate(purpose))


def verify(world: World, certificate: Path, code: int = 0) -> str:
    lists = ("-CRLfile", world.pem("ca.crl"), "-CRLfile", world.pem("root.crl"))
    trusted = ("-CAfile", world.folder / "root.pem", "-untrusted", world.folder / "ca.pem")
    words = ("-x509_strict", "-crl_check_all", *lists, *trusted)
    return openssl("verify", *words, certificate, code=code)


def test_openssl_finds_the_lost_key_in_the_list(world: World) -> None:
    assert "certificate revoked" in verify(world, world.folder / f"{world.lost}.pem", code=2)


@pytest.mark.parametrize("purpose", PURPOSES)
@pytest.mark.parametrize("options", [(), ("-no_nonce",), ("-sha256",)], ids=str)
def test_openssl_asks_and_believes_the_answer(
    world: World, purpose: str, options: tuple[str, ...]
) -> None:
    certificate = world.certificate(purpose)

    text = ask(world, certificate, *options)

    assert "Response verify OK" in text
    assert f"{certificate}: good" in text
    assert "WARNING: no nonce in response" not in text


def test_openssl_is_told_of_the_lost_key(world: World) -> None:
    text = ask(world, world.folder / f"{world.lost}.pem")

    assert "Response verify OK" in text
    assert ": revoked" in text
    assert "Reason: keyCompromise" in text


def test_openssl_asks_about_several_at_once(world: World) -> None:
    lost = world.folder / f"{world.lost}.pem"
    text = ask(world, world.certificate("seal"), "-sha1", "-cert", str(lost), "-serial", "0x7777")

    assert ": good" in text
    assert ": revoked" in text
    assert "0x7777: unknown" in text


@pytest.mark.parametrize("kind", ["sha1", "sha256"])
def test_openssl_believes_a_stored_response_offline(world: World, kind: str) -> None:
    """What a document embeds."""
    certificate = world.certificate("seal")
    serial = serial_of(hierarchy.open_signer(world.folder, "seal").chain[0])
    stored = world.into / f"{serial:x}.{kind}.ocsp"
    named = ("-issuer", world.folder / "ca.pem", f"-{kind}", "-cert", certificate, "-no_nonce")
    trusted = ("-CAfile", world.folder / "root.pem", "-verify_other", world.folder / "ca.pem")

    text = openssl("ocsp", "-respin", stored, *named, *trusted)

    assert "Response verify OK" in text
    assert f"{certificate}: good" in text


def test_openssl_does_not_believe_a_response_of_another_key(world: World, tmp_path: Path) -> None:
    serial = serial_of(hierarchy.open_signer(world.folder, "seal").chain[0])
    data = bytearray((world.into / f"{serial:x}.sha1.ocsp").read_bytes())
    data[data.index(b"Echt TEST ocsp")] ^= 1
    (tmp_path / "changed.ocsp").write_bytes(data)
    trusted = ("-CAfile", world.folder / "root.pem", "-verify_other", world.folder / "ca.pem")

    text = openssl("ocsp", "-respin", tmp_path / "changed.ocsp", *trusted, code=1)

    assert "Response Verify Failure" in text


@pytest.mark.parametrize("purpose", [*PURPOSES, "ocsp"])
def test_certificates_say_where_to_ask(world: World, purpose: str) -> None:
    """RFC 5280 4.2.1.13, 4.2.2.1; RFC 6960 4.2.2.2.1 for the responder's own."""
    text = openssl("x509", "-in", world.certificate(purpose), "-noout", "-text")
    asked = purpose != "ocsp"

    assert ("http://echt.voorbeeld.nl/pki/ca.crl" in text) is asked
    assert ("OCSP - URI:http://echt.voorbeeld.nl/pki/ocsp" in text) is asked
    assert "CA Issuers - URI:http://echt.voorbeeld.nl/pki/ca.cer" in text
    assert ("OCSP No Check" in text) is not asked


def chain_of(world: World, kid: str) -> tuple[bytes, ...]:
    return load_chain(world.folder / f"{kid}.pem") + load_chain(world.folder / "ca.pem")


async def judged(world: World, chain: tuple[bytes, ...]) -> object:
    """PyHanko's path validator, offline, for which missing revocation data is a failure."""
    own, ca, root = (asn1.Certificate.load(der) for der in dict.fromkeys(chain))
    data = world.issuer.data_for(tuple(one.dump() for one in (own, ca, root)))
    context = ValidationContext(
        trust_roots=[root],
        other_certs=[ca],
        ocsps=list(data.ocsps),
        crls=list(data.crls),
        revocation_mode="require",
        allow_fetching=False,
        moment=datetime.now(UTC),
    )
    usage = CertificateValidator(own, validation_context=context)
    return await usage.async_validate_usage({"digital_signature"})


@pytest.mark.parametrize("purpose", PURPOSES)
def test_pyhanko_believes_what_a_document_embeds(world: World, purpose: str) -> None:
    chain = hierarchy.open_signer(world.folder, purpose).chain

    assert asyncio.run(judged(world, chain)) is not None


def test_pyhanko_finds_the_lost_key_in_what_a_document_embeds(world: World) -> None:
    with pytest.raises(RevokedError):
        asyncio.run(judged(world, chain_of(world, world.lost)))
