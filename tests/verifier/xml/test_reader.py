"""ELMO: what is shown was verified, and nothing that was moved, doubled or hidden is shown."""

from __future__ import annotations

import base64
import gzip
from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.attacks.wrapping import REFUSED, WRAPPINGS, taken_apart
from tests.verifier import conftest, elmo
from tests.verifier.elmo import BODY, C14N, ENVELOPED, EXCLUSIVE, ElmoWorld
from tests.verifier.memory import MemoryIndex, MemoryStatuses
from tests.verifier.sealed import NOW, NUMBER, World, make_world
from verifier.lines import numbered_lines
from verifier.ports import Status
from verifier.verdict import VerdictCode
from verifier.verifying import Verifier

GOOD = frozenset(
    {VerdictCode.GENUINE_CURRENT, VerdictCode.GENUINE_STATUS_UNKNOWN, VerdictCode.SUPERSEDED}
)


@pytest.fixture(scope="module", name="signed")
def _signed(elmo_world: ElmoWorld) -> bytes:
    return elmo_world.elmo()


def a_verifier(world: World, index: MemoryIndex | None = None) -> Verifier:
    statuses = MemoryStatuses({NUMBER: Status.GOOD})
    return conftest.a_verifier(world, index=index, statuses=statuses)


@pytest.fixture(scope="module", name="lone")
def _lone(elmo_world: ElmoWorld) -> Verifier:
    return a_verifier(elmo_world)


@pytest.mark.judge
def test_what_another_program_signed_and_accepts_we_accept(
    elmo_world: ElmoWorld, signed: bytes, lone: Verifier
) -> None:
    certificate = elmo_world.keys / f"{elmo_world.kid}.pem"
    assert elmo.xmlsec_accepts(signed, certificate, elmo_world.folder)

    verdict = lone.verify(signed)

    assert verdict.code is VerdictCode.GENUINE_STATUS_UNKNOWN
    assert verdict.details.key_id == elmo_world.kid
    assert verdict.facts is not None
    shown = {line.number: line.parts[0].text for line in numbered_lines(verdict.facts, "en", str)}
    assert shown == {
        1: "Noor van den Łukasiewicz-Özdemir",
        2: "14 May 2001",
        3: "Bachelor Nursing",
        5: "Hogeschool De Horst",
        6: "5 July 2024, passed",
        7: "NLQF 6, EQF 6",
        10: "8, 15 ECTS credits",
    }


@pytest.mark.parametrize(
    "pack",
    [
        gzip.compress,
        base64.b64encode,
        lambda data: base64.b64encode(gzip.compress(data)),
        lambda data: base64.encodebytes(gzip.compress(data)),
    ],
)
def test_the_wrappings_of_emrex_are_taken_off(
    pack: Callable[[bytes], bytes], signed: bytes, lone: Verifier
) -> None:
    """emrex.md 2.2: base64(gzip(XML)), and every part of that."""
    assert lone.verify(pack(signed)).code is VerdictCode.GENUINE_STATUS_UNKNOWN


def test_known_bytes_are_current(elmo_world: ElmoWorld, signed: bytes) -> None:
    index = MemoryIndex()
    index.add(signed, NUMBER)

    assert a_verifier(elmo_world, index).verify(signed).code is VerdictCode.GENUINE_CURRENT


def test_our_key_without_our_ledger_is_flagged(elmo_world: ElmoWorld, signed: bytes) -> None:
    verdict = a_verifier(elmo_world, MemoryIndex()).verify(signed)

    assert verdict.code is VerdictCode.GENUINE_STATUS_UNKNOWN
    assert verdict.flags == ("seal_not_recorded",)


@pytest.mark.parametrize("canonical", [C14N, EXCLUSIVE])
@pytest.mark.parametrize("second", [(), (C14N,), (EXCLUSIVE,)])
def test_every_form_of_the_accept_profile_is_accepted(
    canonical: str, second: tuple[str, ...], elmo_world: ElmoWorld, lone: Verifier
) -> None:
    """emrex.md 3.5.4, with xmlsec1 as the signer."""
    form = elmo.empty_signature(canonical=canonical, transforms=(ENVELOPED, *second))
    signed = elmo_world.sign(elmo.document(BODY, form))

    assert lone.verify(signed).code is VerdictCode.GENUINE_STATUS_UNKNOWN


def test_an_unsigned_elmo_is_not_the_original(lone: Verifier) -> None:
    verdict = lone.verify(elmo.document())

    assert (verdict.code, verdict.facts) == (VerdictCode.NOT_ORIGINAL, None)


@pytest.mark.parametrize("other", [b"<a/>", b"<html><body>x</body></html>", b"<svg/>"])
def test_another_kind_of_xml_cannot_be_checked(other: bytes, lone: Verifier) -> None:
    verdict = lone.verify(other)

    assert verdict.code is VerdictCode.CANNOT_CHECK
    assert "unknown_xml" in verdict.reasons


def test_a_foreign_signer_is_not_ours_and_may_imitate_us(
    lone: Verifier, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """verifier.md goal 19: the same names, another key."""
    other = elmo.make_elmo_world(tmp_path_factory.mktemp("other"))

    verdict = lone.verify(other.elmo())

    assert (verdict.code, verdict.flags) == (VerdictCode.NOT_OURS, ("imitation",))
    old = other.sign(elmo.document(BODY, elmo.empty_signature(method=elmo.RSA_SHA1)))
    assert lone.verify(old).flags == ("imitation", "legacy_signature")


def test_our_key_by_an_algorithm_that_is_not_pinned_is_not_ours(
    elmo_world: ElmoWorld, lone: Verifier
) -> None:
    for method in (elmo.RSA_SHA1, "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"):
        form = elmo.empty_signature(method=method)
        verdict = lone.verify(elmo_world.sign(elmo.document(BODY, form)))
        assert verdict.code is VerdictCode.NOT_OURS
        assert "algorithm_not_allowed" in verdict.reasons


def test_a_seal_key_does_not_sign_elmo(elmo_world: ElmoWorld, lone: Verifier) -> None:
    key = next(elmo_world.keys.glob("seal-*-rsa3072-*.key"))
    template = elmo.document(BODY, elmo.empty_signature())

    verdict = lone.verify(elmo.xmlsec_sign(template, key, elmo_world.folder))

    assert verdict.code is VerdictCode.NOT_OURS
    assert "key_has_other_purpose" in verdict.reasons


def test_once_the_key_is_lost_nobody_can_tell_and_nobody_is_accused(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    world = elmo.make_elmo_world(tmp_path_factory.mktemp("lost"))
    signed = world.elmo()

    verdict = conftest.a_verifier(world, trust=elmo.compromise(world)).verify(signed)

    assert verdict.code is VerdictCode.CANNOT_CHECK
    assert "no_time_stamp" in verdict.reasons


@settings(max_examples=150)
@given(at=st.integers(min_value=0), letter=st.sampled_from(b"AZ09 <>&/=\"'\n"))
def test_one_changed_letter_is_never_good(
    at: int, letter: int, signed: bytes, lone: Verifier
) -> None:
    """Anywhere: facts, signature, or names of elements. Only what says the same may stay."""
    at %= len(signed)
    changed = signed[:at] + bytes([letter]) + signed[at + 1 :]

    verdict = lone.verify(changed)

    if (
        verdict.code in GOOD
    ):  # white space that base64 or a tag does not mind, KeyInfo, or no change
        before = lone.verify(signed)
        assert verdict.facts == before.facts
        assert verdict.details.covered_sha256 == before.details.covered_sha256


@pytest.mark.parametrize("name", WRAPPINGS)
def test_a_wrapped_document_is_rejected_and_shows_nothing(
    name: str, signed: bytes, lone: Verifier
) -> None:
    """verifier.md 4.15, goal 18, F13; emrex.md 4.65. ALTERED only by our verified signature."""
    verdict = lone.verify(WRAPPINGS[name](*taken_apart(signed)).encode())

    assert verdict.code in {VerdictCode.ALTERED, VerdictCode.CANNOT_CHECK, VerdictCode.NOT_OURS}
    assert verdict.facts is None
    touched = {
        "duplicate_id",
        "reference_to_an_id",
        "no_reference",
        "two_references",
        "xpath_transform",
        "hmac_by_the_public_key",
    }  # the SignedInfo itself was changed: no evidence of ours is left
    assert (verdict.code is VerdictCode.ALTERED) is (name not in touched)


@pytest.mark.parametrize("name", REFUSED)
def test_what_could_split_or_fetch_is_refused_before_parsing(
    name: str, signed: bytes, lone: Verifier
) -> None:
    """emrex.md 4.64; the document may be honest, so nobody is accused."""
    verdict = lone.verify(REFUSED[name](*taken_apart(signed)).encode())

    assert verdict.code is VerdictCode.CANNOT_CHECK
    assert verdict.facts is None


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "utf-7"])
def test_another_encoding_hides_nothing(encoding: str, signed: bytes, lone: Verifier) -> None:
    text = signed.decode().replace("UTF-8", encoding)

    assert lone.verify(text.encode(encoding)).code is VerdictCode.CANNOT_CHECK


def test_two_octets_a_letter_are_not_taken_for_one(lone: Verifier) -> None:
    """Plain letters in UTF-16 without a mark are valid UTF-8; a parser would see a DOCTYPE."""
    text = '<?xml version="1.0" encoding="utf-16le"?><!DOCTYPE elmo><elmo/>'

    assert "xml_encoding" in lone.verify(text.encode("utf-16-le")).reasons


def test_a_signature_broken_on_the_way_accuses_nobody(signed: bytes, lone: Verifier) -> None:
    """verifier.md 3.2 step 6: without a verified SignedInfo there is no positive evidence."""
    head, content, signature = taken_apart(signed)
    value = signature.index("<SignatureValue>") + 40
    letter = "B" if signature[value] == "A" else "A"
    broken = f"{head}{content}{signature[:value]}{letter}{signature[value + 1 :]}</elmo>"

    assert lone.verify(broken.encode()).code is VerdictCode.CANNOT_CHECK


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<a>" * 1000 + b"</a>" * 1000, "xml_too_deep"),
        (b"<a>" + b"<b/>" * 50_001 + b"</a>", "xml_too_many_elements"),
        (
            b"<a>" + b"".join(b"<b c='%d' d='' e='' f=''/>" % n for n in range(3000)) + b"</a>",
            "xml_too_many_attributes",
        ),
        (gzip.compress(bytes(2 * 1024 * 1024), mtime=0), "unpacks_too_large"),
        (gzip.compress(gzip.compress(b"<a/>", mtime=0), mtime=0), "unknown_type"),
        (gzip.compress(b"<a/>", mtime=0) + b"x", "damaged"),
        (gzip.compress(b"<a/>", mtime=0)[:-3], "damaged"),
    ],
)
def test_bombs_and_towers_are_stopped_while_they_grow(
    data: bytes, reason: str, lone: Verifier
) -> None:
    """verifier.md 4.17, emrex.md 4.67."""
    verdict = lone.verify(data)

    assert verdict.code is VerdictCode.CANNOT_CHECK
    assert reason in verdict.reasons


def test_an_expired_list_is_no_proof_of_anything(elmo_world: ElmoWorld, signed: bytes) -> None:
    late = conftest.a_verifier(elmo_world, clock=NOW + timedelta(days=200))

    verdict = late.verify(signed)

    assert verdict.code is VerdictCode.CANNOT_CHECK
    assert "trust_list_expired" in verdict.reasons


def test_a_hierarchy_without_a_key_for_elmo_calls_it_foreign(
    signed: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    other = make_world(tmp_path_factory.mktemp("plain"))

    assert conftest.a_verifier(other).verify(signed).code is VerdictCode.NOT_OURS
