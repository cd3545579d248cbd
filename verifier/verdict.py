"""The nouns of an answer: checks with three values, and the one verdict they lead to.

Order matters to readers of this file: a `Check` is what was seen, `Evidence` is
everything that was seen, a `Verdict` is what it means. Only `deciding` goes from
one to the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from enum import StrEnum
from typing import Any

from keys.moments import written

VERIFIER_VERSION = "1.1"
NOT_NEEDED = "not_needed"
"""Reason of a check that could add nothing, as every byte is as issued. Nobody is told of it."""

Facts = dict[str, Any]
"""Machine data of one document: JSON values only, whitelisted by the reader."""


class VerdictCode(StrEnum):
    """The ten answers; a person sees exactly one."""

    GENUINE_CURRENT = "GENUINE_CURRENT"
    GENUINE_STATUS_UNKNOWN = "GENUINE_STATUS_UNKNOWN"
    SUPERSEDED = "SUPERSEDED"
    WITHDRAWN = "WITHDRAWN"
    ALTERED = "ALTERED"
    NOT_OURS = "NOT_OURS"
    NOT_ORIGINAL = "NOT_ORIGINAL"
    QR_GENUINE_COMPARE = "QR_GENUINE_COMPARE"
    SHARE_ENDED = "SHARE_ENDED"
    CANNOT_CHECK = "CANNOT_CHECK"

    @property
    def is_positive(self) -> bool:
        """Whether the document may be relied on as far as anybody can tell."""
        return self in POSITIVE

    @property
    def shows_facts(self) -> bool:
        """Whether the answer may repeat what is printed in the document."""
        return self in SHOWS_FACTS


POSITIVE = frozenset(
    {
        VerdictCode.GENUINE_CURRENT,
        VerdictCode.GENUINE_STATUS_UNKNOWN,
        VerdictCode.QR_GENUINE_COMPARE,
    }
)
SHOWS_FACTS = POSITIVE | {VerdictCode.SUPERSEDED}


class CheckResult(StrEnum):
    """What came of one check. There is no fourth value and no default."""

    PASS = "pass"  # noqa: S105 - a result, not a password
    FAIL = "fail"
    NOT_DONE = "not_done"


class CheckName(StrEnum):
    """The checks, in the order in which they are made and shown."""

    SHARE = "share"
    FILE_TYPE = "file_type"
    KNOWN_BYTES = "known_bytes"
    CODE_ADDRESS = "code_address"
    CODE_SIGNED = "code_signed"
    SEAL_PRESENT = "seal_present"
    SEAL_OURS = "seal_ours"
    SEAL_INTACT = "seal_intact"
    NOTHING_ADDED = "nothing_added"
    TIME_STAMP = "time_stamp"
    MACHINE_DATA = "machine_data"
    STATUS = "status"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, what came of it, and why (a stable key)."""

    name: CheckName
    result: CheckResult
    reason: str

    @property
    def counts(self) -> bool:
        """Whether it has anything to say about this file."""
        return self.reason != NOT_NEEDED


def passed(name: CheckName, reason: str) -> Check:
    """A check that was made and was good."""
    return Check(name, CheckResult.PASS, reason)


def failed(name: CheckName, reason: str) -> Check:
    """A check that was made and was not good."""
    return Check(name, CheckResult.FAIL, reason)


def not_done(name: CheckName, reason: str) -> Check:
    """A check that could not be made; it counts for nobody."""
    return Check(name, CheckResult.NOT_DONE, reason)


class Way(StrEnum):
    """What was handed over. It decides what a check can prove (`spec/verifier.md` 3.2)."""

    FILE = "file"
    CODE = "code"
    """The text of a QR code, by camera or by hand: it proves its facts, never a paper."""
    SHARE = "share"
    """The secret of a share link."""
    FINGERPRINT = "fingerprint"
    """Only the SHA-256 of a file that stayed where it was."""


CODE_CHECKS = (CheckName.CODE_ADDRESS, CheckName.CODE_SIGNED)
SEAL_CHECKS = (
    CheckName.SEAL_PRESENT,
    CheckName.SEAL_OURS,
    CheckName.SEAL_INTACT,
    CheckName.NOTHING_ADDED,
    CheckName.TIME_STAMP,
)
"""All must pass before an unknown file can be genuine."""
BELONGS: Mapping[Way, frozenset[CheckName]] = {
    Way.FILE: frozenset(
        {
            CheckName.FILE_TYPE,
            CheckName.KNOWN_BYTES,
            *SEAL_CHECKS,
            CheckName.MACHINE_DATA,
            CheckName.STATUS,
        }
    ),
    Way.CODE: frozenset({CheckName.FILE_TYPE, *CODE_CHECKS, CheckName.STATUS}),
    Way.SHARE: frozenset({CheckName.SHARE}),
    Way.FINGERPRINT: frozenset({CheckName.FILE_TYPE, CheckName.KNOWN_BYTES, CheckName.STATUS}),
}
"""Checks that are told of even when nobody made them; others only when they were made."""


@dataclass(frozen=True, slots=True)
class Details:
    """What an expert asks for: closed, and without anything about a person."""

    file_sha256: str | None = None
    covered_sha256: str | None = None
    """Over what the signature covers, where that is not the whole file."""
    signature_algorithm: str | None = None
    """JOSE name, as the trust list pins it."""
    key_id: str | None = None
    """Of the signing key, from the trust list; None where the signer is not ours."""
    key_subject: str | None = None
    """Subject of OUR key's certificate (RFC 4514), never of a stranger's."""
    time_stamped_at: datetime | None = None
    time_stamp_authority: str | None = None
    """Its key id in the trust list, or the name of an outside authority there."""
    trust_list_serial: int | None = None
    trust_list_issued_at: datetime | None = None
    status_checked_at: datetime | None = None
    provider: str | None = None
    """Who abroad signed it, as the registry of EMREX names them; not us."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that was seen of one file. A check that is missing was not done."""

    checks: tuple[Check, ...] = ()
    our_signature: bool = False
    """A key of ours verifiably signed the attributes in this file, whatever else is wrong."""
    covered_digest: str | None = None
    """SHA-256 (hex) over the bytes that the seal covers."""
    document_number: str | None = None
    facts: Facts | None = None
    flags: tuple[str, ...] = ()
    way: Way = Way.FILE
    details: Details = Details()

    def of(self, name: CheckName) -> Check:
        """The check of that name; one that nobody made is `not_done`."""
        found = [check for check in self.checks if check.name is name]
        return found[-1] if found else not_done(name, "not_reached")

    def told(self) -> tuple[Check, ...]:
        """The checks to tell of: those that belong to this way, and whatever else was made."""
        made = {check.name for check in self.checks}
        return tuple(self.of(name) for name in CheckName if name in BELONGS[self.way] | made)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The one answer about one file, with its grounds."""

    code: VerdictCode
    checks: tuple[Check, ...]
    reasons: tuple[str, ...]
    flags: tuple[str, ...]
    facts: Facts | None
    checked_at: datetime
    verifier_version: str = VERIFIER_VERSION
    way: Way = Way.FILE
    details: Details = Details()


def to_json(verdict: Verdict) -> dict[str, Any]:
    """The verdict as the API and `echt verify --json` tell it (times in UTC, RFC 3339)."""
    return {
        "code": verdict.code.value,
        "way": verdict.way.value,
        "checks": {one.name.value: one.result.value for one in verdict.checks if one.counts},
        "reasons": list(verdict.reasons),
        "flags": list(verdict.flags),
        "facts": verdict.facts,
        "checkedAt": written(verdict.checked_at),
        "verifierVersion": verdict.verifier_version,
        "details": details_to_json(verdict.details),
    }


def details_to_json(details: Details) -> dict[str, str | int | None]:
    """The details under the names of the API; what is not known is null."""
    told = ((one.name, getattr(details, one.name)) for one in fields(details))
    return {_camel(name): _json(value) for name, value in told}


def _json(value: datetime | str | int | None) -> str | int | None:
    return written(value) if isinstance(value, datetime) else value


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
