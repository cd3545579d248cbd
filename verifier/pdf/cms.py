"""The signature container, read strictly (RFC 5652, ETSI EN 319 122-1).

Most of a CMS container is not covered by the signature inside it: certificates,
algorithm names, lengths. So whatever is not signed must be exactly what we would
have written: canonical DER, pinned algorithms, certificates from the trust list
and no others. Then no bit of it can change unnoticed.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from asn1crypto import cms, core
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa

from keys.trust import KeyEntry
from verifier.pdf import der
from verifier.pdf.syntax import Refused

if TYPE_CHECKING:
    from keys.trust import Stamper, TrustList

SEAL_PURPOSE = "seal"


@dataclass(frozen=True, slots=True)
class Algorithm:
    """What is pinned inside a CMS container, by our JOSE names or by a foreign certificate."""

    digest: str
    signature: frozenset[str]
    scheme: hashes.HashAlgorithm
    parameters: bytes
    """Of the signature; RFC 5754, 3.2 and 3.3; RFC 3370, 3.2: each has one form."""

    def digest_of(self, content: bytes) -> bytes:
        """The digest of some content by the hash that is pinned."""
        return hashlib.new(self.digest, content).digest()


_ABSENT, _NULL = b"", b"\x05\x00"


def _ecdsa(digest: str, scheme: hashes.HashAlgorithm) -> Algorithm:
    return Algorithm(digest, frozenset({f"{digest}_ecdsa"}), scheme, _ABSENT)


def _rsa(digest: str, scheme: hashes.HashAlgorithm) -> Algorithm:
    return Algorithm(digest, frozenset({f"{digest}_rsa", "rsassa_pkcs1v15"}), scheme, _NULL)


_ALGORITHMS = {
    "ES256": _ecdsa("sha256", hashes.SHA256()),
    "ES384": _ecdsa("sha384", hashes.SHA384()),
    "RS256": _rsa("sha256", hashes.SHA256()),
}
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
"""What an outside authority may sign with: our issuer takes the same (timestamps.md)."""
_BY_SIGNATURE = {"sha256_ecdsa": "ES256", "sha384_ecdsa": "ES384", "sha256_rsa": "RS256"}
_NOT_BY_THIS_KEY = (
    InvalidSignature,
    TypeError,  # a key of another kind
    ValueError,  # not a certificate, or not a signature
    UnsupportedAlgorithm,
    x509.InvalidVersion,
)
_HASH_PARAMETERS = frozenset({_ABSENT, _NULL})
"""RFC 5754, 2: absent, but authorities write NULL too (openssl does): two forms, no third."""


@dataclass(frozen=True, slots=True)
class Container:
    """One signed-data container with its one signer."""

    encoded: bytes
    signed: Any
    signer: Any
    certificate: bytes

    @property
    def signature(self) -> bytes:
        """The signature value: what a time-stamp stamps."""
        return bytes(self.signer["signature"].native)

    def attribute(self, name: str) -> Any:  # noqa: ANN401 - asn1crypto is untyped
        """The one value of a signed attribute.

        Raises:
            Refused: the attribute is absent or repeated.
        """
        return single(self.signer["signed_attrs"], name)


def read(contents: bytes) -> Container:
    """Read a container out of a Contents string: one DER value, then zeros only.

    Raises:
        Refused: it is not one container with one identified signer.
    """
    length = der.length_of(contents)
    encoded = contents[:length]
    if contents[length:].strip(b"\x00"):
        raise Refused("contents_padding")
    outer = cms.ContentInfo.load(encoded, strict=True)
    if outer["content_type"].native != "signed_data":
        raise Refused("container_shape")
    signed = outer["content"]
    if len(signed["signer_infos"]) != 1:
        raise Refused("container_shape")
    signer = signed["signer_infos"][0]
    return Container(encoded, signed, signer, _signer_certificate(signed, signer))


def pinned_by(container: Container, entry: Stamper) -> Algorithm:
    """The one algorithm by which this signer may have signed this container.

    The trust list names it for a key of ours. Of an outside authority the certificate gives
    the kind of key, and the container names the hash: the signature holds by no other.

    Raises:
        Refused: a hash that is not used here.
    """
    if isinstance(entry, KeyEntry):
        return _ALGORITHMS[entry.algorithm]
    digest = container.signer["digest_algorithm"]["algorithm"].native
    if digest not in _HASHES:
        raise Refused("algorithm_not_pinned")
    public = x509.load_der_x509_certificate(entry.certificates[0]).public_key()
    kind = _rsa if isinstance(public, rsa.RSAPublicKey) else _ecdsa
    return kind(digest, _HASHES[digest])


def is_signed_by_its_certificate(container: Container, algorithm: Algorithm | None = None) -> bool:
    """Whether the signature over the signed attributes verifies, by the pinned algorithm.

    Without a pinned algorithm the container's own claim is tried; one that we do not
    know counts as verified, because then it is certainly not one of ours.
    """
    claimed = container.signer["signature_algorithm"]["algorithm"].native
    tried = algorithm or _ALGORITHMS.get(_BY_SIGNATURE.get(claimed, ""))
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
    attributes = container.signer["signed_attrs"].untag().dump()
    try:
        public = x509.load_der_x509_certificate(certificate).public_key()
        _verify(public, container.signature, attributes, algorithm.scheme)
    except _NOT_BY_THIS_KEY:
        return False
    return True


def require_canonical(container: Container, entry: Stamper) -> None:
    """Hold everything that the signature does not cover to the one form that we write.

    Raises:
        Refused: some byte could have been otherwise.
    """
    pinned, signed, signer = pinned_by(container, entry), container.signed, container.signer
    der.require_canonical(container.encoded)
    if signer["digest_algorithm"]["algorithm"].native != pinned.digest:
        raise Refused("algorithm_not_pinned")
    if signer["signature_algorithm"]["algorithm"].native not in pinned.signature:
        raise Refused("algorithm_not_pinned")
    if signer["digest_algorithm"]["parameters"].dump() not in _HASH_PARAMETERS:
        raise Refused("algorithm_not_pinned")
    if signer["signature_algorithm"]["parameters"].dump() != pinned.parameters:
        raise Refused("algorithm_not_pinned")
    used = [one.dump() for one in signed["digest_algorithms"]]
    if used != [signer["digest_algorithm"].dump()]:
        raise Refused("algorithm_not_pinned")
    _require_shape(signed, signer)
    _require_known_certificates(signed, entry)
    _require_bound_certificate(container)


def _require_shape(signed: Any, signer: Any) -> None:  # noqa: ANN401 - asn1crypto is untyped
    """RFC 5652, 5.1 and 5.3: version 1 over detached data, 3 over a time-stamp's content."""
    _require_nothing_more(signed)
    _require_nothing_more(signer)
    inner = signed["encap_content_info"]["content_type"].native
    expected = {"data": "v1", "tst_info": "v3"}.get(inner)
    if signed["version"].native != expected or signer["version"].native != "v1":
        raise Refused("container_shape")
    if not isinstance(signed["crls"], core.Void):
        raise Refused("container_shape")
    if inner == "data" and not isinstance(signed["encap_content_info"]["content"], core.Void):
        raise Refused("container_shape")
    if single(signer["signed_attrs"], "content_type").native != inner:
        raise Refused("container_shape")


def _require_nothing_more(sequence: Any) -> None:  # noqa: ANN401 - asn1crypto is untyped
    """The library passes over what has a tag that it does not expect; here nothing is.

    A time-stamp under another tag would else be a seal without one.
    """
    if b"".join(sequence[name].dump() for name in sequence) != sequence.contents:
        raise Refused("container_shape")


def _require_known_certificates(signed: Any, entry: Stamper) -> None:  # noqa: ANN401 - untyped
    ours = set(entry.certificates)
    carried = [choice.chosen.dump() for choice in signed["certificates"]]
    if not ours.issuperset(carried) or len(set(carried)) != len(carried):
        raise Refused("unknown_certificate")


def _require_bound_certificate(container: Container) -> None:
    """RFC 5035: the signed attributes name the certificate that they were made under."""
    bound = container.attribute("signing_certificate_v2")["certs"][0]
    name = bound["hash_algorithm"]["algorithm"].native
    digest = hashlib.new(name, container.certificate).digest()
    if not hmac.compare_digest(digest, bytes(bound["cert_hash"].native)):
        raise Refused("certificate_not_bound")


def message_digest(container: Container) -> bytes:
    """The digest that the signer signed."""
    return bytes(container.attribute("message_digest").native)


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


def _signer_certificate(signed: Any, signer: Any) -> bytes:  # noqa: ANN401 - asn1crypto is untyped
    sid = signer["sid"]
    if sid.name != "issuer_and_serial_number":
        raise Refused("container_shape")
    for choice in signed["certificates"]:
        certificate = choice.chosen
        # Byte by byte: names compared as names would leave their letter case free.
        same_name = certificate.issuer.dump() == sid.chosen["issuer"].dump()
        if same_name and certificate.serial_number == sid.chosen["serial_number"].native:
            return bytes(certificate.dump())
    raise Refused("no_signer_certificate")


def single(attributes: Any, name: str) -> Any:  # noqa: ANN401 - asn1crypto is untyped
    """The one value of the one attribute of that name.

    Raises:
        Refused: the attribute is absent or repeated.
    """
    found = [one for one in attributes if one["type"].native == name]
    if len(found) != 1 or len(found[0]["values"]) != 1:
        raise Refused("container_shape")
    return found[0]["values"][0]
