"""A sealed file that was changed is never genuine, whatever a general validator says."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from keys import trust as trust_lists
from tests import judges
from tests.verifier.attacks import ATTACKS, Anatomy, anatomy
from tests.verifier.conftest import a_verifier
from tests.verifier.sealed import NOW, World
from verifier.pdf import cms
from verifier.pdf.reader import PdfReader
from verifier.pdf.revisions import parse
from verifier.pdf.syntax import Refused
from verifier.verdict import CheckName, CheckResult, VerdictCode
from verifier.verifying import Verifier

ALTERED, CANNOT, UNORIGINAL = (
    VerdictCode.ALTERED,
    VerdictCode.CANNOT_CHECK,
    VerdictCode.NOT_ORIGINAL,
)
EXPECTED = {
    "junk": (ALTERED, "trailing_bytes"),
    "second_line_end": (ALTERED, "trailing_bytes"),
    "null_bytes": (ALTERED, "trailing_bytes"),
    "page_without_table": (ALTERED, None),
    "loose_object": (ALTERED, "trailing_bytes"),
    "info_replaced": (ALTERED, "sealed_object_changed"),
    "page_replaced": (ALTERED, "sealed_object_changed"),
    "annotation": (ALTERED, "annotations_changed"),
    "form_field": (ALTERED, None),
    "names_replaced": (ALTERED, "sealed_object_changed"),
    "javascript": (ALTERED, "sealed_object_changed"),
    "signature_hidden": (ALTERED, "signature_hidden"),
    "dss_alone": (ALTERED, "archive_not_stamped"),
    "content_bit": (ALTERED, "digest_differs"),
    "range_moved": (ALTERED, "byte_range"),
    "range_missing": (CANNOT, "damaged"),
    "range_negative": (ALTERED, "byte_range"),
    "range_short": (ALTERED, "byte_range"),
    "contents_null": (CANNOT, "damaged"),
    "contents_zero": (CANNOT, "damaged"),
    "contents_mixed_case": (ALTERED, "contents_not_canonical"),
    "contents_padding": (CANNOT, "damaged"),
    "truncated": (CANNOT, "damaged"),
    "end_cut": (CANNOT, "damaged"),
    "shifted": (CANNOT, "unknown_type"),
    "seal_cut_off": (UNORIGINAL, "no_seal"),
}


@pytest.fixture(scope="module", name="genuine")
def _genuine(sealed: bytes) -> Anatomy:
    return anatomy(sealed)


def test_the_untouched_file_is_genuine(verifier: Verifier, sealed: bytes) -> None:
    verdict = verifier.verify(sealed)

    assert verdict.code is VerdictCode.GENUINE_CURRENT
    assert verdict.facts is not None
    assert verdict.facts["holder"]["name"] == "Noor van den Łukasiewicz-Özdemir"


@pytest.mark.parametrize("attack", ATTACKS)
def test_every_change_is_rejected_with_its_reason(
    attack: str, genuine: Anatomy, verifier: Verifier
) -> None:
    """pdf.md 2.5 and 4.14; verifier.md 4.5, 4.7."""
    changed = ATTACKS[attack](genuine)
    assert changed != genuine.data

    verdict = verifier.verify(changed)

    code, reason = EXPECTED[attack]
    assert verdict.code is code, verdict.reasons
    assert reason is None or reason in verdict.reasons
    assert verdict.facts is None


@given(bit=st.integers(min_value=0))
@settings(max_examples=150)
@example(bit=0)
def test_no_flipped_bit_leaves_a_file_genuine(bit: int, world: World, sealed: bytes) -> None:
    """verifier.md 4.6; a flip anywhere, in the content, the seal or the frame."""
    changed = bytearray(sealed)
    position = bit % (8 * len(sealed))
    changed[position // 8] ^= 1 << position % 8

    assert not a_verifier(world).verify(bytes(changed)).code.shows_facts


def test_no_bit_of_the_signature_container_is_free(world: World, genuine: Anatomy) -> None:
    """Most of a CMS container is not signed; still, each byte of it has one possible value."""
    listed = trust_lists.read(world.trust, now=NOW)
    contents = genuine.contents.value
    length = len(cms.read(contents).encoded)
    survivors = []
    for position in range(0, 8 * length, 37):
        changed = bytearray(contents)
        changed[position // 8] ^= 1 << position % 8
        if _holds(bytes(changed), listed):
            survivors.append(position)

    assert survivors == []
    assert _holds(contents, listed)


def _holds(contents: bytes, listed: trust_lists.TrustList) -> bool:
    """Whether a container passes all that is asked of it apart from the covered bytes."""
    try:
        container = cms.read(contents)
        entry = cms.entry_for(container, listed)
        if entry is None or not cms.is_signed_by_its_certificate(container, entry.algorithm):
            return False
        cms.require_canonical(container, entry)
        imprint = hashlib.sha256(container.signature).digest()
        cms.stamped_at(cms.stamp_of(container), imprint, listed)
    except (Refused, ValueError, TypeError, KeyError):
        return False
    return True


def test_a_general_rewrite_is_altered_and_says_how_that_happens(
    tmp_path: Path, sealed: bytes, verifier: Verifier
) -> None:
    """verifier.md 4.9: an honest re-save breaks the seal as a forger does."""
    qpdf = judges.require("qpdf")
    (tmp_path / "in.pdf").write_bytes(sealed)
    subprocess.run([qpdf, tmp_path / "in.pdf", tmp_path / "out.pdf"], check=True)

    verdict = verifier.verify((tmp_path / "out.pdf").read_bytes())

    assert verdict.code is VerdictCode.ALTERED
    checks = {check.name: check.result for check in verdict.checks}
    assert checks[CheckName.SEAL_OURS] is CheckResult.PASS
    assert CheckResult.FAIL in (checks[CheckName.SEAL_INTACT], checks[CheckName.NOTHING_ADDED])


def test_a_file_without_a_seal_is_not_the_original(page: bytes, verifier: Verifier) -> None:
    verdict = verifier.verify(page)

    assert verdict.code is VerdictCode.NOT_ORIGINAL
    assert "no_seal" in verdict.reasons


@given(data=st.binary(max_size=300))
def test_the_strict_reader_only_accepts_or_refuses(data: bytes) -> None:
    with pytest.raises(Refused):
        parse(b"%PDF-1.7\n" + data)


def test_evidence_of_our_signature_survives_a_broken_digest(genuine: Anatomy, world: World) -> None:
    evidence = PdfReader().read(ATTACKS["content_bit"](genuine), world.trust, NOW)

    assert evidence.our_signature
    assert evidence.of(CheckName.SEAL_INTACT).reason == "digest_differs"
