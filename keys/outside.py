"""Time-stamp authorities of others, as the trust list names them (RFC 3161).

We hold none of their keys and issue none of their certificates. What the list says is:
between these moments we had documents stamped by whoever holds this certificate, under
this policy. It is said for ever, because the documents live on.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from keys import chains, jws, moments
from keys.errors import StateRefused, TrustListInvalid

NAME = re.compile(r"[a-z0-9][a-z0-9-]{2,59}")
POLICY = re.compile(r"[0-2](\.(0|[1-9][0-9]{0,38})){1,30}")
_MEMBERS = {"name", "policy", "certificates", "since"}
_MAY = {"until", "compromisedSince"}


@dataclass(frozen=True, slots=True)
class OutsideAuthority:
    """One certificate of an outside authority, and when its time-stamps were ours to use."""

    name: str
    policy: str
    """OID that its tokens must name."""
    certificates: tuple[bytes, ...]
    """In DER, its own first, then its issuers as far up as anybody will want to look."""
    since: datetime
    until: datetime | None = None
    compromised_since: datetime | None = None

    def could_sign(self, at: datetime) -> bool:
        """Tell whether a token of that moment counts."""
        ends = [end for end in (self.until, self.compromised_since) if end is not None]
        return at >= self.since and all(at < end for end in ends)


def member_of(authority: OutsideAuthority) -> dict[str, object]:
    """Write an authority as the list has it; `authority_of` reads it back."""
    return {
        "name": authority.name,
        "policy": authority.policy,
        "certificates": [base64.b64encode(one).decode() for one in authority.certificates],
        "since": moments.written(authority.since),
        **moments.ends(until=authority.until, compromisedSince=authority.compromised_since),
    }


def authority_of(member: Mapping[str, object]) -> OutsideAuthority:
    """Read one authority as the list writes it.

    Raises:
        TrustListInvalid: members missing or unknown, or not a time-stamp authority.
    """
    if not _MEMBERS <= set(member) <= _MEMBERS | _MAY:
        raise TrustListInvalid("a time-stamp authority has missing or unknown members")
    authority = OutsideAuthority(
        name=jws.text(member["name"]),
        policy=jws.text(member["policy"]),
        certificates=jws.certificates(member["certificates"]),
        since=moments.read(member["since"]),
        until=moments.read_if_any(member.get("until")),
        compromised_since=moments.read_if_any(member.get("compromisedSince")),
    )
    require_sound(authority)
    return authority


def require_sound(authority: OutsideAuthority) -> None:
    """Hold an authority to the rules for one.

    Its path ends at the last certificate that stands here: that one is nobody's root but its
    own, and nothing else is ever judged by it.

    Raises:
        TrustListInvalid: the first rule that it breaks.
    """
    if not NAME.fullmatch(authority.name) or not POLICY.fullmatch(authority.policy):
        raise TrustListInvalid("a time-stamp authority needs a short name and a policy (OID)")
    loaded = [chains.load(one) for one in authority.certificates]
    if not loaded:
        raise TrustListInvalid("a time-stamp authority has no certificate")
    start = max(one.not_valid_before_utc for one in loaded)
    own = chains.path_of(authority.certificates, roots=authority.certificates[-1:], at=start)[0]
    if chains.only_purpose(own) != ExtendedKeyUsageOID.TIME_STAMPING:
        raise TrustListInvalid("a time-stamp authority's certificate is for time-stamps only")
    if not isinstance(own.public_key(), ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
        raise TrustListInvalid("a time-stamp authority signs with ECDSA or RSA")


def added(
    known: tuple[OutsideAuthority, ...], authority: OutsideAuthority
) -> tuple[OutsideAuthority, ...]:
    """Put one more authority behind those that are known.

    Raises:
        StateRefused: its name or its certificate is known already.
    """
    if any(one.name == authority.name for one in known):
        raise StateRefused(f"There is an authority {authority.name} already: choose another name.")
    if any(one.certificates[0] == authority.certificates[0] for one in known):
        raise StateRefused("An authority with this certificate is on the list already.")
    return (*known, authority)


def with_word(
    known: tuple[OutsideAuthority, ...], authority: OutsideAuthority
) -> tuple[OutsideAuthority, ...]:
    """What is known after one more word about an authority: a new one, or an end of a known one.

    Raises:
        StateRefused: it takes something back, or says nothing new.
    """
    for old in known:
        if old.name == authority.name:
            if not follows(authority, old) or authority == old:
                raise StateRefused(f"What is known of {old.name} cannot be taken back.")
            return tuple(authority if one is old else one for one in known)
    return added(known, authority)


def ended(authority: OutsideAuthority, at: datetime) -> OutsideAuthority:
    """No token of that moment or later counts. The end can be moved back, never forward.

    Raises:
        StateRefused: it ended before, or had not begun.
    """
    if at < authority.since or not _is_earlier(at, authority.until):
        raise StateRefused(f"{authority.name} cannot end as of then.")
    return replace(authority, until=at)


def compromised(authority: OutsideAuthority, at: datetime) -> OutsideAuthority:
    """Somebody else may have had its key since that moment, which can only be moved back.

    Raises:
        StateRefused: it was compromised before that already.
    """
    if not _is_earlier(at, authority.compromised_since):
        raise StateRefused(f"{authority.name} is compromised since an earlier moment already.")
    return replace(authority, compromised_since=at)


def follows(new: OutsideAuthority, old: OutsideAuthority) -> bool:
    """Tell whether the newer word about an authority takes nothing of the older back."""
    same = replace(new, until=old.until, compromised_since=old.compromised_since) == old
    pairs = ((new.until, old.until), (new.compromised_since, old.compromised_since))
    return same and all(was is None or (now is not None and now <= was) for now, was in pairs)


def all_follow(new: Iterable[OutsideAuthority], old: Iterable[OutsideAuthority]) -> bool:
    """Tell whether every authority of before is still there, with nothing taken back."""
    now = {one.name: one for one in new}
    return all(one.name in now and follows(now[one.name], one) for one in old)


def _is_earlier(at: datetime, end: datetime | None) -> bool:
    return end is None or at < end
