"""The signature container (RFC 5652, CAdES of ETSI EN 319 122-1): encoded once, filled per seal.

What never changes for a key is built by a general ASN.1 library when the sealer starts.
Per seal only the digest, the signature and the time-stamp are new, and those are put
between the constant parts; building it all as objects costs a hundred times the signature.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from asn1crypto import algos, cms, tsp, x509

from credentials.pades import identifiers
from keys import der

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

CONTEXT_1 = 0xA1
_HASHING = {"sha256": hashlib.sha256, "sha384": hashlib.sha384}
_HASHES = {"ES256": "sha256", "ES384": "sha384", "RS256": "sha256"}
SIGNATURES = {"ES256": "sha256_ecdsa", "ES384": "sha384_ecdsa", "RS256": "sha256_rsa"}
"""Names that asn1crypto has for what a key signs with, by the key's JOSE name."""


def hash_of(algorithm: str) -> str:
    """Name of the hash that goes with a key's algorithm (JOSE name)."""
    return _HASHES[algorithm]


@dataclass(frozen=True, slots=True)
class Container:
    """The container of one key, without what differs from seal to seal."""

    hash_name: str
    hashing: Callable[[bytes], Hash]
    head: bytes
    """SignedData up to its certificates: version, hash, detached content, certificates."""
    signer: bytes
    """SignerInfo up to the signed attributes: version, issuer and serial number, hash."""
    as_stored: bytes
    """Tag and length of the signed attributes where they stand."""
    as_signed: bytes
    """And where they are signed: as a SET OF (RFC 5652, 5.4)."""
    signature_algorithm: bytes
    attributes_before: bytes
    """Signed attributes in DER order (X.690 11.6), up to the digest."""
    attributes_after: bytes
    certificates: bytes
    """The certificate set alone: a measure for the room that a seal needs."""

    @classmethod
    def of(cls, chain: tuple[bytes, ...], algorithm: str) -> Container:
        """Encode the constant parts for a key and its chain, own certificate first, root last."""
        own, hash_name = x509.Certificate.load(chain[0]), hash_of(algorithm)
        hashing = _hash_algorithm(hash_name)
        certificates = der.set_of(der.CONTEXT_0, *(chain[:-1] or chain))  # never the root
        stated, digest = _attributes(own, hash_name)
        before, after = stated.split(digest)
        return cls(
            hash_name=hash_name,
            hashing=_HASHING[hash_name],
            head=b"".join(
                (
                    cms.CMSVersion("v1").dump(),  # RFC 5652 5.1: detached id-data, no CRLs
                    der.tlv(der.SET, hashing),
                    der.tlv(der.SEQUENCE, identifiers.DATA),
                    certificates,
                )
            ),
            signer=cms.CMSVersion("v1").dump() + _identifier(own).dump() + hashing,
            as_stored=der.head(der.CONTEXT_0, len(stated)),
            as_signed=der.head(der.SET, len(stated)),
            signature_algorithm=algos.SignedDigestAlgorithm(
                {"algorithm": SIGNATURES[algorithm]}
            ).dump(),
            attributes_before=before,
            attributes_after=after,
            certificates=certificates,
        )

    def attributes(self, digest: bytes) -> bytes:
        """Content of the signed attributes over a digest, in DER order (X.690 11.6).

        Exactly three (ETSI EN 319 142-1, 6.3); the time is in /M and in the time-stamp.
        """
        return b"%b%b%b" % (self.attributes_before, digest, self.attributes_after)

    def to_sign(self, attributes: bytes) -> bytes:
        """Digest of the attributes as the SET OF that the key signs (RFC 5652, 5.4)."""
        return self.hashing(self.as_signed + attributes).digest()

    def assemble(self, attributes: bytes, signature: bytes, token: bytes | None = None) -> bytes:
        """The whole container in DER; the token goes in unsigned (RFC 3161, appendix A)."""
        signer = b"".join(
            (
                self.signer,
                self.as_stored,
                attributes,
                self.signature_algorithm,
                der.head(der.OCTETS, len(signature)),
                signature,
                b"" if token is None else _unsigned(token),
            )
        )
        signers = der.heads(len(signer), der.SEQUENCE, der.SET)
        size = len(self.head) + len(signers) + len(signer)
        signed = der.heads(size, der.SEQUENCE, der.CONTEXT_0)
        around = der.head(der.SEQUENCE, len(identifiers.SIGNED_DATA) + len(signed) + size)
        return b"".join((around, identifiers.SIGNED_DATA, signed, self.head, signers, signer))


def _unsigned(token: bytes) -> bytes:
    return der.tlv(
        CONTEXT_1, der.tlv(der.SEQUENCE, identifiers.TIME_STAMP_TOKEN, der.tlv(der.SET, token))
    )


def _hash_algorithm(name: str) -> bytes:
    """An AlgorithmIdentifier without parameters (RFC 5754, 2); the library would write NULL."""
    return der.tlv(der.SEQUENCE, algos.DigestAlgorithmId(name).dump())


def _identifier(own: x509.Certificate) -> cms.IssuerAndSerialNumber:
    return cms.IssuerAndSerialNumber({"issuer": own.issuer, "serial_number": own.serial_number})


def _reference(own: x509.Certificate, hash_name: str) -> bytes:
    """SigningCertificateV2 (RFC 5035, 3): binds the signature to this very certificate."""
    digest = der.tlv(der.OCTETS, hashlib.new(hash_name, own.dump()).digest())
    names = x509.GeneralNames([x509.GeneralName("directory_name", own.issuer)])
    issuer = tsp.IssuerSerial({"issuer": names, "serial_number": own.serial_number}).dump()
    # The default hash is left out (X.690 11.5); the library would give another NULL parameters.
    hashing = b"" if hash_name == "sha256" else _hash_algorithm(hash_name)
    return der.tlv(
        der.SEQUENCE, der.tlv(der.SEQUENCE, der.tlv(der.SEQUENCE, hashing, digest, issuer))
    )


def _attributes(own: x509.Certificate, hash_name: str) -> tuple[bytes, bytes]:
    """The three signed attributes in DER order, and the zeros in the place of the digest."""
    digest = bytes(hashlib.new(hash_name).digest_size)
    stated = (
        _attribute(identifiers.CONTENT_TYPE, identifiers.DATA),
        _attribute(identifiers.MESSAGE_DIGEST, der.tlv(der.OCTETS, digest)),
        _attribute(identifiers.SIGNING_CERTIFICATE_V2, _reference(own, hash_name)),
    )
    return b"".join(sorted(stated)), digest


def _attribute(kind: bytes, value: bytes) -> bytes:
    return der.tlv(der.SEQUENCE, kind, der.tlv(der.SET, value))
