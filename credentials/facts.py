"""The facts in the QR code: a small signed statement that needs no server to be checked.

COSE_Sign1 (RFC 9052 4.2) with ES256 over a CBOR map whose keys are small numbers
(docs/qr-facts.md). It stands in the fragment of an address, which browsers do not
send, so scanning a paper tells nobody who is being checked (verifier.md 2.4).
"""

from __future__ import annotations

import enum
import hashlib
from base64 import b32encode

import cbor2
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from credentials.extract import Extract
from credentials.lines import award_day, leading_title
from credentials.wording import DUTCH_TIME
from keys.custody import SealSigner
from register.names import full_name

FORMAT = 1
_COSE_SIGN1_TAG = 18  # RFC 9052 table 1
_ALGORITHM, _KEY_ID, _ES256 = 1, 4, -7  # RFC 9052 3.1, RFC 9053 2.1
_COORDINATE = 32  # octets of r and of s on P-256 (RFC 9053 2.1)


class Claim(enum.IntEnum):
    """Keys of the signed map. A number is never reused for another meaning."""

    FORMAT = 0
    NUMBER = 1
    NAME = 2
    BIRTH = 3
    PROGRAMME = 4
    PROGRAMME_CODE = 5
    DEGREE = 6
    INSTITUTION = 7
    INSTITUTION_CODE = 8
    AWARDED = 9
    RESULT = 10
    NLQF = 11
    EQF = 12
    LANGUAGE = 13
    ISSUED = 14


def sign_facts(extract: Extract, signer: SealSigner, *, address: str) -> str:
    """The address to print as a QR code, with the signed facts in its fragment.

    Raises:
        KeyUnavailable: custody cannot reach the key now.
        ValueError: the key is not an ES256 key.
    """
    statement = sign1(cbor2.dumps(claims(extract), canonical=True), signer)
    return f"https://{address}/#{b32encode(statement).decode().rstrip('=')}"


def claims(extract: Extract) -> dict[int, str | int]:
    """The facts under their numbers; what is not known is left out."""
    record, award = extract.record, extract.record.award
    issued_on = extract.issued_at.astimezone(DUTCH_TIME).date()
    stated: dict[Claim, str | int] = {
        Claim.FORMAT: FORMAT,
        Claim.NUMBER: extract.number,
        Claim.NAME: full_name(record.person.name),
        Claim.BIRTH: str(record.person.birth),
        Claim.PROGRAMME: leading_title(record.programme.title, extract.language).text,
        Claim.PROGRAMME_CODE: record.programme.code,
        Claim.DEGREE: award.degree,
        Claim.INSTITUTION: record.institution.name_on(award_day(award.awarded, issued_on)),
        Claim.INSTITUTION_CODE: record.institution.code,
        Claim.AWARDED: str(award.awarded),
        Claim.RESULT: award.result,
        Claim.NLQF: record.programme.nlqf,
        Claim.EQF: record.programme.eqf or "",
        Claim.LANGUAGE: extract.language.value,
        Claim.ISSUED: int(extract.issued_at.timestamp()),
    }
    return {int(claim): value for claim, value in stated.items() if value != ""}


def sign1(payload: bytes, signer: SealSigner) -> bytes:
    """A tagged COSE_Sign1 over the payload, with algorithm and key id protected."""
    if signer.key.algorithm != "ES256":
        raise ValueError("QR facts are signed with ES256")
    protected = cbor2.dumps({_ALGORITHM: _ES256, _KEY_ID: signer.key.kid.encode()}, canonical=True)
    covered = cbor2.dumps(["Signature1", protected, b"", payload], canonical=True)
    signature = _raw(signer.sign_digest(hashlib.sha256(covered).digest()))
    return cbor2.dumps(
        cbor2.CBORTag(_COSE_SIGN1_TAG, [protected, {}, payload, signature]), canonical=True
    )


def _raw(der: bytes) -> bytes:
    """From DER, as custody signs, to r and s side by side, as COSE wants (RFC 9053 2.1)."""
    r, s = decode_dss_signature(der)
    return r.to_bytes(_COORDINATE, "big") + s.to_bytes(_COORDINATE, "big")
