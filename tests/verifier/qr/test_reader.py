"""A code is ours to the letter and to the bit, or it is not ours."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import cbor2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from credentials.facts import sign_facts
from credentials.lines import award_day
from keys import hierarchy, publishing
from keys.trust import KeyState
from tests.credentials.people import PEOPLE, extract
from tests.verifier.coded import CLAIMS, ISSUED, OURS, letters, octets, statement
from tests.verifier.conftest import a_verifier
from tests.verifier.memory import MemoryStatuses
from tests.verifier.sealed import ADDRESS, NOW, NUMBER, World, make_world, publish
from verifier.lines import numbered_lines
from verifier.ports import Status
from verifier.qr.cbor import NotDeterministic, decode
from verifier.verdict import CheckName, CheckResult, VerdictCode, Way
from verifier.verifying import Verifier


@pytest.fixture(scope="module", name="code")
def _code(world: World) -> str:
    return letters(statement(world))


def test_a_genuine_code_shows_its_facts_and_asks_to_compare(verifier: Verifier, code: str) -> None:
    """verifier.md 3.1 and goal 5."""
    verdict = verifier.verify_code(OURS + code)

    assert verdict.code is VerdictCode.QR_GENUINE_COMPARE
    assert verdict.way is Way.CODE
    assert verdict.facts is not None
    assert verdict.facts["holder"] == {"name": CLAIMS[2], "birthDate": CLAIMS[3]}
    assert verdict.details.key_id is not None
    assert verdict.details.signature_algorithm == "ES256"
    assert verifier.verify_text(f" {code}\n").code is VerdictCode.QR_GENUINE_COMPARE
    assert verifier.verify((OURS + code).encode()).code is VerdictCode.QR_GENUINE_COMPARE


@pytest.mark.parametrize(
    ("status", "code_"),
    [
        (Status.SUPERSEDED, VerdictCode.SUPERSEDED),
        (Status.WITHDRAWN, VerdictCode.WITHDRAWN),
    ],
)
def test_the_register_has_the_last_word(
    status: Status, code_: VerdictCode, world: World, code: str
) -> None:
    verifier = a_verifier(world, statuses=MemoryStatuses({NUMBER: status}))

    assert verifier.verify_code(OURS + code).code is code_


def test_offline_a_code_is_genuine_when_issued_and_still_to_compare(
    verifier: Verifier, statuses: MemoryStatuses, code: str
) -> None:
    """verifier.md 3.10 and goal 6."""
    verdict = verifier.verify_code(OURS + code, offline=True)

    assert verdict.code is VerdictCode.GENUINE_STATUS_UNKNOWN
    assert verdict.facts is not None
    assert statuses.asked == []


@pytest.mark.parametrize(
    "place",
    [
        f"https://www.{ADDRESS}/#",
        f"https://{ADDRESS}.evil.example/#",
        f"https://{ADDRESS}@evil.example/#",
        f"https://user@{ADDRESS}/#",
        f"https://{ADDRESS}:443/#",
        f"HTTPS://{ADDRESS}/#",
        f"https://{ADDRESS.upper()}/#",
        f"https://{ADDRESS}./#",
        f"http://{ADDRESS}/#",
        "https://echt%2Evoorbeeld.nl/#",
        "https://\u0435cht.voorbeeld.nl/#",
        "https://xn--cht-qdd.voorbeeld.nl/#",
        "https://echt.voorbee1d.nl/#",
        "https://echt-voorbeeld.nl/#",
        "https://echt.voorbeeld.com/#",
        f"https://evil.example/{ADDRESS}/#",
        f"https://evil.example/?u=https://{ADDRESS}/#",
        f"//{ADDRESS}/#",
        f"https:\\\\{ADDRESS}/#",
    ],
)
def test_every_other_spelling_of_the_host_is_a_look_alike(
    place: str, verifier: Verifier, code: str
) -> None:
    """verifier.md 4.11, F9: also with genuine facts behind it, and also with none."""
    for fragment in (code, "anything"):
        verdict = verifier.verify_code(place + fragment)

        assert verdict.code is VerdictCode.NOT_OURS
        assert verdict.flags == ("lookalike_host",)
        assert verdict.facts is None


def test_our_facts_at_any_other_host_are_a_look_alike(verifier: Verifier, code: str) -> None:
    verdict = verifier.verify_code(f"https://evil.example/#{code}")

    assert (verdict.code, verdict.flags) == (VerdictCode.NOT_OURS, ("lookalike_host",))


@pytest.mark.parametrize(
    "text", ["https://restaurant.example/menu", "WIFI:S:x;P:y;;", "mailto:a@b.example"]
)
def test_an_unrelated_code_is_not_ours_and_nothing_worse(text: str, verifier: Verifier) -> None:
    verdict = verifier.verify_code(text)

    assert (verdict.code, verdict.flags) == (VerdictCode.NOT_OURS, ())


@settings(max_examples=200)
@given(at=st.integers(min_value=0), bit=st.integers(0, 7))
def test_a_flip_of_any_bit_is_not_ours(at: int, bit: int, world: World, code: str) -> None:
    """verifier.md goal 5: anywhere in the statement, headers and signature included."""
    flipped = bytearray(octets(code))
    flipped[at % len(flipped)] ^= 1 << bit

    verdict = a_verifier(world).verify_code(OURS + letters(bytes(flipped)))

    assert verdict.code is VerdictCode.NOT_OURS
    assert verdict.flags
    assert verdict.facts is None


@given(at=st.integers(min_value=0), letter=st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567=08a%"))
def test_another_letter_anywhere_is_not_ours(at: int, letter: str, world: World, code: str) -> None:
    at %= len(code)
    changed = code[:at] + letter + code[at + 1 :]

    verdict = a_verifier(world).verify_code(OURS + changed)

    assert (verdict.code is VerdictCode.NOT_OURS) is (changed != code)


@pytest.mark.parametrize("after", ["A", "AA", "AAAAAAAA", "=", "#", "?", "/", " x"])
def test_nothing_may_follow_the_facts(after: str, verifier: Verifier, code: str) -> None:
    assert verifier.verify_code(OURS + code + after).code is VerdictCode.NOT_OURS


def test_a_key_of_another_purpose_or_hierarchy_does_not_sign_codes(
    world: World, verifier: Verifier, tmp_path: Path
) -> None:
    other = make_world(tmp_path)
    for foreign in (statement(world, purpose="seal"), statement(other)):
        verdict = verifier.verify_code(OURS + letters(foreign))
        assert verdict.code is VerdictCode.NOT_OURS
        assert "code_other_key" in verdict.reasons


def test_codes_outlive_the_key_that_signed_them_and_not_its_loss(tmp_path: Path) -> None:
    """Paper lies in drawers for years: retiring a key takes nothing away, losing it does."""
    world = make_world(tmp_path)
    code = letters(statement(world))
    kid = hierarchy.open_signer(world.keys, "facts").key.kid
    new = hierarchy.announce(world.keys, "facts", now=NOW - timedelta(days=31))
    publishing.change_state(world.keys, new, KeyState.ACTIVE, at=NOW)
    publishing.change_state(world.keys, kid, KeyState.RETIRED, at=NOW)
    later = NOW + timedelta(days=30)
    retired = a_verifier(world, trust=publish(world.keys, now=later), clock=later)
    assert retired.verify_code(OURS + code).code is VerdictCode.GENUINE_STATUS_UNKNOWN

    publishing.change_state(world.keys, kid, KeyState.COMPROMISED, at=NOW)
    lost = a_verifier(world, trust=publish(world.keys, now=later), clock=later)
    verdict = lost.verify_code(OURS + code)
    assert verdict.code is VerdictCode.CANNOT_CHECK
    assert "key_compromised" in verdict.reasons
    assert verdict.flags == ()


@pytest.mark.parametrize("issued", [ISSUED + 86400 * 400, 0, -1, 1 << 62])
def test_a_time_that_does_not_fit_the_key_proves_nothing(
    issued: int, world: World, verifier: Verifier
) -> None:
    verdict = verifier.verify_code(OURS + letters(statement(world, CLAIMS | {14: issued})))

    assert verdict.code is VerdictCode.CANNOT_CHECK
    assert verdict.facts is None


@pytest.mark.parametrize("changed", [{0: 2}, {2: 7}, {12: "6"}, {14: "now"}])
def test_facts_of_a_newer_form_cannot_be_checked_here(
    changed: dict[int, object], world: World, verifier: Verifier
) -> None:
    verdict = verifier.verify_code(OURS + letters(statement(world, CLAIMS | changed)))

    assert verdict.code is VerdictCode.CANNOT_CHECK
    assert "code_newer" in verdict.reasons


def test_a_new_fact_under_a_new_number_is_passed_over(world: World, verifier: Verifier) -> None:
    """docs/qr-facts.md: a new fact gets a new number."""
    verdict = verifier.verify_code(OURS + letters(statement(world, CLAIMS | {99: "x"})))

    assert verdict.code is VerdictCode.QR_GENUINE_COMPARE


@pytest.mark.parametrize("person", PEOPLE)
def test_the_lines_are_those_of_the_paper(person: str, world: World, verifier: Verifier) -> None:
    """The numbers and labels of a code are those of the page that carries it."""
    asked = extract(person)
    signer = hierarchy.open_signer(world.keys, "facts")

    verdict = verifier.verify_code(sign_facts(asked, signer, address=ADDRESS))

    facts = verdict.facts
    assert facts is not None
    assert verdict.details.key_id == signer.key.kid
    shown = {line.number: line.parts[0].text for line in numbered_lines(facts, "en", str)}
    assert set(shown) <= set(range(1, 10))
    assert shown[9] == asked.number
    then = award_day(asked.record.award.awarded, asked.issued_at.date())
    assert shown[5] == asked.record.institution.name_on(then)


@given(
    value=st.recursive(
        st.integers(-(2**63), 2**64 - 1) | st.binary(max_size=40) | st.text(max_size=40),
        lambda inner: (
            st.lists(inner, max_size=4)
            # Keys of one kind: over both that library sorts as RFC 7049 did, by length first.
            | st.dictionaries(st.integers(0, 2**40), inner, max_size=4)
            | st.dictionaries(st.text(max_size=5), inner, max_size=4)
        ),
        max_leaves=12,
    )
)
def test_what_another_library_writes_canonically_is_read_back(value: object) -> None:
    written = cbor2.dumps(value, canonical=True)
    try:
        assert decode(written) == value
    except NotDeterministic as refusal:
        assert str(refusal) == "too deep"  # noqa: PT017 - the one honest reason here


@given(data=st.binary(max_size=80))
def test_one_value_has_one_spelling(data: bytes) -> None:
    """RFC 8949 4.2.1, held against a library that is not ours."""
    try:
        value = decode(data)
    except NotDeterministic:
        return
    loaded = cbor2.loads(data)
    assert cbor2.dumps(loaded, canonical=True) == data or type(value).__name__ == "Tagged"


def test_without_a_good_list_of_keys_a_code_is_not_judged(world: World, code: str) -> None:
    verdict = a_verifier(world, trust=os.urandom(40)).verify_code(OURS + code)

    assert verdict.code is VerdictCode.CANNOT_CHECK
    checks = {check.name: check.result for check in verdict.checks}
    assert checks[CheckName.CODE_SIGNED] is CheckResult.NOT_DONE
