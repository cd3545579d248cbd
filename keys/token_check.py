"""Whether a time-stamp token is what we asked for; any miss refuses it (pdf.md 3.5).

An authority is believed because its certificate is, byte for byte, on our list. What
the token itself says about its certificate decides nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from asn1crypto import cms, core, tsp
from asn1crypto.parser import emit
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID

from keys import chains
from keys.errors import TimestampUnavailable, TrustListInvalid

SKEW = timedelta(minutes=1)
SIGNED_ATTRIBUTES = {"content_type", "message_digest", "signing_certificate_v2"}
BEFORE_CERTIFICATES = ("version", "digest_algorithms", "encap_content_info")
"""RFC 5652 5.1, in its order."""
SIGNER = (
    *("version", "sid", "digest_algorithm", "signed_attrs"),
    *("signature_algorithm", "signature", "unsigned_attrs"),
)
"""RFC 5652 5.3, in its order."""
_SEQUENCE, _SET, _FIRST = (0, 1, 16), (0, 1, 17), (2, 1, 0)
"""Class, method and tag of SEQUENCE, SET and a constructed [0] (X.690 8.1)."""
_ABSENT, _NULL = b"", b"\x05\x00"
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
"""What an authority may sign with; the imprint is always SHA-256, because we ask for that."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What was asked, and whom we believe."""

    digest: bytes
    """The SHA-256 digest that was to be stamped."""
    policy: str
    authorities: Collection[bytes]
    """Certificates in DER of the authorities on our list and of those above them."""
    now: datetime
    nonce: int | None = None
    skew: timedelta = SKEW


def check(token: bytes, expected: Expected) -> datetime:
    """Return the moment that a token proves.

    Raises:
        TimestampUnavailable: the first miss that was found, in `reason`.
    """
    try:
        signed = _signed_data(token)
        info = signed["encap_content_info"]["content"].parsed
        _check_info(info, expected)
        moment: datetime = info["gen_time"].native
        _check_signature(signed, expected.authorities, moment)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as cause:
        raise TimestampUnavailable("the token cannot be read") from cause
    return moment


def _signed_data(token: bytes) -> Any:  # noqa: ANN401 - asn1crypto has no types
    content = cms.ContentInfo.load(token, strict=True)
    _require(_encoded_anew(token) == token, "the token is not written in DER")
    _require(content["content_type"].native == "signed_data", "the token is not signed data")
    signed = content["content"]
    _require(signed["version"].native == "v3", "the token is not SignedData version 3")
    kind = signed["encap_content_info"]["content_type"].native
    _require(kind == "tst_info", "the token does not hold time-stamp information")
    _require(len(signed["signer_infos"]) == 1, "the token has not exactly one signature")
    _require_nothing_unsigned(signed, signed["signer_infos"][0])
    return signed


def _encoded_anew(token: bytes) -> bytes:
    """The same in DER, from a copy: the library takes longer lengths and passes over unknown tags.

    Certificates stay as they are, because each has to be one of our list to the byte, and so do
    signed attributes, because they are signed as they stand. The library takes fifty times as
    long to encode those anew as all the rest.
    """
    content = cms.ContentInfo.load(token)
    signed = content["content"]
    brought = b"".join(sorted(one.dump() for one in signed["certificates"]))
    before = [signed[name].dump(force=True) for name in BEFORE_CERTIFICATES]
    held = emit(*_FIRST, brought) if brought else b""
    signers = emit(*_SET, b"".join(map(_signer_anew, signed["signer_infos"])))
    parts = (*before, held, signed["crls"].dump(force=True), signers)
    whole = emit(*_FIRST, emit(*_SEQUENCE, b"".join(parts)))
    return bytes(emit(*_SEQUENCE, content["content_type"].dump(force=True) + whole))


def _signer_anew(signer: cms.SignerInfo) -> bytes:
    parts = (signer[name].dump(force=name != "signed_attrs") for name in SIGNER)
    return bytes(emit(*_SEQUENCE, b"".join(parts)))


def _require_nothing_unsigned(signed: Any, signer: Any) -> None:  # noqa: ANN401 - asn1crypto has no types
    """What the signature does not cover has one form, so that nobody can add to it later."""
    absent = all(isinstance(one, core.Void) for one in (signed["crls"], signer["unsigned_attrs"]))
    _require(absent, "the token carries what is not signed")
    _require(signer["version"].native == "v1", "the signature has an unknown version")
    used = [one.dump() for one in signed["digest_algorithms"]]
    _require(used == [signer["digest_algorithm"].dump()], "the token names another digest")
    hashing, signing = signer["digest_algorithm"], signer["signature_algorithm"]
    # RFC 5754 2: absent, but authorities write NULL too (openssl does): two forms, no third.
    known = hashing["parameters"].dump() in {_ABSENT, _NULL}
    # RFC 5754 3.2 and 3.3, RFC 3370 3.2: absent for ECDSA, NULL for RSA.
    own = _ABSENT if signing["algorithm"].native.endswith("_ecdsa") else _NULL
    known = known and signing["parameters"].dump() == own
    _require(known, "an algorithm has unknown parameters")


def _check_info(info: Any, expected: Expected) -> None:  # noqa: ANN401 - asn1crypto has no types
    _require(isinstance(info, tsp.TSTInfo), "the token does not hold time-stamp information")
    imprint = info["message_imprint"]
    algorithm = imprint["hash_algorithm"]["algorithm"].native
    same = (algorithm, imprint["hashed_message"].native) == ("sha256", expected.digest)
    _require(info["version"].native == "v1", "the time-stamp has an unknown version")
    _require(same, "the time-stamp is over something else")
    _require(info["policy"].dotted == expected.policy, "the time-stamp has another policy")
    _require(info["nonce"].native == expected.nonce, "the time-stamp answers another request")
    apart = abs(info["gen_time"].native - expected.now)
    _require(apart <= expected.skew, "the time-stamp's clock differs too much from ours")


def _check_signature(signed: Any, authorities: Collection[bytes], at: datetime) -> None:  # noqa: ANN401 - asn1crypto has no types
    signer = signed["signer_infos"][0]
    # RFC 5652 5.4: the signature covers the attributes as SET OF, not under their tag [0].
    # Taken before anything reads them: asn1crypto encodes anew what was looked at.
    covered = b"\x31" + signer["signed_attrs"].dump()[1:]
    attributes = _attributes(signer)
    content = signed["encap_content_info"]["content"].contents
    _require(
        attributes["content_type"].native == "tst_info", "the signature is over something else"
    )
    hash_name = signer["digest_algorithm"]["algorithm"].native
    _require(hash_name in _HASHES, "an unknown digest")
    digest = hashlib.new(hash_name, content).digest()
    _require(attributes["message_digest"].native == digest, "the time-stamp was changed")
    certificate = _authority(attributes["signing_certificate_v2"], signer, authorities)
    _require_certificates(signed, certificate, authorities)
    start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
    _require(start <= at <= end, "the authority's certificate was not valid then")
    _check_value(certificate, signer, covered, hash_name)


def _check_value(
    certificate: x509.Certificate,
    signer: Any,  # noqa: ANN401 - asn1crypto has no types
    covered: bytes,
    hash_name: str,
) -> None:
    """ECDSA and RSA PKCS#1 v1.5; the latter may be named without its hash (RFC 3370 3.2)."""
    algorithm, value = _HASHES[hash_name], signer["signature"].native
    name = signer["signature_algorithm"]["algorithm"].native
    try:
        match certificate.public_key():
            case ec.EllipticCurvePublicKey() as key if name == f"{hash_name}_ecdsa":
                key.verify(value, covered, ec.ECDSA(algorithm))
            case rsa.RSAPublicKey() as key if name in {f"{hash_name}_rsa", "rsassa_pkcs1v15"}:
                key.verify(value, covered, padding.PKCS1v15(), algorithm)
            case _:
                raise TimestampUnavailable("the signature has an unknown algorithm")
    except InvalidSignature as cause:
        raise TimestampUnavailable("the signature of the time-stamp is wrong") from cause


def _require_certificates(
    signed: Any,  # noqa: ANN401 - asn1crypto has no types
    certificate: x509.Certificate,
    authorities: Collection[bytes],
) -> None:
    """We have it on our list, but whoever reads the document in ten years may not."""
    brought = [one.chosen.dump() for one in signed["certificates"]]
    own = certificate.public_bytes(Encoding.DER)
    _require(own in brought, "the token does not bring the authority's certificate whole")
    known = len(set(brought)) == len(brought) and set(brought) <= set(authorities)
    _require(known, "the token brings a certificate that is not on our list")


def _attributes(signer: Any) -> dict[str, Any]:  # noqa: ANN401 - asn1crypto has no types
    pairs = [(one["type"].native, one["values"]) for one in signer["signed_attrs"]]
    names = [name for name, _ in pairs]
    complete = len(names) == len(set(names)) and set(names) >= SIGNED_ATTRIBUTES
    _require(complete, "signed attributes are missing or double")
    _require(all(len(values) == 1 for _, values in pairs), "a signed attribute has two values")
    return {name: values[0] for name, values in pairs}


def _authority(reference: Any, signer: Any, authorities: Collection[bytes]) -> x509.Certificate:  # noqa: ANN401 - asn1crypto has no types
    """Find the signer on our list by the hash that it signed (RFC 5035 3), and judge it."""
    first = reference["certs"][0]
    _require(first["hash_algorithm"]["algorithm"].native == "sha256", "an unknown digest")
    wanted = first["cert_hash"].native
    found = [one for one in authorities if hashlib.sha256(one).digest() == wanted]
    _require(bool(found), "the time-stamp comes from an authority that is not on our list")
    certificate = _load(found[0])
    only = chains.only_purpose(certificate) == ExtendedKeyUsageOID.TIME_STAMPING
    _require(only, "the authority's certificate is not for time-stamps only")
    _require(signer["sid"].name == "issuer_and_serial_number", "the signer is not named")
    named = signer["sid"].chosen["serial_number"].native == certificate.serial_number
    _require(named, "the signature names another certificate")
    return certificate


def _load(der: bytes) -> x509.Certificate:
    try:
        return chains.load(der)
    except TrustListInvalid as cause:
        raise TimestampUnavailable("the authority's certificate cannot be read") from cause


def _require(holds: bool, reason: str) -> None:  # noqa: FBT001 - an assertion that stays in production
    if not holds:
        raise TimestampUnavailable(reason)
