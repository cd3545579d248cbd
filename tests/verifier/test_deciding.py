"""Nothing unknown is green, nothing broken is called changed, whatever was seen."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from verifier.deciding import PROVES_CHANGE, decide
from verifier.verdict import (
    BELONGS,
    CODE_CHECKS,
    SEAL_CHECKS,
    Check,
    CheckName,
    CheckResult,
    Evidence,
    Verdict,
    VerdictCode,
    Way,
    failed,
    not_done,
    passed,
    to_json,
)

AT = datetime(2026, 11, 21, 14, 5, tzinfo=UTC)
GREEN = (VerdictCode.GENUINE_CURRENT, VerdictCode.QR_GENUINE_COMPARE)
REASONS = st.sampled_from(["picture", "withdrawn", "superseded", "good", "damaged"])
CHECKS = st.builds(Check, st.sampled_from(CheckName), st.sampled_from(CheckResult), REASONS)
EVIDENCE = st.builds(
    Evidence,
    checks=st.lists(CHECKS, max_size=12).map(tuple),
    our_signature=st.booleans(),
    facts=st.just({"number": "X"}),
    way=st.sampled_from(Way),
)
WHOLE = tuple(
    passed(name, "ok")
    for name in CheckName
    if name in BELONGS[Way.FILE] and name is not CheckName.KNOWN_BYTES
)


def _decide(*checks: Check, ours: bool = True) -> Verdict:
    return decide(Evidence(checks, our_signature=ours, facts={"number": "X"}), checked_at=AT)


def _but(*changed: Check) -> tuple[Check, ...]:
    names = {check.name for check in changed}
    return (*(check for check in WHOLE if check.name not in names), *changed)


@given(evidence=EVIDENCE)
def test_green_needs_every_required_check_to_pass(evidence: Evidence) -> None:
    """verifier.md 4.3 and goal 13."""
    verdict = decide(evidence, checked_at=AT)
    result = {check.name: check.result for check in verdict.checks}

    if verdict.code is VerdictCode.QR_GENUINE_COMPARE:
        assert evidence.way is Way.CODE
        assert all(result[name] is CheckResult.PASS for name in (*CODE_CHECKS, CheckName.STATUS))
    if verdict.code is VerdictCode.GENUINE_CURRENT:
        assert evidence.way in {Way.FILE, Way.FINGERPRINT}
        assert result[CheckName.FILE_TYPE] is CheckResult.PASS
        assert result[CheckName.STATUS] is CheckResult.PASS
        by_seal = all(
            result.get(name) is CheckResult.PASS for name in (*SEAL_CHECKS, CheckName.MACHINE_DATA)
        )
        assert by_seal or result.get(CheckName.KNOWN_BYTES) is CheckResult.PASS


@given(evidence=EVIDENCE)
def test_changed_needs_positive_evidence(evidence: Evidence) -> None:
    verdict = decide(evidence, checked_at=AT)

    if verdict.code is VerdictCode.ALTERED:
        assert evidence.our_signature
        assert any(evidence.of(name).result is CheckResult.FAIL for name in PROVES_CHANGE)


@given(evidence=EVIDENCE)
def test_facts_are_shown_only_of_a_document_that_proved_itself(evidence: Evidence) -> None:
    """verifier.md 3.7, rule 3."""
    verdict = decide(evidence, checked_at=AT)

    assert (verdict.facts is not None) is verdict.code.shows_facts
    assert verdict.code not in {VerdictCode.ALTERED, VerdictCode.NOT_OURS} or not verdict.facts
    told = {check.name for check in verdict.checks}
    made = {check.name for check in evidence.checks}
    assert told == BELONGS[evidence.way] | made
    assert [check.name for check in verdict.checks] == [one for one in CheckName if one in told]


@pytest.mark.parametrize("name", [*SEAL_CHECKS, CheckName.MACHINE_DATA, CheckName.STATUS])
@pytest.mark.parametrize("known", [True, False])
def test_each_check_off_in_turn_costs_the_green(name: CheckName, *, known: bool) -> None:
    """verifier.md 4.3: only known bytes make up for a check of the seal."""
    identity = (passed if known else failed)(CheckName.KNOWN_BYTES, "x")

    verdict = _decide(*_but(identity, not_done(name, "off")))

    still_green = known and name is not CheckName.STATUS
    assert (verdict.code is VerdictCode.GENUINE_CURRENT) is still_green


@pytest.mark.parametrize(
    ("checks", "ours", "code"),
    [
        (WHOLE, True, VerdictCode.GENUINE_CURRENT),
        (_but(not_done(CheckName.STATUS, "x")), True, VerdictCode.GENUINE_STATUS_UNKNOWN),
        (_but(failed(CheckName.STATUS, "superseded")), True, VerdictCode.SUPERSEDED),
        (_but(failed(CheckName.STATUS, "withdrawn")), True, VerdictCode.WITHDRAWN),
        (_but(failed(CheckName.STATUS, "odd")), True, VerdictCode.GENUINE_STATUS_UNKNOWN),
        (_but(not_done(CheckName.MACHINE_DATA, "x")), True, VerdictCode.GENUINE_STATUS_UNKNOWN),
        (_but(failed(CheckName.MACHINE_DATA, "x")), True, VerdictCode.ALTERED),
        (_but(failed(CheckName.SEAL_INTACT, "x")), True, VerdictCode.ALTERED),
        (_but(failed(CheckName.NOTHING_ADDED, "x")), True, VerdictCode.ALTERED),
        (_but(failed(CheckName.SEAL_INTACT, "x")), False, VerdictCode.CANNOT_CHECK),
        (_but(failed(CheckName.MACHINE_DATA, "x")), False, VerdictCode.CANNOT_CHECK),
        (_but(not_done(CheckName.SEAL_INTACT, "x")), True, VerdictCode.CANNOT_CHECK),
        (_but(failed(CheckName.TIME_STAMP, "x")), True, VerdictCode.CANNOT_CHECK),
        (_but(failed(CheckName.SEAL_OURS, "x")), True, VerdictCode.NOT_OURS),
        (_but(not_done(CheckName.SEAL_OURS, "x")), True, VerdictCode.CANNOT_CHECK),
        (_but(failed(CheckName.SEAL_PRESENT, "x")), False, VerdictCode.NOT_ORIGINAL),
        (_but(not_done(CheckName.SEAL_PRESENT, "x")), False, VerdictCode.CANNOT_CHECK),
        (_but(failed(CheckName.FILE_TYPE, "picture")), False, VerdictCode.CANNOT_CHECK),
        (_but(not_done(CheckName.FILE_TYPE, "picture")), False, VerdictCode.CANNOT_CHECK),
        ((), False, VerdictCode.CANNOT_CHECK),
    ],
)
def test_each_picture_has_exactly_one_verdict(
    checks: tuple[Check, ...], *, ours: bool, code: VerdictCode
) -> None:
    """verifier.md 4.1."""
    assert _decide(*checks, ours=ours).code is code


@pytest.mark.parametrize(("result", "name"), list(product(CheckResult, SEAL_CHECKS)))
def test_known_bytes_go_straight_to_the_status(result: CheckResult, name: CheckName) -> None:
    known = passed(CheckName.KNOWN_BYTES, "exactly_as_issued")

    assert _decide(*_but(known, Check(name, result, "x"))).code is VerdictCode.GENUINE_CURRENT
    assert (
        _decide(known, passed(CheckName.FILE_TYPE, "pdf"), Check(name, result, "x")).code
        is VerdictCode.GENUINE_STATUS_UNKNOWN
    )


def test_the_json_names_every_field() -> None:
    told = to_json(_decide(*_but(not_done(CheckName.STATUS, "offline"))))

    details = told.pop("details")
    assert set(details) == {
        "fileSha256",
        "coveredSha256",
        "signatureAlgorithm",
        "keyId",
        "keySubject",
        "timeStampedAt",
        "timeStampAuthority",
        "trustListSerial",
        "trustListIssuedAt",
        "statusCheckedAt",
        "provider",
    }
    assert told == {
        "code": "GENUINE_STATUS_UNKNOWN",
        "way": "file",
        "checks": {
            **{name.value: "pass" for name in CheckName if name in BELONGS[Way.FILE]},
            "known_bytes": "not_done",
            "status": "not_done",
        },
        "reasons": ["not_reached", "offline"],
        "flags": [],
        "facts": {"number": "X"},
        "checkedAt": "2026-11-21T14:05:00Z",
        "verifierVersion": "1.1",
    }
