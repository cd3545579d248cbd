"""The nouns of an answer: checks with three values, and the one verdict they lead to.

Order matters to readers of this file: a `Check` is what was seen, `Evidence` is
everything that was seen, a `Verdict` is what it means. Only `deciding` goes from
one to the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datetime import datetime

VERIFIER_VERSION = "1.0"

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

    FILE_TYPE = "file_type"
    KNOWN_BYTES = "known_bytes"
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


def passed(name: CheckName, reason: str) -> Check:
    """A check that was made and was good."""
    return Check(name, CheckResult.PASS, reason)


def failed(name: CheckName, reason: str) -> Check:
    """A check that was made and was not good."""
    return Check(name, CheckResult.FAIL, reason)


def not_done(name: CheckName, reason: str) -> Check:
    """A check that could not be made; it counts for nobody."""
    return Check(name, CheckResult.NOT_DONE, reason)


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

    def of(self, name: CheckName) -> Check:
        """The check of that name; one that nobody made is `not_done`."""
        found = [check for check in self.checks if check.name is name]
        return found[-1] if found else not_done(name, "not_reached")


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


def to_json(verdict: Verdict) -> dict[str, Any]:
    """The verdict as the API and `echt verify --json` tell it (times in UTC, RFC 3339)."""
    return {
        "code": verdict.code.value,
        "checks": {check.name.value: check.result.value for check in verdict.checks},
        "reasons": list(verdict.reasons),
        "flags": list(verdict.flags),
        "facts": verdict.facts,
        "checkedAt": verdict.checked_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "verifierVersion": verdict.verifier_version,
    }
