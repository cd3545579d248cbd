"""From evidence to the one verdict: a pure function, no clock, no input, no luck.

The order is that of `spec/verifier.md` 3.2 and the first match wins. Three rules
hold throughout: what was not done never helps a document, what is merely broken
never counts as changed, and nothing is green without the register's word today.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from verifier.verdict import (
    CODE_CHECKS,
    SEAL_CHECKS,
    CheckName,
    CheckResult,
    Evidence,
    Verdict,
    VerdictCode,
    Way,
)

if TYPE_CHECKING:
    from datetime import datetime

PROVES_CHANGE = (CheckName.SEAL_INTACT, CheckName.NOTHING_ADDED, CheckName.MACHINE_DATA)
"""A fail here, under a verified signature of ours, is positive evidence of a change."""


def decide(evidence: Evidence, *, checked_at: datetime) -> Verdict:
    """Give the one verdict that this evidence supports; facts only where they may be shown."""
    code = _code(evidence)
    checks = evidence.told()
    return Verdict(
        code=code,
        checks=checks,
        reasons=tuple(c.reason for c in checks if c.result is not CheckResult.PASS and c.counts),
        flags=evidence.flags,
        facts=evidence.facts if code.shows_facts else None,
        checked_at=checked_at,
        way=evidence.way,
        details=evidence.details,
    )


def _code(evidence: Evidence) -> VerdictCode:
    """Steps 1 to 6; the first that decides is the answer."""
    if evidence.way is Way.SHARE:
        return _by_share(evidence)
    if not _is(evidence, CheckName.FILE_TYPE, CheckResult.PASS):
        return VerdictCode.CANNOT_CHECK
    if evidence.way is Way.CODE:
        return _by_code(evidence)
    if _is(evidence, CheckName.KNOWN_BYTES, CheckResult.PASS):
        return _by_status(evidence)
    return _by_seal(evidence)


def _by_share(evidence: Evidence) -> VerdictCode:
    """A link that still works is opened elsewhere; this answer is only about its end."""
    ended = _is(evidence, CheckName.SHARE, CheckResult.FAIL)
    return VerdictCode.SHARE_ENDED if ended else VerdictCode.CANNOT_CHECK


def _by_code(evidence: Evidence) -> VerdictCode:
    if _any(evidence, CODE_CHECKS, CheckResult.FAIL):
        return VerdictCode.NOT_OURS
    signed = all(_is(evidence, name, CheckResult.PASS) for name in CODE_CHECKS)
    return _by_status(evidence) if signed else VerdictCode.CANNOT_CHECK


def _by_seal(evidence: Evidence) -> VerdictCode:
    if _is(evidence, CheckName.SEAL_PRESENT, CheckResult.FAIL):
        return _without_seal(evidence)
    if not _is(evidence, CheckName.SEAL_PRESENT, CheckResult.PASS):
        return VerdictCode.CANNOT_CHECK
    if _is(evidence, CheckName.SEAL_OURS, CheckResult.FAIL):
        return VerdictCode.NOT_OURS
    if evidence.our_signature and _any(evidence, PROVES_CHANGE, CheckResult.FAIL):
        return VerdictCode.ALTERED
    return _by_status(evidence) if _is_ours_and_whole(evidence) else VerdictCode.CANNOT_CHECK


def _without_seal(evidence: Evidence) -> VerdictCode:
    """A code in a file lowers its verdict when it pretends to be ours, and never raises it."""
    pretends = _any(evidence, CODE_CHECKS, CheckResult.FAIL)
    return VerdictCode.NOT_OURS if pretends else VerdictCode.NOT_ORIGINAL


def _is_ours_and_whole(evidence: Evidence) -> bool:
    complete = all(_is(evidence, name, CheckResult.PASS) for name in SEAL_CHECKS)
    return complete and not _is(evidence, CheckName.MACHINE_DATA, CheckResult.FAIL)


def _by_status(evidence: Evidence) -> VerdictCode:
    check = evidence.of(CheckName.STATUS)
    if check.result is CheckResult.FAIL and check.reason == "withdrawn":
        return VerdictCode.WITHDRAWN
    if check.result is CheckResult.FAIL and check.reason == "superseded":
        return VerdictCode.SUPERSEDED
    if check.result is CheckResult.PASS and evidence.way is Way.CODE:
        return VerdictCode.QR_GENUINE_COMPARE
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
