"""OCSP (RFC 6960) on the wire: hostile questions in, signed answers out. Decides nothing."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import core, ocsp
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509 import ocsp as reader
from cryptography.x509.oid import ExtendedKeyUsageOID

from keys import chains
from keys.errors import RevocationUnavailable
from keys.files import verifies
from keys.signed_objects import Authority

MAX_REQUEST = 4096
MAX_CERTIFICATES = 8
"""Of one question: each costs us more to answer than it costs the one who asks."""
MAX_NONCE = 128
"""RFC 9654 2.1: a responder takes nonces of 1 to 128 bytes."""
HASHES = ("sha1", "sha256")
"""How a question may name its certificate. Identification only: nothing rests on SHA-1."""
_KNOWN_EXTENSIONS = {"nonce", "acceptable_responses", "preferred_signature_algorithms"}
_UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, OverflowError)


def _error(status: str) -> bytes:
    return bytes(ocsp.OCSPResponse({"response_status": status}).dump())


MALFORMED = _error("malformed_request")
UNAUTHORIZED = _error("unauthorized")
"""Not about certificates that this responder answers for (RFC 5019 2.2.3)."""
TRY_LATER = _error("try_later")


class Malformed(Exception):
    """Not a request that can be answered."""


@functools.lru_cache(maxsize=16)
def _issuer_hashes(issuer: bytes, hash_name: str) -> tuple[bytes, bytes]:
    """RFC 6960 4.1.1: over the name, and over the key without the count of unused bits."""
    above = asn1.Certificate.load(issuer)
    hashed = (above.subject.dump(), above.public_key["public_key"].contents[1:])
    name, key = (hashlib.new(hash_name, one).digest() for one in hashed)
    return name, key


@dataclass(frozen=True, slots=True)
class CertificateId:
    """How a question names a certificate: its issuer by two hashes, and its serial."""

    hash_name: str
    issuer_name: bytes
    issuer_key: bytes
    serial: int

    @classmethod
    def of(cls, serial: int, issuer: bytes, hash_name: str) -> CertificateId:
        """Name a certificate of an issuer (its certificate in DER)."""
        return cls(hash_name, *_issuer_hashes(issuer, hash_name), serial)

    def is_issued_by(self, issuer: bytes) -> bool:
        """Tell whether this names a certificate of that issuer, by a hash that is known here."""
        known = self.hash_name in HASHES
        return known and CertificateId.of(self.serial, issuer, self.hash_name) == self


@dataclass(frozen=True, slots=True)
class Question:
    """What a client asks: about which certificates, and a nonce of its own."""

    certificates: tuple[CertificateId, ...]
    nonce: bytes | None


@dataclass(frozen=True, slots=True)
class Status:
    """What became of a certificate; with neither member set it is good."""

    revoked_since: datetime | None = None
    known: bool = True


@dataclass(frozen=True, slots=True)
class Answers:
    """What one response says, and from when until when."""

    statuses: tuple[tuple[CertificateId, Status], ...]
    this_update: datetime
    next_update: datetime
    nonce: bytes | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """What a response said about its one certificate."""

    serial: int
    status: Status
    next_update: datetime


def read_request(data: bytes) -> Question:
    """Parse a request wholly.

    Raises:
        Malformed: too large, not DER, about nothing or too much, or with an extension that
            must be understood and is not.
    """
    if len(data) > MAX_REQUEST:
        raise Malformed
    try:
        request = ocsp.OCSPRequest.load(data, strict=True)
        asked = request["tbs_request"]
        if not 1 <= len(asked["request_list"]) <= MAX_CERTIFICATES:
            raise Malformed
        certificates = tuple(_certificate_id(one) for one in asked["request_list"])
        nonce = _nonce(asked["request_extensions"])
    except _UNREADABLE as cause:
        raise Malformed from cause
    return Question(certificates, nonce)


def write_response(responder: Authority, answers: Answers) -> bytes:
    """Sign a basic response (RFC 6960 4.2.1); the responder is named by its key and comes along.

    Raises:
        KeyUnavailable: custody cannot reach the key now.
    """
    certificate = responder.certificate
    key = certificate.public_key["public_key"].contents[1:]
    identifier = hashlib.sha1(key, usedforsecurity=False).digest()  # RFC 6960 4.2.1: KeyHash
    data: dict[str, object] = {
        "responder_id": ocsp.ResponderId(name="by_key", value=core.OctetString(identifier)),
        "produced_at": answers.this_update,
        "responses": [_single(one, status, answers) for one, status in answers.statuses],
    }
    if answers.nonce is not None:
        data["response_extensions"] = [
            {"extn_id": "nonce", "extn_value": core.OctetString(answers.nonce)}
        ]
    signed = ocsp.ResponseData(data)
    basic = ocsp.BasicOCSPResponse(
        {
            "tbs_response_data": signed,
            "signature_algorithm": responder.algorithm,
            "signature": responder.sign(signed.dump()),
            "certs": [certificate],
        }
    )
    return _successful(basic)


def read_response(data: bytes, issuer: bytes) -> Answered:
    """Read a response about one certificate, and prove that this issuer (DER) delegated it.

    Raises:
        RevocationUnavailable: not such a response, changed, or somebody else's.
    """
    try:
        found = reader.load_der_ocsp_response(data)
        responder, above = found.certificates[0], x509.load_der_x509_certificate(issuer)
        responder.verify_directly_issued_by(above)
        delegated = chains.only_purpose(responder) == ExtendedKeyUsageOID.OCSP_SIGNING
        digest = _digest(found.tbs_response_bytes)
        genuine = verifies(responder.public_key(), "ES256", found.signature, digest)
        serial, until = found.serial_number, found.next_update_utc
        since = found.revocation_time_utc
    except (*chains.UNREADABLE, IndexError, InvalidSignature) as cause:
        raise RevocationUnavailable("an OCSP response cannot be read") from cause
    if not (genuine and delegated) or until is None:
        raise RevocationUnavailable("an OCSP response is not from the responder of our authority")
    return Answered(serial, Status(since), until)


def _digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _successful(basic: Any) -> bytes:  # noqa: ANN401 - asn1crypto has no types
    content = {"response_type": "basic_ocsp_response", "response": basic}
    whole = ocsp.OCSPResponse({"response_status": "successful", "response_bytes": content})
    return bytes(whole.dump())


def _single(asked: CertificateId, status: Status, answers: Answers) -> dict[str, object]:
    return {
        "cert_id": {
            "hash_algorithm": {"algorithm": asked.hash_name},
            "issuer_name_hash": asked.issuer_name,
            "issuer_key_hash": asked.issuer_key,
            "serial_number": asked.serial,
        },
        "cert_status": _status(status),
        "this_update": answers.this_update,
        "next_update": answers.next_update,
    }


def _status(status: Status) -> Any:  # noqa: ANN401 - asn1crypto has no types
    if not status.known:
        return ocsp.CertStatus(name="unknown", value=ocsp.StatusUnknown())
    if status.revoked_since is None:
        return ocsp.CertStatus(name="good", value=ocsp.StatusGood())
    revoked = {"revocation_time": status.revoked_since, "revocation_reason": "key_compromise"}
    return ocsp.CertStatus(name="revoked", value=ocsp.RevokedInfo(revoked))


def _certificate_id(request: Any) -> CertificateId:  # noqa: ANN401 - asn1crypto has no types
    _refuse_unknown(request["single_request_extensions"], set())
    asked = request["req_cert"]
    return CertificateId(
        str(asked["hash_algorithm"]["algorithm"].native),
        bytes(asked["issuer_name_hash"].native),
        bytes(asked["issuer_key_hash"].native),
        int(asked["serial_number"].native),
    )


def _nonce(extensions: Any) -> bytes | None:  # noqa: ANN401 - asn1crypto has no types
    _refuse_unknown(extensions, _KNOWN_EXTENSIONS)
    found = [one["extn_value"] for one in extensions if one["extn_id"].native == "nonce"]
    if not found:
        return None
    nonce = core.OctetString.load(found[0].contents, strict=True).native
    if len(found) > 1 or not 1 <= len(nonce) <= MAX_NONCE:
        raise Malformed
    return bytes(nonce)


def _refuse_unknown(extensions: Any, known: Iterable[str]) -> None:  # noqa: ANN401 - asn1crypto has no types
    """RFC 5280 4.2: what is critical and not understood refuses the whole."""
    critical = {one["extn_id"].native for one in extensions if one["critical"].native}
    if critical - set(known):
        raise Malformed
