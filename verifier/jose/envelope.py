"""A JWS taken apart strictly (RFC 7515 7.1 and 7.2.2); nothing in it is trusted yet.

A header may name its own key in four ways (`jwk`, `jku`, `x5u`, `x5c`). None of them is
followed: the key is the one of our list with exactly this `kid`, by the algorithm that
the list pins to it, or there is no key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from keys import jws
from keys.errors import TrustListInvalid
from verifier.extract_data import NotExtractData, parse

MAX_PAYLOAD = 1024 * 1024
_FLATTENED = {"payload", "protected", "signature"}
_GENERAL = {"payload", "signatures"}


class OutOfForm(ValueError):
    """A JWS, or what calls itself one, of a form that no key of ours signs."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One signature over one payload."""

    header: dict[str, Any]
    covered: bytes
    """The JWS signing input (RFC 7515 5.1)."""
    payload: bytes
    signature: bytes

    @property
    def kid(self) -> str:
        """The key that it names; empty where it names none."""
        kid = self.header.get("kid", "")
        return kid if isinstance(kid, str) else ""

    @property
    def algorithm(self) -> str:
        """The algorithm that it names; empty where it names none."""
        algorithm = self.header.get("alg", "")
        return algorithm if isinstance(algorithm, str) else ""


def is_signed(members: dict[str, Any]) -> bool:
    """Whether a JSON object is meant as a JWS in one of its two JSON forms."""
    return "payload" in members and bool({"protected", "signature", "signatures"} & set(members))


def from_compact(data: bytes) -> Envelope:
    """Take a compact JWS apart.

    Raises:
        OutOfForm: not three parts in canonical base64url, or a header that is no JSON object.
    """
    parts = data.strip(b" \t\r\n").split(b".")
    if len(parts) != 3:  # noqa: PLR2004 - RFC 7515 7.1
        raise OutOfForm("parts")
    return _envelope(*parts)


def from_json(members: dict[str, Any]) -> Envelope:
    """Take a flattened JWS apart, or a general one with exactly one signature.

    Raises:
        OutOfForm: more signatures, headers outside the signature, or unknown members.
    """
    if set(members) == _GENERAL and isinstance(members["signatures"], list):
        if len(members["signatures"]) != 1 or not isinstance(members["signatures"][0], dict):
            raise OutOfForm("signatures")
        members = {"payload": members["payload"], **members["signatures"][0]}
    if set(members) != _FLATTENED or not all(isinstance(one, str) for one in members.values()):
        raise OutOfForm("members")
    try:
        parts = [members[name].encode("ascii") for name in ("protected", "payload", "signature")]
    except UnicodeEncodeError as cause:
        raise OutOfForm("letters") from cause
    return _envelope(*parts)


def _envelope(protected: bytes, payload: bytes, signature: bytes) -> Envelope:
    try:
        header = parse(_decode(protected))
    except NotExtractData as cause:
        raise OutOfForm("header") from cause
    covered = protected + b"." + payload
    return Envelope(header, covered, _decode(payload), _decode(signature))


def _decode(letters: bytes) -> bytes:
    """base64url without padding, in its one spelling (spare bits would be a second one)."""
    try:
        data = jws.decode(letters.decode("ascii"))
    except (TrustListInvalid, UnicodeDecodeError) as cause:
        raise OutOfForm("base64url") from cause
    if len(data) > MAX_PAYLOAD:
        raise OutOfForm("base64url")
    return data
