"""The signed statement in a code: base32 of one tagged COSE_Sign1 (docs/qr-facts.md)."""

from __future__ import annotations

import binascii
from base64 import b32decode, b32encode
from dataclasses import dataclass
from typing import TYPE_CHECKING

from verifier.ourkeys import signed_by
from verifier.qr.cbor import NotDeterministic, Tagged, decode

if TYPE_CHECKING:
    from keys.trust import KeyEntry

_COSE_SIGN1 = 18  # RFC 9052 table 1

_COORDINATE = 32  # octets of r and of s on P-256 (RFC 9053 2.1)
_LONG = 24  # lengths from here on take one more octet (RFC 8949 3)
_LONGER = 256


class NotAStatement(ValueError):
    """The letters are not a statement in our form."""


@dataclass(frozen=True, slots=True)
class Statement:
    """What stands in a code, whoever signed it."""

    kid: str
    payload: bytes
    covered: bytes
    """The Sig_structure, over which the signature is (RFC 9052 4.4)."""
    signature: bytes


def parse(letters: str) -> Statement:
    """Take a statement apart; nothing in it is trusted yet.

    Raises:
        NotAStatement: other letters, another form, another algorithm, or octets left over.
    """
    try:
        return _parts(decode(_octets(letters)))
    except NotDeterministic as cause:
        raise NotAStatement("not deterministic CBOR") from cause


def is_signed_by(statement: Statement, entry: KeyEntry) -> bool:
    """Whether this key of the trust list, an ES256 key, made the signature."""
    return entry.algorithm == "ES256" and signed_by(entry, statement.signature, statement.covered)


def _octets(letters: str) -> bytes:
    try:
        data = b32decode(letters + "=" * (-len(letters) % 8))
    except (binascii.Error, ValueError) as cause:
        raise NotAStatement("not base32") from cause
    if b32encode(data).decode().rstrip("=") != letters:  # spare bits, or padding of its own
        raise NotAStatement("not the one spelling in base32")
    return data


def _parts(value: object) -> Statement:
    if not isinstance(value, Tagged) or value.tag != _COSE_SIGN1:
        raise NotAStatement("not a COSE_Sign1")
    match value.value:
        case [
            bytes() as protected,
            dict() as unprotected,
            bytes() as payload,
            bytes() as signature,
        ]:
            if unprotected or len(signature) != 2 * _COORDINATE:
                raise NotAStatement("headers outside the signature, or another signature")
        case _:
            raise NotAStatement("not the four parts of a COSE_Sign1")
    return Statement(_kid(protected), payload, _covered(protected, payload), signature)


def _kid(protected: bytes) -> str:
    match decode(protected):
        case {1: -7, 4: bytes() as kid, **more} if not more:  # RFC 9052 3.1: alg ES256, kid
            try:
                return kid.decode()
            except UnicodeDecodeError as cause:
                raise NotAStatement("a key id that is no text") from cause
        case _:
            raise NotAStatement("headers that say more, less, or another algorithm")


def _covered(protected: bytes, payload: bytes) -> bytes:
    """["Signature1", protected, h'', payload] (RFC 9052 4.4)."""
    return b"\x84\x6aSignature1" + _bstr(protected) + b"\x40" + _bstr(payload)


def _bstr(data: bytes) -> bytes:
    length = len(data)
    if length < _LONG:
        return bytes([0x40 | length]) + data
    if length < _LONGER:
        return bytes([0x58, length]) + data
    return b"\x59" + length.to_bytes(2, "big") + data
