"""One contract for every SealSigner: key files now, a hardware token later (platform.md 3.14)."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keys import hierarchy
from keys.custody import SealSigner

HASHES: dict[str, hashes.HashAlgorithm] = {
    "ES256": hashes.SHA256(),
    "ES384": hashes.SHA384(),
    "RS256": hashes.SHA256(),
}
PURPOSES = {"seal": "ES256", "seal-rsa": "RS256", "facts": "ES256", "trust": "ES256"}
OpenSigner = Callable[[str], SealSigner]


@pytest.fixture(scope="module", name="open_signer")
def _open_signer(tmp_path_factory: pytest.TempPathFactory) -> OpenSigner:
    folder = tmp_path_factory.mktemp("signers") / "keys"
    hierarchy.make(folder, now=datetime(2026, 11, 21, tzinfo=UTC))
    return lambda purpose: hierarchy.open_signer(folder, purpose)


@pytest.fixture(scope="module", name="signer", params=list(PURPOSES))
def _signer(request: pytest.FixtureRequest, open_signer: OpenSigner) -> SealSigner:
    return open_signer(request.param)


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
    digest = hashlib.new(HASHES[signer.key.algorithm].name, content).digest()

    judge(signer, signer.sign_digest(digest), digest)


@given(size=st.integers(min_value=0, max_value=70).filter(lambda size: size != 32))
def test_a_digest_of_another_size_is_refused(signer: SealSigner, size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        signer.sign_digest(bytes(size))


def test_a_key_is_named_with_its_algorithm(open_signer: OpenSigner) -> None:
    named = {purpose: open_signer(purpose).key for purpose in PURPOSES}

    assert {purpose: key.algorithm for purpose, key in named.items()} == PURPOSES
    assert len({key.kid for key in named.values()}) == len(PURPOSES)


def test_the_chain_runs_from_the_own_certificate_to_the_root(signer: SealSigner) -> None:
    path = [x509.load_der_x509_certificate(der) for der in signer.chain]

    assert len(path) == 3
    for child, issuer in itertools.pairwise(path):
        child.verify_directly_issued_by(issuer)
    path[-1].verify_directly_issued_by(path[-1])


def test_eight_threads_get_eight_good_signatures_each(signer: SealSigner) -> None:
    digests = [hashlib.sha256(bytes([number])).digest() for number in range(64)]

    with ThreadPoolExecutor(8) as pool:
        signatures = list(pool.map(signer.sign_digest, digests))

    for signature, digest in zip(signatures, digests, strict=True):
        judge(signer, signature, digest)
