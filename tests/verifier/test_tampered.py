"""A sealed file that was changed is never genuine, whatever a general validator says."""

from __future__ import annotations

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from credentials.sealing import Level
from keys import trust as trust_lists
from tests import judges
from tests.attacks.updates import ATTACKS, Anatomy, anatomy, update
from tests.verifier.conftest import a_verifier
from tests.verifier.memory import MemoryStatuses
from tests.verifier.sealed import NOW, NUMBER, World
from verifier.pdf import cms, stamps
from verifier.pdf.reader import PdfReader
from verifier.pdf.revisions import parse
from verifier.pdf.syntax import Refused
from verifier.ports import Status
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
    "dss_emptied": (ALTERED, "archive_data"),
    "second_signature": (ALTERED, "not_one_signature"),
    "seal_rewritten": (ALTERED, "not_one_signature"),
    "other_catalog": (ALTERED, "trailer_changed"),
    "empty_update": (ALTERED, "object_not_archival"),
    "metadata_replaced": (ALTERED, "sealed_object_changed"),
    "structure_replaced": (ALTERED, "sealed_object_changed"),
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
    "cut_in_the_seal": (CANNOT, "damaged"),
    "end_cut": (CANNOT, "damaged"),
    "shifted": (CANNOT, "unknown_type"),
    "seal_cut_off": (UNORIGINAL, "no_seal"),
}


LEVELS = (*Level, "renewed")
"""And a file at B-LTA whose archive time-stamp was renewed twice."""


@pytest.fixture(scope="module", name="files")
def _files(world: World, page: bytes) -> dict[str, Anatomy]:
    """One genuine file at each level."""
    made = {level: world.seal(page, level) for level in Level}
    twice = made[Level.B_LTA]
    for minutes in (30, 20):
        twice = world.preserve(twice, at=NOW - timedelta(minutes=minutes))
    return {level: anatomy(data) for level, data in (made | {"renewed": twice}).items()}


@pytest.fixture(scope="module", name="genuine")
def _genuine(files: dict[str, Anatomy]) -> Anatomy:
    return files[Level.B_T]


def by_seal_alone(world: World) -> Verifier:
    """A verifier that asks no ledger: what is in the file must do."""
    return a_verifier(world, statuses=MemoryStatuses({NUMBER: Status.GOOD}))


@pytest.mark.parametrize("level", LEVELS)
def test_the_untouched_file_is_genuine(level: str, files: dict[str, Anatomy], world: World) -> None:
    """pdf.md 4.14: genuine files accepted."""
    verdict = by_seal_alone(world).verify(files[level].data)

    assert verdict.code is VerdictCode.GENUINE_CURRENT
    assert verdict.facts is not None
    assert verdict.facts["holder"]["name"] == "Noor van den Łukasiewicz-Özdemir"


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("level", LEVELS)
def test_every_change_is_rejected_with_its_reason(
    level: str, attack: str, files: dict[str, Anatomy], world: World
) -> None:
    """pdf.md 2.5 and 4.14, at every level; verifier.md 4.5, 4.7."""
    genuine = files[level]
    changed = ATTACKS[attack](genuine)
    assert changed != genuine.data

    verdict = by_seal_alone(world).verify(changed)

    code, reason = EXPECTED[attack]
    assert verdict.code is code, verdict.reasons
    assert reason is None or reason in verdict.reasons
    assert verdict.facts is None


@given(level=st.sampled_from(LEVELS), bit=st.integers(min_value=0))
@settings(max_examples=200)
@example(level=Level.B_T, bit=0)
def test_no_flipped_bit_leaves_a_file_genuine(
    level: str, bit: int, world: World, files: dict[str, Anatomy]
) -> None:
    """verifier.md 4.6; a flip anywhere, in the content, the seal, the archive or the frame."""
    changed = bytearray(files[level].data)
    position = bit % (8 * len(changed))
    changed[position // 8] ^= 1 << position % 8

    assert not a_verifier(world).verify(bytes(changed)).code.shows_facts


@given(
    level=st.sampled_from(LEVELS),
    place=st.floats(0, 1),
    removed=st.integers(0, 40),
    inserted=st.binary(max_size=40),
)
@settings(max_examples=150)
def test_no_splice_leaves_a_file_genuine(
    level: str,
    place: float,
    removed: int,
    inserted: bytes,
    world: World,
    files: dict[str, Anatomy],
) -> None:
    """pdf.md 4.14, generated variants: bytes cut out and others put in their place."""
    data = files[level].data
    at = int(place * len(data))
    changed = data[:at] + inserted + data[at + removed :]
    verdict = a_verifier(world).verify(changed)

    assert changed == data or not verdict.code.shows_facts


@given(
    level=st.sampled_from(LEVELS),
    number=st.integers(1, 60),
    body=st.sampled_from(
        [b"null", b"<<>>", b"<</Type/Page>>", b"<</Length 1>>\nstream\nx\nendstream", b"[9 0 R]"]
    ),
    listed=st.booleans(),
)
@settings(max_examples=150)
def test_no_update_of_any_object_leaves_a_file_genuine(
    level: str, number: int, body: bytes, world: World, files: dict[str, Anatomy], *, listed: bool
) -> None:
    """pdf.md 3.7.2 and 3.7.3, generated variants: any object written again, listed or not."""
    changed = update(files[level], {number: body}, listed=listed)
    verdict = a_verifier(world).verify(changed)

    assert verdict.code in {ALTERED, CANNOT, UNORIGINAL}


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


def test_a_time_stamp_under_another_tag_is_not_a_seal_without_one(
    world: World, genuine: Anatomy
) -> None:
    """Whoever hides the time-stamp must not get a file that is judged by today's keys."""
    token = b"060b2a864886f70d010910020e"  # id-aa-timeStampToken; its SET stands eight bytes before
    place = genuine.data.index(token, genuine.contents.start) - 16
    assert genuine.data[place : place + 4] == b"a182"
    for tag in (b"a2", b"a0", b"b1", b"31"):
        hidden = genuine.data[:place] + tag + genuine.data[place + 2 :]

        assert by_seal_alone(world).verify(hidden).code is CANNOT


def _holds(contents: bytes, listed: trust_lists.TrustList) -> bool:
    """Whether a container passes all that is asked of it apart from the covered bytes."""
    try:
        container = cms.read(contents)
        entry = cms.entry_for(container, listed)
        if entry is None or not cms.is_signed_by_its_certificate(
            container, cms.pinned_by(container, entry)
        ):
            return False
        cms.require_canonical(container, entry)
        stamps.of_seal(container, listed, known_by=NOW)
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
