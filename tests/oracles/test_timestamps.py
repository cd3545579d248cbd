"""OpenSSL judges our certificates and time-stamps; we judge OpenSSL's (pdf.md 3.5, 3.6)."""

from __future__ import annotations

import hashlib
import subprocess
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from asn1crypto import tsp

from keys import hierarchy, publishing
from keys.errors import TimestampUnavailable
from keys.timestamp_request import build, token_in
from keys.timestamps import TEST_POLICY
from keys.token_check import Expected, check
from tests import judges
from tests.keys.openssl_authority import P384, RSA, OpensslAuthority

pytestmark = pytest.mark.judge
PURPOSES = ["seal", "seal-rsa", "seal-p384", "facts", "trust", "tsa", "ocsp"]
CONTENT = b"what is to be stamped"


@pytest.fixture(scope="module", name="folder")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("oracle") / "keys"
    now = datetime.now(UTC)
    hierarchy.make(folder, now=now)
    publishing.publish(folder, hierarchy.open_signer(folder, "trust"), now=now)
    return folder


def openssl(*words: str | Path, code: int = 0) -> str:
    command = [judges.require("openssl"), *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stderr
    return done.stdout + done.stderr


def query(tmp_path: Path, *options: str) -> Path:
    (tmp_path / "content").write_bytes(CONTENT)
    path = tmp_path / "query.tsq"
    openssl("ts", "-query", "-data", tmp_path / "content", *options, "-out", path)
    return path


def respond(folder: Path, asked: Path) -> Path:
    authority = hierarchy.open_timestamper(folder, clock=lambda: datetime.now(UTC))
    path = asked.with_suffix(".tsr")
    path.write_bytes(authority.respond(asked.read_bytes()))
    return path


@pytest.mark.parametrize("purpose", PURPOSES)
def test_openssl_verifies_every_end_certificate(folder: Path, purpose: str) -> None:
    kid = hierarchy.open_signer(folder, purpose).key.kid
    files = ("-CAfile", folder / "root.pem", "-untrusted", folder / "ca.pem")

    assert "OK" in openssl("verify", "-x509_strict", *files, folder / f"{kid}.pem")


def test_openssl_verifies_the_published_bundle_against_the_root(folder: Path) -> None:
    files = ("-CAfile", folder / "root.pem", "-untrusted", folder / publishing.BUNDLE)

    assert "OK" in openssl("verify", "-x509_strict", *files, folder / publishing.BUNDLE)


def test_openssl_finds_the_time_stamping_purpose(folder: Path) -> None:
    kid = hierarchy.open_signer(folder, "tsa").key.kid
    files = ("-CAfile", folder / "root.pem", "-untrusted", folder / "ca.pem")

    openssl("verify", "-purpose", "timestampsign", *files, folder / f"{kid}.pem")
    other = hierarchy.open_signer(folder, "seal").key.kid
    openssl("verify", "-purpose", "timestampsign", *files, folder / f"{other}.pem", code=2)


@pytest.mark.parametrize("options", [("-sha256", "-cert"), ("-sha256", "-cert", "-no_nonce")])
def test_openssl_verifies_our_answer_to_its_query(
    folder: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    asked = query(tmp_path, *options)
    answer = respond(folder, asked)
    files = ("-CAfile", folder / "root.pem", "-untrusted", folder / "ca.pem")

    assert "OK" in openssl("ts", "-verify", "-queryfile", asked, "-in", answer, *files)
    assert TEST_POLICY in openssl("ts", "-reply", "-in", answer, "-text")


def test_openssl_verifies_an_answer_without_certificates_when_it_has_them(
    folder: Path, tmp_path: Path
) -> None:
    asked = query(tmp_path, "-sha256")
    answer = respond(folder, asked)
    kid = hierarchy.open_signer(folder, "tsa").key.kid
    files = ("-CAfile", folder / "root.pem", "-untrusted", folder / f"{kid}.pem")

    assert "OK" in openssl("ts", "-verify", "-queryfile", asked, "-in", answer, *files)


def test_openssl_verifies_a_bare_token_over_the_content(folder: Path, tmp_path: Path) -> None:
    authority = hierarchy.open_timestamper(folder, clock=lambda: datetime.now(UTC))
    (tmp_path / "content").write_bytes(CONTENT)
    (tmp_path / "token").write_bytes(authority.stamp(hashlib.sha256(CONTENT).digest()))
    token = ("-token_in", "-in", tmp_path / "token", "-CAfile", folder / "root.pem")

    assert "OK" in openssl("ts", "-verify", "-data", tmp_path / "content", *token)
    (tmp_path / "content").write_bytes(CONTENT + b"!")
    openssl("ts", "-verify", "-data", tmp_path / "content", *token, code=1)


def test_openssl_understands_our_rejection(folder: Path, tmp_path: Path) -> None:
    answer = respond(folder, query(tmp_path, "-sha512"))

    text = openssl("ts", "-reply", "-in", answer, "-text")

    assert "Status: Rejected." in text
    assert "unrecognized or unsupported algorithm" in text


CONFIGURATION = """
[tsa]
default_tsa = ours
[ours]
serial = {folder}/serial
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""


def test_our_check_accepts_a_token_that_openssl_made(folder: Path, tmp_path: Path) -> None:
    """pdf.md 3.5: `openssl ts` is the second, independent test authority."""
    signer = hierarchy.open_signer(folder, "tsa")
    (tmp_path / "serial").write_text("01")
    (tmp_path / "tsa.cnf").write_text(CONFIGURATION.format(folder=tmp_path))
    asked, answer = query(tmp_path, "-sha256", "-cert"), tmp_path / "answer.tsr"
    key = folder / f"{signer.key.kid}.key"
    pair = ("-signer", folder / f"{signer.key.kid}.pem", "-inkey", key)
    files = ("-config", tmp_path / "tsa.cnf", "-queryfile", asked, "-out", answer)
    openssl("ts", "-reply", *files, *pair)
    nonce = tsp.TimeStampReq.load(asked.read_bytes())["nonce"].native
    token = tsp.TimeStampResp.load(answer.read_bytes())["time_stamp_token"].dump()
    now = datetime.now(UTC)

    moment = check(
        token,
        Expected(hashlib.sha256(CONTENT).digest(), "1.2.3.4.1", {signer.chain[0]}, now, nonce),
    )

    assert abs((moment - now).total_seconds()) < 60


@pytest.mark.parametrize(
    ("digest", "key"),
    [("sha256", RSA), ("sha384", P384), ("sha512", P384), ("sha512", RSA)],
    ids=["RSA SHA-256", "P-384 SHA-384", "P-384 SHA-512", "RSA SHA-512"],
)
def test_authorities_with_other_keys_and_hashes_are_understood(
    tmp_path: Path, digest: str, key: tuple[str, ...]
) -> None:
    """The imprint is SHA-256, because we ask for that; what signs it is the authority's choice."""
    authority = OpensslAuthority(tmp_path, digest=digest, key=key)
    imprint = hashlib.sha256(CONTENT).digest()
    token = token_in(authority.respond(build(imprint, 77)))
    now = datetime.now(UTC)
    expected = Expected(imprint, authority.policy, authority.certificates, now, 77)

    assert abs((check(token, expected) - now).total_seconds()) < 60
    with pytest.raises(TimestampUnavailable):
        check(token, replace(expected, nonce=78))
