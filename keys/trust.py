"""The published trust list: which keys are ours, for what, and for which moments.

This is the one module of this room that a verifier imports: public keys and rules,
never a private key. The list is signed by a key whose certificate has its own
purpose and leads to our root. Hold the root from elsewhere (`pinned_root`) to know
that the list is ours; without it the list only proves that nobody changed it since.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from keys import chains, jws, moments, outside
from keys.errors import TrustListInvalid
from keys.outside import OutsideAuthority

FORMAT, VERSION = "echt-trust", 2
WITHOUT_AUTHORITIES = 1
"""The version before outside authorities were listed; still read, no longer written."""
CLOCK_SKEW = timedelta(minutes=5)
ALGORITHMS = {"ES256", "ES384", "RS256"}

_LIST = {"format", "version", "issuer", "issuedAt", "expiresAt", "serial", "roots", "keys"}
_MEMBERS = {WITHOUT_AUTHORITIES: _LIST, VERSION: _LIST | {"timestampAuthorities"}}
_KEY = {"kid", "purpose", "algorithm", "state", "since", "certificates"}
_KEY_MAY = {"until", "compromisedSince"}


class KeyState(StrEnum):
    """Where a key stands in its life (platform.md 3.11)."""

    ANNOUNCED = "announced"
    ACTIVE = "active"
    RETIRED = "retired"
    COMPROMISED = "compromised"


@dataclass(frozen=True, slots=True)
class KeyEntry:
    """One published key. `since` to `until` is when it was ours to sign with."""

    kid: str
    purpose: str
    """What it signs: `seal`, `facts`, `receipt`, `webhook`, `emrex`, `trust`, `tsa` or `ocsp`."""
    algorithm: str
    certificates: tuple[bytes, ...]
    """In DER, own first, root last."""
    state: KeyState
    since: datetime
    until: datetime | None = None
    compromised_since: datetime | None = None

    def could_sign(self, at: datetime) -> bool:
        """Tell whether a signature of that moment can be ours."""
        ends = [end for end in (self.until, self.compromised_since) if end is not None]
        return (
            self.state is not KeyState.ANNOUNCED
            and at >= self.since
            and all(at < end for end in ends)
        )


Stamper = KeyEntry | OutsideAuthority


@dataclass(frozen=True, slots=True)
class TrustList:
    """What we publish about our keys, as of one moment."""

    issuer: str
    serial: int
    issued_at: datetime
    expires_at: datetime
    expired: bool
    """Read after `expires_at`: good for looking, not for a verdict (verifier.md 3.10)."""
    roots: tuple[bytes, ...]
    keys: tuple[KeyEntry, ...]
    authorities: tuple[OutsideAuthority, ...] = ()
    """Time-stamp authorities of others that we use or used; no key of theirs is ours."""

    def by_certificate(self, der: bytes) -> KeyEntry | None:
        """Find the key whose own certificate is exactly this one."""
        return next((entry for entry in self.keys if entry.certificates[0] == der), None)

    def issued(self, der: bytes) -> bool:
        """Tell whether an authority of ours issued this certificate, listed or not.

        A key that came into use after this list was made is ours all the same.
        """
        authorities = {entry.certificates[1:] for entry in self.keys}
        return any(chains.is_issued(der, above, self.roots) for above in authorities)

    def by_kid(self, kid: str) -> KeyEntry | None:
        """Find the key of exactly this name."""
        return next((entry for entry in self.keys if entry.kid == kid), None)

    def entries(self, purpose: str) -> tuple[KeyEntry, ...]:
        """All keys of one purpose, in the order of the list."""
        return tuple(entry for entry in self.keys if entry.purpose == purpose)

    def stampers(self) -> tuple[Stamper, ...]:
        """Everybody whose time-stamps count or once counted, our own first."""
        return (*self.entries("tsa"), *self.authorities)

    def stamper(self, der: bytes) -> Stamper | None:
        """Find the time-stamp authority, ours or outside, with exactly this certificate."""
        return next((one for one in self.stampers() if one.certificates[0] == der), None)

    def trusts(self, entry: Stamper, at: datetime) -> bool:
        """Tell whether this list vouches for what that key signed at that moment.

        The moment must be a proven one (a trusted time-stamp): after a compromise
        the thief can write any other time.
        """
        certificate = chains.load(entry.certificates[0])
        valid = certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc
        listed = entry in self.keys or entry in self.authorities
        return listed and valid and entry.could_sign(at)


def read(
    data: bytes, *, now: datetime, pinned_root: bytes | None = None, at_least: int = 0
) -> TrustList:
    """Parse a published list and prove that our trust key signed it.

    `at_least` is the serial of the newest list seen before: an older one is refused.

    Raises:
        TrustListInvalid: not a list of ours, changed, from the future, or rolled back.
    """
    envelope = jws.open_envelope(data)
    stated = _parse(jws.parse(envelope.payload), now)  # not trusted until the signature holds
    roots = stated.roots if pinned_root is None else (pinned_root,)
    if not set(roots) <= set(stated.roots):
        raise TrustListInvalid("the list does not name the root that you hold")
    path = chains.path_of(envelope.chain, roots=roots, at=stated.issued_at)
    if chains.only_purpose(path[0]) != chains.TRUST_LIST_SIGNING:
        raise TrustListInvalid("the list is signed by a key that has another purpose")
    jws.verify(envelope, path[0])
    _check_signer(stated, envelope)
    if stated.issued_at > now + CLOCK_SKEW:
        raise TrustListInvalid("the list comes from the future: check this computer's clock")
    if stated.serial < at_least:
        raise TrustListInvalid("the list is older than one that was seen before")
    return stated


def _check_signer(stated: TrustList, envelope: jws.Envelope) -> None:
    """The list must itself name its signer, with a state in which it may sign."""
    entry = stated.by_kid(envelope.kid)
    if entry is None or entry.purpose != "trust" or entry.certificates[0] != envelope.chain[0]:
        raise TrustListInvalid("the list does not name the key that signed it")
    if not entry.could_sign(stated.issued_at):
        raise TrustListInvalid("the list is signed by a key that was not in use")


def _parse(payload: Mapping[str, object], now: datetime) -> TrustList:
    if payload.get("format") != FORMAT:
        raise TrustListInvalid("the signed object is not a trust list")
    version = _whole(payload.get("version"))
    if version not in _MEMBERS:
        raise TrustListInvalid("the trust list has a version that is not known here")
    if set(payload) != _MEMBERS[version]:
        raise TrustListInvalid("the trust list has missing or unknown members")
    roots = jws.certificates(payload["roots"])
    keys = tuple(entry_of(_object(one)) for one in _list(payload["keys"]))
    if not roots or len({key.kid for key in keys}) != len(keys):
        raise TrustListInvalid("the trust list has no root, or two keys of one name")
    expires = moments.read(payload["expiresAt"])
    listed = TrustList(
        issuer=jws.text(payload["issuer"]),
        serial=_whole(payload["serial"]),
        issued_at=moments.read(payload["issuedAt"]),
        expires_at=expires,
        expired=now >= expires,
        roots=roots,
        keys=keys,
        authorities=_authorities(payload.get("timestampAuthorities", []), keys),
    )
    _check_paths(listed)
    return listed


def _authorities(value: object, keys: Sequence[KeyEntry]) -> tuple[OutsideAuthority, ...]:
    """Each proves its own path as it is read; one name or certificate never means two."""
    found = tuple(outside.authority_of(_object(one)) for one in _list(value))
    names = [one.name for one in found]
    own = {one.certificates[0] for one in found} - {one.certificates[0] for one in keys}
    if len(set(names)) != len(names) or len(own) != len(found):
        raise TrustListInvalid("two time-stamp authorities have one name or one certificate")
    return found


def _check_paths(listed: TrustList) -> None:
    """Every key leads to a root of the list, as of the start of its certificate."""
    for entry in listed.keys:
        start = max(chains.load(one).not_valid_before_utc for one in entry.certificates)
        chains.path_of(entry.certificates, roots=listed.roots, at=start)


def entry_of(member: Mapping[str, object]) -> KeyEntry:
    """Read one key as the list writes it.

    Raises:
        TrustListInvalid: members missing or unknown, or a key that contradicts itself.
    """
    if not _KEY <= set(member) <= _KEY | _KEY_MAY:
        raise TrustListInvalid("a key in the list has missing or unknown members")
    entry = KeyEntry(
        kid=jws.text(member["kid"]),
        purpose=jws.text(member["purpose"]),
        algorithm=jws.text(member["algorithm"]),
        certificates=jws.certificates(member["certificates"]),
        state=_state(member["state"]),
        since=moments.read(member["since"]),
        until=moments.read_if_any(member.get("until")),
        compromised_since=moments.read_if_any(member.get("compromisedSince")),
    )
    compromised = entry.compromised_since is not None
    if entry.algorithm not in ALGORITHMS or not entry.certificates:
        raise TrustListInvalid("a key in the list has no certificate or an unknown algorithm")
    if compromised != (entry.state is KeyState.COMPROMISED):
        raise TrustListInvalid("a key in the list contradicts itself about a compromise")
    if entry.state is KeyState.RETIRED and entry.until is None:
        raise TrustListInvalid("a retired key in the list does not say since when")
    return entry


def _object(value: object) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise TrustListInvalid("an object is missing in the list")
    return value


def _list(value: object) -> Sequence[object]:
    if not isinstance(value, list):
        raise TrustListInvalid("a list is missing in the list")
    return value


def _state(value: object) -> KeyState:
    try:
        return KeyState(jws.text(value))
    except ValueError as cause:
        raise TrustListInvalid("a key in the list has an unknown state") from cause


def member_of(entry: KeyEntry) -> dict[str, object]:
    """Write one key as the list has it; `entry_of` reads it back."""
    member: dict[str, object] = {
        "kid": entry.kid,
        "purpose": entry.purpose,
        "algorithm": entry.algorithm,
        "state": entry.state.value,
        "since": moments.written(entry.since),
        "certificates": [base64.b64encode(one).decode() for one in entry.certificates],
    }
    return member | moments.ends(until=entry.until, compromisedSince=entry.compromised_since)


def _whole(value: object) -> int:
    if type(value) is not int or value < 0:
        raise TrustListInvalid("a whole number is missing in the list")
    return value
