"""One contract for every custody and its signers: key files and a token (platform.md 3.14)."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keys.custody import Custody, PublicKey, SealSigner
from keys.errors import KeyUnavailable
from keys.files import FileCustody
from keys.pkcs11 import TokenCustody
from tests.keys.softhsm import chain_of

HASHES: dict[str, hashes.HashAlgorithm] = {
    "ES256": hashes.SHA256(),
    "ES384": hashes.SHA384(),
    "RS256": hashes.SHA256(),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A custody under test, and names that are still free in it."""

    custody: Custody
    folder: Path
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def new_kid(self) -> str:
        return f"contract-{self.folder.name}-{next(self.numbers)}"

    def certify(self, public: PublicKey) -> Path:
        """A file with the certificates of a key."""
        path = self.folder / f"chain-{next(self.numbers)}.pem"
        chain = [x509.load_der_x509_certificate(one) for one in chain_of(public)]
        path.write_bytes(b"".join(one.public_bytes(Encoding.PEM) for one in chain))
        return path

    def new_signer(self, algorithm: str) -> SealSigner:
        kid = self.new_kid()
        return self.custody.signer(kid, self.certify(self.custody.generate(kid, algorithm)))


def _files(_: pytest.FixtureRequest, folder: Path) -> Custody:
    return FileCustody(folder)


def _token(request: pytest.FixtureRequest, _: Path) -> Custody:
    return TokenCustody(request.getfixturevalue("hsm_token"))


@pytest.fixture(scope="module", name="place", params=[_files, _token], ids=["files", "token"])
def _place(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Place:
    open_custody: Callable[[pytest.FixtureRequest, Path], Custody] = request.param
    folder = tmp_path_factory.mktemp("custody")
    return Place(open_custody(request, folder), folder)


@pytest.fixture(scope="module", name="signer", params=list(HASHES))
def _signer(request: pytest.FixtureRequest, place: Place) -> SealSigner:
    return place.new_signer(request.param)


def digest_for(signer: SealSigner, content: bytes) -> bytes:
    return hashlib.new(HASHES[signer.key.algorithm].name, content).digest()


def judge(signer: SealSigner, signature: bytes, digest: bytes) -> None:
    """Verify with the certificate alone, as a stranger would; raises when it is wrong."""
    public = x509.load_der_x509_certificate(signer.chain[0]).public_key()
    prehashed = Prehashed(HASHES[signer.key.algorithm])
    if isinstance(public, rsa.RSAPublicKey):
        public.verify(signature, digest, padding.PKCS1v15(), prehashed)
    else:
        assert isinstance(public, ec.EllipticCurvePublicKey)
        public.verify(signature, digest, ec.ECDSA(prehashed))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=100))
def test_a_signature_over_any_digest_verifies_with_the_certificate(
    signer: SealSigner, content: bytes
) -> None:
    digest = digest_for(signer, content)

    judge(signer, signer.sign_digest(digest), digest)


@given(size=st.integers(min_value=0, max_value=70))
def test_a_digest_of_another_size_is_refused(signer: SealSigner, size: int) -> None:
    wanted = HASHES[signer.key.algorithm].digest_size
    digest = bytes(size + 1 if size == wanted else size)

    with pytest.raises(ValueError, match=f"{wanted} bytes"):
        signer.sign_digest(digest)


def test_a_key_is_named_with_its_algorithm(place: Place) -> None:
    named = {algorithm: place.new_signer(algorithm).key for algorithm in HASHES}

    assert {algorithm: key.algorithm for algorithm, key in named.items()} == {
        algorithm: algorithm for algorithm in HASHES
    }
    assert len({key.kid for key in named.values()}) == len(HASHES)


def test_the_chain_runs_from_the_own_certificate_to_the_root(signer: SealSigner) -> None:
    path = [x509.load_der_x509_certificate(der) for der in signer.chain]

    assert len(path) == 3
    for child, issuer in itertools.pairwise(path):
        child.verify_directly_issued_by(issuer)
    path[-1].verify_directly_issued_by(path[-1])


def test_eight_threads_get_eight_good_signatures_each(signer: SealSigner) -> None:
    """platform.md 4.1.19."""
    digests = [digest_for(signer, bytes([number])) for number in range(64)]

    with ThreadPoolExecutor(8) as pool:
        signatures = list(pool.map(signer.sign_digest, digests))

    for signature, digest in zip(signatures, digests, strict=True):
        judge(signer, signature, digest)


def test_no_name_of_a_signer_says_more_than_its_key(signer: SealSigner) -> None:
    kind = type(signer).__name__

    assert repr(signer) == f"{kind}({signer.key.kid!r}, {signer.key.algorithm!r})"


def test_a_name_is_given_to_one_key_only(place: Place) -> None:
    kid = place.new_kid()
    first = place.custody.generate(kid, "ES256")

    with pytest.raises(KeyUnavailable):
        place.custody.generate(kid, "ES256")

    signer = place.custody.signer(kid, place.certify(first))
    judge(signer, signer.sign_digest(bytes(32)), bytes(32))


def test_two_keys_are_never_the_same(place: Place) -> None:
    made = [place.custody.generate(place.new_kid(), "ES256") for _ in range(4)]

    points = {one.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo) for one in made}
    assert len(points) == 4


def test_a_key_of_an_unused_algorithm_is_not_made(place: Place) -> None:
    with pytest.raises(KeyUnavailable, match="No key of that algorithm"):
        place.custody.generate(place.new_kid(), "EdDSA")


def test_a_key_that_is_not_the_certificates_is_refused(place: Place) -> None:
    kid = place.new_kid()
    place.custody.generate(kid, "ES256")
    other = place.custody.generate(place.new_kid(), "ES256")

    with pytest.raises(KeyUnavailable, match="do not belong together"):
        place.custody.signer(kid, place.certify(other))


def test_a_key_that_was_never_made_cannot_be_opened(place: Place) -> None:
    stranger = ec.generate_private_key(ec.SECP256R1()).public_key()

    with pytest.raises(KeyUnavailable, match="never-made"):
        place.custody.signer("never-made", place.certify(stranger))
