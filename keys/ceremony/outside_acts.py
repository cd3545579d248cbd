"""What a ceremony says about an outside time-stamp authority, and what is known afterwards.

The plan holds the certificates themselves. So a transcript, which holds the plan, proves
every authority without any file beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from keys import outside, outside_book
from keys.ceremony.fields import Fields
from keys.errors import TrustListInvalid
from keys.outside import OutsideAuthority

PEM = r"[A-Za-z0-9+/=\s-]{1,30000}"
_NAME = "a name of small letters, digits and hyphens"


@dataclass(frozen=True, slots=True)
class AddAuthority:
    """From now on documents may be stamped by this authority."""

    authority: OutsideAuthority


@dataclass(frozen=True, slots=True)
class EndAuthority:
    """Its time-stamps of that moment and later do not count."""

    name: str
    since: datetime


@dataclass(frozen=True, slots=True)
class LoseAuthority:
    """Somebody else may have had its key since that moment."""

    name: str
    since: datetime


OutsideAct = AddAuthority | EndAuthority | LoseAuthority


def read_add(fields: Fields) -> AddAuthority:
    """Read a plan of kind `authority`.

    Raises:
        CeremonyInvalid: which line, and what belongs there.
    """
    authority = OutsideAuthority(
        name=_name(fields),
        policy=fields.text("policy", outside.POLICY.pattern, "an OID such as 1.2.3.4.1"),
        certificates=_certificates(fields),
        since=fields.moment("since"),
    )
    try:
        outside.require_sound(authority)
    except TrustListInvalid as cause:
        raise fields.wrong("certificates", f"those of a time-stamp authority: {cause}") from cause
    return AddAuthority(authority)


def read_end(fields: Fields) -> EndAuthority:
    """Read a plan of kind `authority-end`; raises as `read_add`."""
    return EndAuthority(_name(fields), fields.moment("since"))


def read_loss(fields: Fields) -> LoseAuthority:
    """Read a plan of kind `authority-compromise`; raises as `read_add`."""
    return LoseAuthority(_name(fields), fields.moment("since"))


def word(known: tuple[OutsideAuthority, ...], act: OutsideAct) -> OutsideAuthority:
    """The authority as it is known after the act.

    Raises:
        UnknownKey: there is no authority of that name.
        StateRefused: what is known does not go that way.
    """
    match act:
        case AddAuthority(authority):
            return authority
        case EndAuthority(name, since):
            return outside.ended(outside_book.named(known, name), since)
        case LoseAuthority(name, since):
            return outside.compromised(outside_book.named(known, name), since)


def begins(act: OutsideAct) -> datetime:
    """The moment that the act speaks of: never one after it was held."""
    return act.authority.since if isinstance(act, AddAuthority) else act.since


def _name(fields: Fields) -> str:
    return fields.text("name", outside.NAME.pattern, _NAME)


def _certificates(fields: Fields) -> tuple[bytes, ...]:
    expected = "certificates in PEM (`certificates: |`), its own first"
    text = fields.text("certificates", PEM, expected)
    try:
        found = x509.load_pem_x509_certificates(text.encode())
    except ValueError as cause:
        raise fields.wrong("certificates", expected) from cause
    return tuple(one.public_bytes(Encoding.DER) for one in found)
