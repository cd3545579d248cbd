"""A time-stamp token (RFC 3161) as it stands in a sealed file: whole, genuine, about this.

Whether the authority may be believed was decided when the token came in (pdf.md 3.5).
Here the question is smaller: is what stands in the file still that token, to the last bit.
What its signature does not cover must be exactly what it has to be: the certificates are
compared with the authority's own, algorithms with the list below, lengths are the shortest.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from asn1crypto import algos, x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils

from credentials.pades import der_values, identifiers
from credentials.pades.der_values import Step, Value, follow, malformed
from keys import der

_VERSION_1, _VERSION_3 = der.integer(1), der.integer(3)
_NULL = b"\x05\x00"


def _algorithm(oid: bytes, *, null: bool) -> bytes:
    return der.tlv(der.SEQUENCE, oid, _NULL if null else b"")


_HASHES = {
    _algorithm(algos.DigestAlgorithmId(name).dump(), null=null): name
    for name in ("sha256", "sha384", "sha512")
    for null in (False, True)  # RFC 5754 2: absent, and NULL must be understood
}
_SCHEMES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_SIGNATURES = {
    _algorithm(algos.SignedDigestAlgorithmId(name).dump(), null=null): (kind, hash_name)
    for name, kind, hash_name, null in (
        *((f"{one}_ecdsa", "ec", one, False) for one in _SCHEMES),
        *((f"{one}_rsa", "rsa", one, True) for one in _SCHEMES),
        *(("rsassa_pkcs1v15", "rsa", "", null) for null in (False, True)),
    )
}
"""Kind of key, and the hash that the name of the algorithm names: it must be the digest's."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token that holds by its own word."""

    imprint: bytes
    """The MessageImprint, encoded: algorithm and digest."""
    certificate: bytes
    """Of the authority, in DER."""


def require_token(token: bytes, digest: bytes, authority: Sequence[bytes] | None = None) -> Token:
    """A genuine token over this SHA-256 digest, with no certificate but the authority's own.

    Where no authority is named, the token must hold by the certificate inside it.

    Raises:
        UnknownShape: it is not.
    """
    found = read(token, authority)
    _require_imprint(found.imprint, digest)
    return found


def require_imprint(token: bytes, digest: bytes) -> None:
    """Hold a token that its authority vouched for to the digest that it should be about.

    Raises:
        UnknownShape: it is about something else.
    """
    start, _, end = follow(token, _TO_IMPRINT, 0, len(token))[-1]
    _require_imprint(token[start:end], digest)


def read(token: bytes, authority: Sequence[bytes] | None = None) -> Token:
    """Read a token and check it against itself; raises as `require_token`."""
    outer = der_values.whole(token)
    kind, explicit = outer.members(der.OID, der.CONTEXT_0)
    signed = explicit.only(der.SEQUENCE).members()
    named = (outer.tag, kind.encoded) == (der.SEQUENCE, identifiers.SIGNED_DATA)
    if not named or [one.tag for one in signed] not in _SHAPES:
        raise malformed()
    version, used, content, *carried, signers = signed
    signer = signers.only(der.SEQUENCE).members(*_SIGNER)
    certificates = [one.encoded for part in carried for one in part.members()]
    own = _own(signer[1], [*certificates, *(authority or ())])
    if authority is not None and not set(authority).issuperset(certificates):
        raise malformed()
    one_hash = [one.encoded for one in used.members()] == [signer[2].encoded]
    if version.encoded != _VERSION_3 or signer[0].encoded != _VERSION_1 or not one_hash:
        raise malformed()
    info = _content(content)
    _require_signed(signer, info, own)
    return Token(_imprint(info), own)


_SHAPES = (
    [der.INTEGER, der.SET, der.SEQUENCE, der.CONTEXT_0, der.SET],
    [der.INTEGER, der.SET, der.SEQUENCE, der.SET],
)
"""SignedData with and without certificates (RFC 5652, 5.1)."""
_SIGNER = (der.INTEGER, der.SEQUENCE, der.SEQUENCE, der.CONTEXT_0, der.SEQUENCE, der.OCTETS)
"""SignerInfo without unsigned attributes (RFC 5652, 5.3)."""


def _own(identifier: Value, candidates: Sequence[bytes]) -> bytes:
    for candidate in candidates:
        if _identifier(candidate) == identifier.encoded:
            return candidate
    raise malformed()


@lru_cache(maxsize=64)
def _identifier(certificate: bytes) -> bytes:
    """IssuerAndSerialNumber of a certificate."""
    try:
        found = x509.Certificate.load(certificate, strict=True)
        return der.tlv(der.SEQUENCE, found.issuer.dump(), found["tbs_certificate"][1].dump())
    except (ValueError, TypeError, KeyError, AttributeError):
        raise malformed() from None


def _content(content: Value) -> bytes:
    """The TSTInfo inside EncapsulatedContentInfo."""
    kind, explicit = content.members(der.OID, der.CONTEXT_0)
    if kind.encoded != identifiers.TST_INFO:
        raise malformed()
    return explicit.only(der.OCTETS).inner


_TO_IMPRINT = (
    # ContentInfo, SignedData, EncapsulatedContentInfo (RFC 5652, 3, 5.1 and 5.2)
    Step(der.SEQUENCE, enter=True),
    Step(der.OID),
    Step(der.CONTEXT_0, enter=True),
    Step(der.SEQUENCE, enter=True),
    Step(der.INTEGER),
    Step(der.SET),
    Step(der.SEQUENCE, enter=True),
    Step(der.OID),
    Step(der.CONTEXT_0, enter=True),
    Step(der.OCTETS, enter=True),
    # TSTInfo: version, policy, imprint (RFC 3161, 2.4.2)
    Step(der.SEQUENCE, enter=True),
    Step(der.INTEGER),
    Step(der.OID),
    Step(der.SEQUENCE),
)


def _require_imprint(imprint: bytes, digest: bytes) -> None:
    algorithm, stated = der_values.whole(imprint).members(der.SEQUENCE, der.OCTETS)
    if _HASHES.get(algorithm.encoded) != "sha256" or stated.inner != digest:
        raise malformed()


def _imprint(info: bytes) -> bytes:
    """The third of what TSTInfo says, after version and policy (RFC 3161, 2.4.2)."""
    stated = der_values.whole(info).members()
    if [one.tag for one in stated[:3]] != [der.INTEGER, der.OID, der.SEQUENCE]:
        raise malformed()
    return stated[2].encoded


def _require_signed(signer: Sequence[Value], info: bytes, certificate: bytes) -> None:
    hash_name = _HASHES.get(signer[2].encoded, "none")
    kind, named = _SIGNATURES.get(signer[4].encoded, ("none", "none"))
    if hash_name not in _SCHEMES or named not in {hash_name, ""}:
        raise malformed()
    stated = _attributes(signer[3])
    digest = der.tlv(der.OCTETS, hashlib.new(hash_name, info).digest())
    about = (stated.get(identifiers.CONTENT_TYPE), stated.get(identifiers.MESSAGE_DIGEST))
    if about != (identifiers.TST_INFO, digest):
        raise malformed()
    covered = hashlib.new(hash_name, der.tlv(der.SET, signer[3].inner)).digest()
    _verify(certificate, kind, signer[5].inner, covered, utils.Prehashed(_SCHEMES[hash_name]))


def _attributes(attributes: Value) -> dict[bytes, bytes]:
    """The single value of each signed attribute, by its type."""
    pairs = [one.members(der.OID, der.SET) for one in attributes.members()]
    found = {kind.encoded: values.inner for kind, values in pairs}
    if len(found) != len(pairs):
        raise malformed()
    return found


def _verify(
    certificate: bytes, kind: str, signature: bytes, digest: bytes, scheme: utils.Prehashed
) -> None:
    public = _public_key(certificate)
    try:
        match public:
            case ec.EllipticCurvePublicKey() if kind == "ec":
                public.verify(signature, digest, ec.ECDSA(scheme))
            case rsa.RSAPublicKey() if kind == "rsa":
                public.verify(signature, digest, padding.PKCS1v15(), scheme)
            case _:
                raise malformed()
    except (InvalidSignature, ValueError):
        raise malformed() from None


@lru_cache(maxsize=64)
def _public_key(certificate: bytes) -> object:
    """The key of an authority, loaded once."""
    try:
        info = x509.Certificate.load(certificate, strict=True).public_key.dump()
        return serialization.load_der_public_key(info)
    except (ValueError, TypeError, KeyError, AttributeError, UnsupportedAlgorithm):
        raise malformed() from None
