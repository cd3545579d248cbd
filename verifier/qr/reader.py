"""From the text of a code to evidence: is the address ours, did our key sign the facts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from keys.trust import CLOCK_SKEW, KeyState
from verifier.ourkeys import details_of, read_list
from verifier.qr import claims, statement
from verifier.qr.address import Named, Whose, named_by, written_in
from verifier.verdict import Check, CheckName, Evidence, Way, failed, not_done, passed

if TYPE_CHECKING:
    from datetime import datetime

    from keys.trust import KeyEntry, TrustList

FACTS_PURPOSE = "facts"
LOOKALIKE_HOST, LOOKALIKE_CODE = "lookalike_host", "lookalike_code"


@dataclass(frozen=True, slots=True)
class CodeReader:
    """Reads the text of one QR code."""

    address: str
    """The one host that our codes name."""

    def read(self, data: bytes, trust: bytes | None, now: datetime) -> Evidence:
        """Evidence of the code itself: it proves its facts and no paper."""
        return self.judge(written_in(data), trust, now)

    def judge(self, text: str, trust: bytes | None, now: datetime) -> Evidence:
        """What one code is worth; a look-alike is flagged, an unrelated code is not."""
        named = named_by(text, self.address)
        if named.whose is not Whose.OURS:
            flags = (LOOKALIKE_HOST,) if named.whose is Whose.LOOKALIKE else ()
            return _seen(failed(CheckName.CODE_ADDRESS, "other_address"), flags=flags)
        address = passed(CheckName.CODE_ADDRESS, "address_ours")
        listed, problem = read_list(trust, now)
        if listed is None:
            return _seen(address, not_done(CheckName.CODE_SIGNED, problem))
        return _signed(named, listed, now, address)


def claims_to_be_ours(seen: Evidence) -> bool:
    """Whether a code pretends to be one of ours, with or without reason."""
    nothing = seen.of(CheckName.CODE_SIGNED).reason == "no_facts"
    at_ours = seen.of(CheckName.CODE_ADDRESS).result == "pass" and not nothing
    return at_ours or bool(seen.flags)


def _seen(*checks: Check, flags: tuple[str, ...] = ()) -> Evidence:
    return Evidence(checks, flags=flags, way=Way.CODE)


def _signed(named: Named, listed: TrustList, now: datetime, address: Check) -> Evidence:
    name = CheckName.CODE_SIGNED
    if named.facts is None:
        return _seen(address, failed(name, "no_facts"))
    try:
        stated = statement.parse(named.facts)
    except statement.NotAStatement:
        return _seen(address, failed(name, "code_damaged"), flags=(LOOKALIKE_CODE,))
    entry = listed.by_kid(stated.kid)
    if entry is None or entry.purpose != FACTS_PURPOSE:
        return _seen(address, failed(name, "code_other_key"), flags=(LOOKALIKE_CODE,))
    if not statement.is_signed_by(stated, entry):
        return _seen(address, failed(name, "code_signature_fails"), flags=(LOOKALIKE_CODE,))
    return _by_our_key(stated, entry, listed, now, address)


def _by_our_key(
    stated: statement.Statement,
    entry: KeyEntry,
    listed: TrustList,
    now: datetime,
    address: Check,
) -> Evidence:
    covered = hashlib.sha256(stated.covered).hexdigest()
    details = replace(details_of(listed, entry), covered_sha256=covered)
    try:
        facts, issued = claims.facts_of(stated.payload)
    except claims.NotOurFacts:
        seen = _seen(address, not_done(CheckName.CODE_SIGNED, "code_newer"))
        return replace(seen, details=details)
    check = _in_time(entry, listed, issued, now)
    return replace(
        _seen(address, check),
        facts=facts,
        document_number=facts["number"],
        details=details,
    )


def _in_time(entry: KeyEntry, listed: TrustList, issued: datetime, now: datetime) -> Check:
    """Whether the key was ours when it signed.

    The time in a code is our own word and is not proven by anybody else. While nobody but us
    held the key that is enough. After a compromise it is not: a thief writes any time. Then
    nobody can tell from the code alone, and nobody is accused.
    """
    name = CheckName.CODE_SIGNED
    if entry.state is KeyState.COMPROMISED:
        return not_done(name, "key_compromised")
    if entry.state is KeyState.ANNOUNCED:
        return not_done(name, "key_not_on_list_yet")
    if issued > now + CLOCK_SKEW or not listed.trusts(entry, issued):
        return not_done(name, "time_does_not_fit")
    return passed(name, "key_on_list")
