"""What a signature container is worth (RFC 5652, ETSI EN 319 122-1).

Most of a CMS container is not covered by the signature inside it: certificates,
algorithm names, lengths. So whatever is not signed must be exactly what we would
have written: canonical DER, pinned algorithms, certificates from the trust list
and no others. Then no bit of it can change unnoticed.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from keys.trust import KeyEntry
from verifier.pdf import der
from verifier.pdf.container import (
    CONTENT_TYPE,
    DATA,
    MESSAGE_DIGEST,
    SIGNING_CERTIFICATE_V2,
    TST_INFO,
    Container,
    algorithm_of,
    read,
)
from verifier.pdf.syntax import Refused

if TYPE_CHECKING:
    from keys.trust import Stamper, TrustList

__all__ = ["Container", "read"]

SEAL_PURPOSE = "seal"
DIGESTS = {
    bytes.fromhex("608648016503040201"): "sha256",
    bytes.fromhex("608648016503040202"): "sha384",
    bytes.fromhex("608648016503040203"): "sha512",
}
"""Hash algorithms by the contents of their OIDs (RFC 5754, 2)."""
_ECDSA = {
    "sha256": bytes.fromhex("2a8648ce3d040302"),
    "sha384": bytes.fromhex("2a8648ce3d040303"),
    "sha512": bytes.fromhex("2a8648ce3d040304"),
}
_RSA_WITH = {
    "sha256": bytes.fromhex("2a864886f70d01010b"),
    "sha384": bytes.fromhex("2a864886f70d01010c"),
    "sha512": bytes.fromhex("2a864886f70d01010d"),
}
_RSA = bytes.fromhex("2a864886f70d010101")
"""RFC 3370, 3.2: how many time-stamp authorities name it; a seal of ours never does."""
_VERSIONS = {DATA: b"\x01", TST_INFO: b"\x03"}
"""RFC 5652, 5.1: version 1 over detached data, 3 over a time-stamp's content."""


@dataclass(frozen=True, slots=True)
class Algorithm:
    """What is pinned inside a CMS container, by our JOSE names or by a foreign certificate."""

    digest: str
    signature: frozenset[bytes]
    scheme: hashes.HashAlgorithm
    parameters: bytes
    """Of the signature; RFC 5754, 3.2 and 3.3; RFC 3370, 3.2: each has one form."""

    def digest_of(self, content: bytes) -> bytes:
        """The digest of some content by the hash that is pinned."""
        return hashlib.new(self.digest, content).digest()


_ABSENT, _NULL = b"", b"\x05\x00"
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
"""What an outside authority may sign with: our issuer takes the same (timestamps.md)."""


def _ecdsa(digest: str) -> Algorithm:
    return Algorithm(digest, frozenset({_ECDSA[digest]}), _HASHES[digest], _ABSENT)


def _rsa(digest: str, *others: bytes) -> Algorithm:
    return Algorithm(digest, frozenset({_RSA_WITH[digest], *others}), _HASHES[digest], _NULL)


_ALGORITHMS = {"ES256": _ecdsa("sha256"), "ES384": _ecdsa("sha384"), "RS256": _rsa("sha256")}
_BY_SIGNATURE = {oid: one for one in _ALGORITHMS.values() for oid in one.signature}
_HASH_PARAMETERS = frozenset({_ABSENT, _NULL})
"""RFC 5754, 2: absent, but authorities write NULL too (openssl does): two forms, no third."""
_NOT_BY_THIS_KEY = (
    InvalidSignature,
    TypeError,  # a key of another kind
    ValueError,  # not a certificate, or not a signature
    UnsupportedAlgorithm,
    x509.InvalidVersion,
)


def pinned_by(container: Container, entry: Stamper) -> Algorithm:
    """The one algorithm by which this signer may have signed this container.

    The trust list names it for a key of ours. Of an outside authority the certificate gives
    the kind of key, and the container names the hash: the signature holds by no other.

    Raises:
        Refused: a hash that is not used here.
    """
    if isinstance(entry, KeyEntry):
        if entry.algorithm == "RS256" and entry.purpose != SEAL_PURPOSE:
            return _rsa("sha256", _RSA)
        return _ALGORITHMS[entry.algorithm]
    digest = digest_algorithm(container)
    if isinstance(_public_key(entry.certificates[0]), rsa.RSAPublicKey):
        return _rsa(digest, _RSA)
    return _ecdsa(digest)


def is_signed_by_its_certificate(container: Container, algorithm: Algorithm | None = None) -> bool:
    """Whether the signature over the signed attributes verifies, by the pinned algorithm.

    Without a pinned algorithm the container's own claim is tried; one that we do not
    know counts as verified, because then it is certainly not one of ours.
    """
    tried = algorithm or _BY_SIGNATURE.get(container.signer.signature_algorithm.oid)
    if tried is None:
        return True
    return _is_signed_by(container, container.certificate, tried)


def is_signed_by_one_of(container: Container, trust: TrustList) -> bool:
    """Whether a seal key of the list made the signature, whatever certificate comes with it."""
    keys = trust.entries(SEAL_PURPOSE)
    return any(
        _is_signed_by(container, key.certificates[0], _ALGORITHMS[key.algorithm]) for key in keys
    )


def _is_signed_by(container: Container, certificate: bytes, algorithm: Algorithm) -> bool:
    signed = container.signer.signed
    if signed is None:
        return False
    try:
        public = _public_key(certificate)
        _verify(public, container.signature, signed.encoded, algorithm.scheme)
    except _NOT_BY_THIS_KEY:
        return False
    return True


@lru_cache(maxsize=64)
def _public_key(certificate: bytes) -> Any:  # noqa: ANN401 - any key type
    return x509.load_der_x509_certificate(certificate).public_key()


def require_canonical(container: Container, entry: Stamper) -> None:
    """Hold everything that the signature does not cover to the one form that we write.

    Raises:
        Refused: some byte could have been otherwise.
    """
    der.require_canonical(container.encoded)
    _require_pinned_algorithms(container, pinned_by(container, entry))
    _require_shape(container)
    _require_known_certificates(container, entry)
    _require_bound_certificate(container)


def _require_pinned_algorithms(container: Container, pinned: Algorithm) -> None:
    digest, scheme = container.signer.digest_algorithm, container.signer.signature_algorithm
    if DIGESTS.get(digest.oid) != pinned.digest or digest.parameters not in _HASH_PARAMETERS:
        raise Refused("algorithm_not_pinned")
    if scheme.oid not in pinned.signature or scheme.parameters != pinned.parameters:
        raise Refused("algorithm_not_pinned")
    if container.digest_algorithms != (digest.encoded,):
        raise Refused("algorithm_not_pinned")


def _require_shape(container: Container) -> None:
    """RFC 5652, 5.1 and 5.3."""
    kind = container.content_type
    if container.version != _VERSIONS.get(kind) or container.signer.version != b"\x01":
        raise Refused("container_shape")
    if container.has_lists or (kind == DATA and container.content is not None):
        raise Refused("container_shape")
    stated = container.attribute(CONTENT_TYPE)
    if stated.tag != der.OID or stated.body != kind:
        raise Refused("container_shape")


def _require_known_certificates(container: Container, entry: Stamper) -> None:
    ours, carried = set(entry.certificates), container.certificates
    if not ours.issuperset(carried) or len(set(carried)) != len(carried):
        raise Refused("unknown_certificate")


def _require_bound_certificate(container: Container) -> None:
    """RFC 5035: the signed attributes name the certificate that they were made under."""
    stated = container.attribute(SIGNING_CERTIFICATE_V2).items().take(der.SEQUENCE)
    bound = stated.items().take(der.SEQUENCE).items()
    named = bound.take_if(der.SEQUENCE)
    name = "sha256" if named is None else DIGESTS.get(algorithm_of(named).oid)
    if name is None:
        raise Refused("certificate_not_bound")
    digest = hashlib.new(name, container.certificate).digest()
    if not hmac.compare_digest(digest, bound.take(der.OCTETS).body):
        raise Refused("certificate_not_bound")


def message_digest(container: Container) -> bytes:
    """The digest that the signer signed.

    Raises:
        Refused: there is none, or more than one.
    """
    stated = container.attribute(MESSAGE_DIGEST)
    if stated.tag != der.OCTETS:
        raise Refused("container_shape")
    return stated.body


def digest_algorithm(container: Container) -> str:
    """The hash that the signer used.

    Raises:
        Refused: one that none of our keys goes with.
    """
    name = DIGESTS.get(container.signer.digest_algorithm.oid)
    if name is None:
        raise Refused("algorithm_not_pinned")
    return name


def entry_for(container: Container, trust: TrustList) -> KeyEntry | None:
    """The trust list's entry for exactly the signer's certificate; names play no part."""
    return trust.by_certificate(container.certificate)


def _verify(public: Any, value: bytes, message: bytes, scheme: hashes.HashAlgorithm) -> None:  # noqa: ANN401 - any key type
    if isinstance(public, ec.EllipticCurvePublicKey):
        public.verify(value, message, ec.ECDSA(scheme))
    elif isinstance(public, rsa.RSAPublicKey):
        public.verify(value, message, padding.PKCS1v15(), scheme)
    else:
        raise InvalidSignature
