"""From evidence to the one verdict: a pure function, no clock, no input, no luck.

The order is that of `spec/verifier.md` 3.2 and the first match wins. Three rules
hold throughout: what was not done never helps a document, what is merely broken
never counts as changed, and nothing is green without the register's word today.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.knowing import NOT_NEEDED
from verifier.verdict import CheckName, CheckResult, Evidence, Verdict, VerdictCode

if TYPE_CHECKING:
    from datetime import datetime

SEAL_CHECKS = (
    CheckName.SEAL_PRESENT,
    CheckName.SEAL_OURS,
    CheckName.SEAL_INTACT,
    CheckName.NOTHING_ADDED,
    CheckName.TIME_STAMP,
)
"""All must pass before an unknown file can be genuine."""

PROVES_CHANGE = (CheckName.SEAL_INTACT, CheckName.NOTHING_ADDED, CheckName.MACHINE_DATA)
"""A fail here, under a verified signature of ours, is positive evidence of a change."""


def decide(evidence: Evidence, *, checked_at: datetime) -> Verdict:
    """Give the one verdict that this evidence supports; facts only where they may be shown."""
    code = _code(evidence)
    checks = tuple(evidence.of(name) for name in CheckName)
    return Verdict(
        code=code,
        checks=checks,
        reasons=tuple(
            c.reason for c in checks if c.result is not CheckResult.PASS and c.reason != NOT_NEEDED
        ),
        flags=evidence.flags,
        facts=evidence.facts if code.shows_facts else None,
        checked_at=checked_at,
    )


def _code(evidence: Evidence) -> VerdictCode:
    if not _is(evidence, CheckName.FILE_TYPE, CheckResult.PASS):
        return _unreadable(evidence)
    if _is(evidence, CheckName.KNOWN_BYTES, CheckResult.PASS):
        return _by_status(evidence)
    return _by_seal(evidence)


def _unreadable(evidence: Evidence) -> VerdictCode:
    check = evidence.of(CheckName.FILE_TYPE)
    is_picture = check.result is CheckResult.FAIL and check.reason == "picture"
    return VerdictCode.NOT_ORIGINAL if is_picture else VerdictCode.CANNOT_CHECK


def _by_seal(evidence: Evidence) -> VerdictCode:
    if _is(evidence, CheckName.SEAL_PRESENT, CheckResult.FAIL):
        return VerdictCode.NOT_ORIGINAL
    if not _is(evidence, CheckName.SEAL_PRESENT, CheckResult.PASS):
        return VerdictCode.CANNOT_CHECK
    if _is(evidence, CheckName.SEAL_OURS, CheckResult.FAIL):
        return VerdictCode.NOT_OURS
    if evidence.our_signature and _any(evidence, PROVES_CHANGE, CheckResult.FAIL):
        return VerdictCode.ALTERED
    return _by_status(evidence) if _is_ours_and_whole(evidence) else VerdictCode.CANNOT_CHECK


def _is_ours_and_whole(evidence: Evidence) -> bool:
    complete = all(_is(evidence, name, CheckResult.PASS) for name in SEAL_CHECKS)
    return complete and not _is(evidence, CheckName.MACHINE_DATA, CheckResult.FAIL)


def _by_status(evidence: Evidence) -> VerdictCode:
    check = evidence.of(CheckName.STATUS)
    if check.result is CheckResult.FAIL and check.reason == "withdrawn":
        return VerdictCode.WITHDRAWN
    if check.result is CheckResult.FAIL and check.reason == "superseded":
        return VerdictCode.SUPERSEDED
    if check.result is CheckResult.PASS and _grounds_complete(evidence):
        return VerdictCode.GENUINE_CURRENT
    return VerdictCode.GENUINE_STATUS_UNKNOWN


def _grounds_complete(evidence: Evidence) -> bool:
    """Known bytes need no more; a file known only by its seal needs its machine data too."""
    known = _is(evidence, CheckName.KNOWN_BYTES, CheckResult.PASS)
    return known or _is(evidence, CheckName.MACHINE_DATA, CheckResult.PASS)


def _is(evidence: Evidence, name: CheckName, result: CheckResult) -> bool:
    return evidence.of(name).result is result


def _any(evidence: Evidence, names: tuple[CheckName, ...], result: CheckResult) -> bool:
    return any(_is(evidence, name, result) for name in names)
