"""Our published keys, as every reader needs them: the list or why not, and what to tell of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cryptography import x509

from keys import trust as trust_lists
from keys.errors import TrustListInvalid
from verifier.verdict import Details

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography.hazmat.primitives.asymmetric.types import PublicKeyTypes

    from keys.trust import KeyEntry, TrustList


def read_list(data: bytes | None, now: datetime) -> tuple[TrustList | None, str]:
    """The list if it is good for a verdict now, else the reason why it is not."""
    if data is None:
        return None, "no_trust_list"
    try:
        listed = trust_lists.read(data, now=now)
    except TrustListInvalid:
        return None, "trust_list_invalid"
    return (None, "trust_list_expired") if listed.expired else (listed, "")


def public_key(entry: KeyEntry) -> PublicKeyTypes:
    """The key that an entry's own certificate carries."""
    return x509.load_der_x509_certificate(entry.certificates[0]).public_key()


def details_of(listed: TrustList, entry: KeyEntry | None = None) -> Details:
    """What an expert may know of the list, and of the key of ours where one signed."""
    if entry is None:
        return Details(trust_list_serial=listed.serial, trust_list_issued_at=listed.issued_at)
    subject = x509.load_der_x509_certificate(entry.certificates[0]).subject
    return Details(
        signature_algorithm=entry.algorithm,
        key_id=entry.kid,
        key_subject=subject.rfc4514_string(),
        trust_list_serial=listed.serial,
        trust_list_issued_at=listed.issued_at,
    )
