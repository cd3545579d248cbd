"""What a receipt says, and the one form in which it says it (`docs/receipts.md`).

A compact JWS (RFC 7515 7.1) whose header and payload have exactly the members below.
It names a file by its SHA-256 and a verdict by its code; nothing in it says who somebody is.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from keys import jws, moments
from keys.errors import TrustListInvalid
from keys.jws import Envelope
from keys.moments import written
from verifier.errors import NotAReceipt
from verifier.verdict import VerdictCode

FORMAT, VERSION = "echt-receipt", 1
TYPE = "echt-receipt+jws"
PURPOSE = "receipt"
"""Of the key that signs it, on the trust list."""
MAX_CHARACTERS = 16 * 1024
MEDIA_TYPE = "application/jose"
"""RFC 7515 9.2.1: a compact JWS."""
SEEN_BY_FINGERPRINT = "fingerprint"
"""The document type of a receipt for which only the SHA-256 was sent."""

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # no letters that look like digits
_ID = re.compile(f"[{_ALPHABET}]{{4}}(-[{_ALPHABET}]{{4}}){{3}}")
_HASH = re.compile("[0-9a-f]{64}")
_WORD = re.compile("[a-z0-9_-]{1,20}")
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_MEMBERS = {
    "format",
    "version",
    "id",
    "checkedAt",
    "verdict",
    "sha256",
    "documentType",
    "trustListSerial",
    "ledgerCount",
    "verifierVersion",
}


@dataclass(frozen=True, slots=True)
class Receipt:
    """One check that was made."""

    receipt_id: str
    checked_at: datetime
    code: VerdictCode
    sha256: str
    """Of the file that was checked, in lower-case hex."""
    document_type: str
    """What the file is by content: `pdf`, `xml` and so on."""
    trust_serial: int
    """Of the trust list that judged it."""
    ledger_count: int | None
    """How many sealed documents the ledger had then; None where no ledger was asked."""
    verifier_version: str


def new_id() -> str:
    """A random number of 80 bits in four groups: `7K2M-0QDX-9RTA-55VW`."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))


def short_code(token: str) -> str:
    """Forty bits of a receipt's own hash, to compare a print with the file: `3KQ7-X0MD`."""
    number = int.from_bytes(hashlib.sha256(token.encode()).digest()[:5], "big")
    signs = "".join(_ALPHABET[number >> shift & 31] for shift in range(35, -5, -5))
    return f"{signs[:4]}-{signs[4:]}"


def payload_of(receipt: Receipt) -> dict[str, object]:
    """The members that are signed."""
    return {
        "format": FORMAT,
        "version": VERSION,
        "id": receipt.receipt_id,
        "checkedAt": written(receipt.checked_at),
        "verdict": receipt.code.value,
        "sha256": receipt.sha256,
        "documentType": receipt.document_type,
        "trustListSerial": receipt.trust_serial,
        "ledgerCount": receipt.ledger_count,
        "verifierVersion": receipt.verifier_version,
    }


def receipt_of(payload: Mapping[str, object]) -> Receipt:
    """Read the members of a receipt whose signature holds.

    Raises:
        NotAReceipt: members missing, unknown, or of another form.
    """
    if set(payload) != _MEMBERS or (payload["format"], payload["version"]) != (FORMAT, VERSION):
        raise _refused()
    return Receipt(
        receipt_id=_matching(_ID, payload["id"]),
        checked_at=_moment(payload["checkedAt"]),
        code=_code(payload["verdict"]),
        sha256=_matching(_HASH, payload["sha256"]),
        document_type=_matching(_WORD, payload["documentType"]),
        trust_serial=_whole(payload["trustListSerial"]),
        ledger_count=None if payload["ledgerCount"] is None else _whole(payload["ledgerCount"]),
        verifier_version=_version(payload["verifierVersion"]),
    )


def compact(flattened: bytes) -> str:
    """From the flattened form, as our keys sign it, to the compact one (RFC 7515 7.1, 7.2.2)."""
    parts = jws.parse(flattened)
    return ".".join(jws.text(parts[name]) for name in ("protected", "payload", "signature"))


def open_receipt(token: str) -> Envelope:
    """Take a receipt apart; nothing in it is trusted yet.

    Raises:
        NotAReceipt: too long, another form, or a header that says more than it may.
    """
    if len(token) > MAX_CHARACTERS or not _COMPACT.fullmatch(token):
        raise _refused()
    protected, payload, signature = token.split(".")
    flattened = {"protected": protected, "payload": payload, "signature": signature}
    try:
        return jws.open_envelope(jws.canonical(flattened), kind=TYPE)
    except TrustListInvalid as cause:
        raise _refused() from cause


def looks_like_one(data: bytes) -> bool:
    """Whether a file means to be a receipt, whoever wrote it; the header's own word counts."""
    text = data[:MAX_CHARACTERS].decode("ascii", "replace").strip()
    head = text.partition(".")[0]
    if not _COMPACT.fullmatch(text) or len(data) > MAX_CHARACTERS:
        return False
    try:
        return jws.parse(jws.decode(head)).get("typ") == TYPE
    except TrustListInvalid:
        return False


def _refused() -> NotAReceipt:
    return NotAReceipt("This is not a receipt of a check.")


def _matching(pattern: re.Pattern[str], value: object) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise _refused()
    return value


def _version(value: object) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= 20:  # noqa: PLR2004 - a version
        raise _refused()
    return value


def _whole(value: object) -> int:
    if type(value) is not int or value < 0:
        raise _refused()
    return value


def _code(value: object) -> VerdictCode:
    try:
        return VerdictCode(str(value))
    except ValueError as cause:
        raise _refused() from cause


def _moment(value: object) -> datetime:
    try:
        return moments.parse(str(value))
    except ValueError as cause:
        raise _refused() from cause
