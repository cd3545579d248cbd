"""One contract for every Timestamper: in the process, behind HTTP, an outsider's (pdf.md 3.5)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from asn1crypto import cms
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from keys import chains, hierarchy
from keys.authorities import RemoteAuthorities, RemoteAuthority
from keys.posting import TimestampPost
from keys.timestamps import TEST_POLICY, EmbeddedAuthority, Timestamper
from keys.token_check import Expected, check
from tests.keys.loopback import answering, serving
from tests.keys.openssl_authority import OpensslAuthority

DIGEST = hashlib.sha256(b"a signature value").digest()


def clock() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Subject:
    """One implementation, and what its tokens must name."""

    timestamper: Timestamper
    policy: str


def embedded(folder: Path) -> EmbeddedAuthority:
    hierarchy.make(folder, now=clock())
    return hierarchy.open_timestamper(folder, clock=clock)


def remote(url: str, certificates: tuple[bytes, ...], policy: str) -> Subject:
    authority = RemoteAuthority(url, certificates, policy)
    return Subject(RemoteAuthorities([authority], TimestampPost(), clock=clock), policy)


KINDS = [
    "embedded",
    "remote over embedded",
    pytest.param("remote over openssl", marks=pytest.mark.judge),
]


@pytest.fixture(scope="module", name="subject", params=KINDS)
def _subject(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Subject]:
    folder = tmp_path_factory.mktemp("authority")
    with ExitStack() as stack:
        match request.param:
            case "embedded":
                yield Subject(embedded(folder / "keys"), TEST_POLICY)
            case "remote over embedded":
                ours = embedded(folder / "keys")
                url = stack.enter_context(serving(answering(ours.respond)))
                yield remote(url, ours.certificates, TEST_POLICY)
            case _:
                outsider = OpensslAuthority(folder / "openssl")
                url = stack.enter_context(serving(answering(outsider.respond)))
                yield remote(url, outsider.certificates, outsider.policy)


def proven(subject: Subject, token: bytes, digest: bytes = DIGEST) -> datetime:
    nonce = info(token)["nonce"].native
    listed = subject.timestamper.certificates
    return check(token, Expected(digest, subject.policy, listed, clock(), nonce))


def info(token: bytes) -> cms.Sequence:
    return cms.ContentInfo.load(token, strict=True)["content"]["encap_content_info"][
        "content"
    ].parsed


def test_a_stamp_is_a_bare_token_that_proves_now(subject: Subject) -> None:
    moment = proven(subject, subject.timestamper.stamp(DIGEST))

    assert abs(moment - clock()) < timedelta(minutes=1)


def test_the_token_brings_its_certificate(subject: Subject) -> None:
    token = cms.ContentInfo.load(subject.timestamper.stamp(DIGEST))["content"]
    brought = [one.chosen.dump() for one in token["certificates"]]

    assert subject.timestamper.certificates[0] in brought


def test_the_first_certificate_is_the_authoritys_own(subject: Subject) -> None:
    own = x509.load_der_x509_certificate(subject.timestamper.certificates[0])

    assert chains.only_purpose(own) == ExtendedKeyUsageOID.TIME_STAMPING


def test_every_token_fits_in_the_room(subject: Subject) -> None:
    sizes = [len(subject.timestamper.stamp(bytes([number]) * 32)) for number in range(5)]

    assert max(sizes) <= subject.timestamper.room < max(sizes) + 4096


def test_every_token_has_its_own_serial(subject: Subject) -> None:
    serials = [info(subject.timestamper.stamp(DIGEST))["serial_number"].native for _ in range(5)]

    assert len(set(serials)) == 5


@pytest.mark.parametrize("size", [0, 20, 31, 33, 48])
def test_only_a_sha256_digest_is_stamped(subject: Subject, size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        subject.timestamper.stamp(bytes(size))


def test_four_threads_get_good_tokens_each_over_its_own_digest(subject: Subject) -> None:
    digests = [hashlib.sha256(bytes([number])).digest() for number in range(12)]

    with ThreadPoolExecutor(4) as pool:
        tokens = list(pool.map(subject.timestamper.stamp, digests))

    moments = [proven(subject, *pair) for pair in zip(tokens, digests, strict=True)]
    assert len(moments) == 12
