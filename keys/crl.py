"""Certificate revocation lists (RFC 5280 5): written whole, and read back strictly."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asn1crypto import core, crl
from asn1crypto import x509 as asn1
from cryptography import x509
from cryptography.exceptions import InvalidSignature

from keys import chains
from keys.errors import RevocationUnavailable
from keys.signed_objects import Authority

LAST_UTC_YEAR = 2049
"""RFC 5280 5.1.2.4: through this year a date is a UTCTime, after it a GeneralizedTime."""


@dataclass(frozen=True, slots=True)
class RevocationList:
    """What a list says: which serials of its authority are revoked, since when."""

    number: int
    this_update: datetime
    next_update: datetime
    revoked: Mapping[int, datetime]


def write(authority: Authority, content: RevocationList) -> bytes:
    """Sign a complete list in DER: version 2, with its number and its issuer's key identifier.

    Every entry gives the reason keyCompromise: no other reason exists for keys of ours.

    Raises:
        KeyUnavailable: custody cannot reach the key now.
    """
    issuer = authority.certificate
    listed: dict[str, object] = {
        "version": "v2",
        "signature": authority.algorithm,
        "issuer": issuer.subject,
        "this_update": _time(content.this_update),
        "next_update": _time(content.next_update),
        "crl_extensions": [
            _extension(
                "authority_key_identifier",
                asn1.AuthorityKeyIdentifier({"key_identifier": issuer.key_identifier}),
            ),
            _extension("crl_number", core.Integer(content.number)),
        ],
    }
    if content.revoked:  # RFC 5280 5.1.2.6: absent when nothing is revoked
        listed["revoked_certificates"] = [_entry(*one) for one in sorted(content.revoked.items())]
    tbs = crl.TbsCertList(listed)
    signature = authority.sign(tbs.dump())
    whole = crl.CertificateList(
        {
            "tbs_cert_list": tbs,
            "signature_algorithm": authority.algorithm,
            "signature": signature,
        }
    )
    return bytes(whole.dump())


def read(data: bytes, issuer: bytes) -> RevocationList:
    """Read a list and prove that the authority with this certificate (DER) signed it.

    Raises:
        RevocationUnavailable: not a list, changed, or another authority's.
    """
    try:
        found = x509.load_der_x509_crl(data)
        authority = x509.load_der_x509_certificate(issuer)
        genuine = found.issuer == authority.subject and found.is_signature_valid(
            authority.public_key()  # type: ignore[arg-type]  # refused at run time if not one that signs
        )
        number = found.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
        revoked = {one.serial_number: one.revocation_date_utc for one in found}
        until = found.next_update_utc
    except (*chains.UNREADABLE, x509.ExtensionNotFound, InvalidSignature) as cause:
        raise RevocationUnavailable("a revocation list cannot be read") from cause
    if not genuine or until is None:
        raise RevocationUnavailable("a revocation list is not its authority's")
    return RevocationList(number, found.last_update_utc, until, revoked)


def serial_of(der: bytes) -> int:
    """The serial of one of our own certificates."""
    return x509.load_der_x509_certificate(der).serial_number


def _entry(serial: int, since: datetime) -> dict[str, object]:
    reason = _extension("crl_reason", crl.CRLReason("key_compromise"))
    return {
        "user_certificate": serial,
        "revocation_date": _time(since),
        "crl_entry_extensions": [reason],
    }


def _extension(name: str, value: object) -> dict[str, object]:
    return {"extn_id": name, "critical": False, "extn_value": value}


def _time(moment: datetime) -> Any:  # noqa: ANN401 - asn1crypto has no types
    return asn1.Time({"utc_time" if moment.year <= LAST_UTC_YEAR else "general_time": moment})
