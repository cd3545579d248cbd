"""Time-stamps (RFC 3161): the port, and an authority of our own for development.

The embedded authority writes real tokens that any checker can judge, but its clock
and its key sit beside the service that asks: proof for a test, not for a court. So it
refuses production, where a remote authority takes its place behind the same port.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from asn1crypto import algos, cms, core, tsp, x509

from keys import der
from keys.custody import SealSigner
from keys.files import refuse_in_production

TEST_POLICY = "1.3.6.1.4.1.32473.3161.1"
"""Policy of the embedded authority, under the number set aside for examples (RFC 5612).

It promises nothing. A UUID as OID (ITU-T X.667) would be legal as well, but some checkers
call an arc of 128 bits malformed.
"""

SHA256 = "sha256"
SHA256_SIZE = 32
VERSION_1 = 1
SERIAL_BYTES = 8
MAX_REQUEST = 4096
TOKEN_FRAME = 900
"""pdf.md 3.3: what a token holds besides its certificates, at most."""


def _oid(dotted: str) -> bytes:
    encoded: bytes = core.ObjectIdentifier(dotted).dump()
    return encoded


_SIGNED_DATA = _oid("1.2.840.113549.1.7.2")
_TST_INFO = _oid("1.2.840.113549.1.9.16.1.4")
_CONTENT_TYPE = _oid("1.2.840.113549.1.9.3")
_MESSAGE_DIGEST = _oid("1.2.840.113549.1.9.4")
_SIGNING_CERTIFICATE_V2 = _oid("1.2.840.113549.1.9.16.2.47")
# RFC 5754 2 and 3.2: the parameters of both are absent.
_SHA256 = der.tlv(der.SEQUENCE, _oid("2.16.840.1.101.3.4.2.1"))
_ECDSA_SHA256: bytes = algos.SignedDigestAlgorithm({"algorithm": "sha256_ecdsa"}).dump()
_IMPRINT_BEFORE = der.tlv(der.SEQUENCE, _SHA256, der.tlv(der.OCTETS, bytes(SHA256_SIZE)))[
    :-SHA256_SIZE
]
# RFC 5652 5.1: version 3, because eContentType is not id-data.
_VERSION_AND_HASH = der.integer(3) + der.tlv(der.SET, _SHA256)
_GRANTED: bytes = tsp.PKIStatusInfo({"status": "granted"}).dump()


class Timestamper(Protocol):
    """An authority that binds a digest to a moment."""

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """Certificates of the authority in DER, its own first."""
        ...

    @property
    def room(self) -> int:
        """Bytes to keep free for one token; a larger one is never given."""
        ...

    def stamp(self, digest: bytes) -> bytes:
        """Take a SHA-256 digest, give a DER TimeStampToken (RFC 3161 2.4.2).

        Raises:
            TimestampUnavailable: the authority refused, or its answer does not fit.
        """
        ...


class Rejected(Exception):
    """A request that gets the answer `rejection`, with its PKIFailureInfo."""

    def __init__(self, failure: str, text: str) -> None:
        super().__init__(text)
        self.failure = failure
        self.text = text


class EmbeddedAuthority:
    """A time-stamping authority inside the process, on a P-256 key.

    Raises:
        KeyRefused: the process runs in production.
    """

    def __init__(
        self,
        signer: SealSigner,
        *,
        clock: Callable[[], datetime],
        production: bool = False,
        policy: str = TEST_POLICY,
        token_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        refuse_in_production(production=production)
        if signer.key.algorithm != "ES256":
            raise ValueError("the embedded authority signs with ES256")
        self.policy = policy
        self._signer = signer
        self._clock = clock
        self._token_bytes = token_bytes
        self._parts = _Parts.of(signer.chain, policy)
        self._room = sum(map(len, signer.chain[:-1])) + TOKEN_FRAME

    @property
    def certificate(self) -> bytes:
        """The authority's own certificate in DER: what a checker looks for."""
        return self._signer.chain[0]

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """The authority's chain in DER, its own certificate first."""
        return self._signer.chain

    @property
    def room(self) -> int:
        """Bytes to keep free for one token."""
        return self._room

    def stamp(self, digest: bytes) -> bytes:
        """Take a SHA-256 digest, give a DER TimeStampToken with both certificates in it."""
        require_digest(digest)
        return self._token(_IMPRINT_BEFORE + digest, nonce=b"", with_certificates=True)

    def respond(self, request: bytes) -> bytes:
        """Answer a DER TimeStampReq with a DER TimeStampResp; a bad request gets a rejection."""
        try:
            asked = _read_request(request, self.policy)
        except Rejected as refusal:
            return _rejection(refusal)
        token = self._token(
            asked["message_imprint"].dump(),
            nonce=asked["nonce"].dump(),
            with_certificates=bool(asked["cert_req"].native),
        )
        return der.tlv(der.SEQUENCE, _GRANTED, token)

    def _token(self, imprint: bytes, *, nonce: bytes, with_certificates: bool) -> bytes:
        parts, info = self._parts, self._info(imprint, nonce)
        attributes = parts.attributes(hashlib.sha256(info).digest())
        covered = hashlib.sha256(parts.as_set + attributes).digest()
        signature = self._signer.sign_digest(covered)
        content = _TST_INFO + der.heads(len(info), der.OCTETS, der.CONTEXT_0) + info
        signature = der.head(der.OCTETS, len(signature)) + signature
        signer = parts.signer + attributes + _ECDSA_SHA256 + signature
        signed = b"".join(
            (
                _VERSION_AND_HASH,
                der.head(der.SEQUENCE, len(content)),
                content,
                parts.certificates if with_certificates else b"",
                der.heads(len(signer), der.SEQUENCE, der.SET),
                signer,
            )
        )
        around = der.heads(len(signed), der.SEQUENCE, der.CONTEXT_0)
        size = len(_SIGNED_DATA) + len(around) + len(signed)
        return b"".join((der.head(der.SEQUENCE, size), _SIGNED_DATA, around, signed))

    def _info(self, imprint: bytes, nonce: bytes) -> bytes:
        """TSTInfo (RFC 3161 2.4.2); the nonce comes back as it was written."""
        serial = int.from_bytes(self._token_bytes(SERIAL_BYTES), "big")
        return der.tlv(
            der.SEQUENCE,
            self._parts.policy,
            imprint,
            der.integer(serial),
            der.moment(self._clock().astimezone(UTC)),
            nonce,
        )


@dataclass(frozen=True, slots=True)
class _Parts:
    """What is the same in every token of one authority, encoded once."""

    policy: bytes
    """With the version before it."""
    signer: bytes
    """SignerInfo up to the content of its attributes: version, certificate, hash."""
    as_set: bytes
    """Before that content when it is signed (RFC 5652 5.4)."""
    certificates: bytes
    before: bytes
    """Signed attributes in DER order (X.690 11.6), up to the digest."""
    after: bytes

    @classmethod
    def of(cls, chain: tuple[bytes, ...], policy: str) -> _Parts:
        own = x509.Certificate.load(chain[0])
        named = {"issuer": own.issuer, "serial_number": own.serial_number}
        identifier = cms.IssuerAndSerialNumber(named).dump()
        digest = bytes(SHA256_SIZE)
        attributes = (
            _attribute(_CONTENT_TYPE, _TST_INFO),
            _attribute(_MESSAGE_DIGEST, der.tlv(der.OCTETS, digest)),
            _signing_certificate(own),
        )
        stated = b"".join(sorted(attributes))
        before, after = stated.split(digest)
        return cls(
            policy=der.integer(1) + core.ObjectIdentifier(policy).dump(),
            signer=b"".join(
                (der.integer(1), identifier, _SHA256, der.head(der.CONTEXT_0, len(stated)))
            ),
            as_set=der.head(der.SET, len(stated)),
            certificates=der.set_of(der.CONTEXT_0, *chain[:-1]),
            before=before,
            after=after,
        )

    def attributes(self, digest: bytes) -> bytes:
        """The signed attributes over a digest of the TSTInfo."""
        return self.before + digest + self.after


def _signing_certificate(own: Any) -> bytes:  # noqa: ANN401 - asn1crypto has no types
    """The attribute of RFC 5035 3; ESSCertIDv2 leaves SHA-256 out, being the default."""
    directory = x509.GeneralName(name="directory_name", value=own.issuer)
    reference = {
        "cert_hash": hashlib.sha256(own.dump()).digest(),
        "issuer_serial": {"issuer": [directory], "serial_number": own.serial_number},
    }
    value = tsp.SigningCertificateV2({"certs": [reference]})
    return _attribute(_SIGNING_CERTIFICATE_V2, value.dump())


def _attribute(kind: bytes, value: bytes) -> bytes:
    """By number: asn1crypto finds no name that `tsp` brings once it was asked for another."""
    return der.tlv(der.SEQUENCE, kind, der.tlv(der.SET, value))


def require_digest(digest: bytes) -> None:
    """Refuse what is not a SHA-256 digest: a mistake of the caller, not of the authority."""
    if len(digest) != SHA256_SIZE:
        raise ValueError("a time-stamp is over a SHA-256 digest of 32 bytes")


def _read_request(request: bytes, policy: str) -> Any:  # noqa: ANN401 - asn1crypto has no types
    """Parse a request wholly, and refuse what RFC 3161 2.4.1 lets an authority refuse."""
    if len(request) > MAX_REQUEST:
        raise Rejected("bad_data_format", "This is too large for a time-stamp request.")
    try:
        asked = tsp.TimeStampReq.load(request, strict=True)
        _ = asked.native  # asn1crypto parses lazily: look at everything now
        version = int(asked["version"])
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as cause:
        raise Rejected("bad_data_format", "This is not a time-stamp request.") from cause
    imprint = asked["message_imprint"]
    if version != VERSION_1:
        raise Rejected("bad_request", "Only version 1 is known.")
    if imprint["hash_algorithm"]["algorithm"].native != SHA256:
        raise Rejected("bad_alg", "Only SHA-256 is accepted.")
    if len(imprint["hashed_message"].native) != SHA256_SIZE:
        raise Rejected("bad_data_format", "The imprint is not a SHA-256 digest.")
    if asked["req_policy"].native is not None and asked["req_policy"].dotted != policy:
        raise Rejected("unaccepted_policy", "That policy is not offered.")
    if asked["extensions"].native is not None:
        raise Rejected("unaccepted_extensions", "Extensions are not supported.")
    return asked


def _rejection(refusal: Rejected) -> bytes:
    """A TimeStampResp without a token."""
    status = tsp.PKIStatusInfo(
        {
            "status": "rejection",
            "status_string": [refusal.text],
            "fail_info": {refusal.failure},
        }
    )
    return der.tlv(der.SEQUENCE, status.dump())
