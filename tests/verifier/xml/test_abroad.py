"""ELMO of providers abroad: told from ours, from nobody's, and from what was changed."""

from __future__ import annotations

import gzip
from base64 import b64encode
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from emrex.packing import unpacked
from tests import judges
from tests.emrex.abroad import Abroad, document
from tests.emrex.conftest import signer_in
from tests.verifier import elmo
from tests.verifier.elmo import ElmoWorld
from tests.verifier.memory import MemoryStatuses
from tests.verifier.sealed import ADDRESS, NOW
from verifier import texts
from verifier.ports import Provider, Reading
from verifier.reading import ReadingHere
from verifier.sandbox import Sandbox
from verifier.verdict import Verdict, VerdictCode
from verifier.verifying import Verifier


@pytest.fixture(name="north", scope="module")
def _north(tmp_path_factory: pytest.TempPathFactory) -> Abroad:
    return Abroad(signer_in(tmp_path_factory.mktemp("north")))


@pytest.fixture(name="south", scope="module")
def _south(tmp_path_factory: pytest.TempPathFactory) -> Abroad:
    return Abroad(signer_in(tmp_path_factory.mktemp("south")), "South")


def listed(*abroad: Abroad) -> tuple[Provider, ...]:
    return tuple(Provider(f"{one.name} (NO)", one.provider.certificates) for one in abroad)


def checked(
    world: ElmoWorld, data: bytes, *providers: Provider, reading: Reading | None = None
) -> Verdict:
    verifier = Verifier(
        index=None,
        statuses=MemoryStatuses({}),
        trust=lambda: world.trust,
        reading=reading or ReadingHere(),
        clock=lambda: NOW,
        address=ADDRESS,
        providers=lambda: providers,
    )
    return verifier.verify(data)


def test_results_of_a_provider_are_called_that_and_not_shown(
    elmo_world: ElmoWorld, north: Abroad, south: Abroad, sandbox: Sandbox
) -> None:
    """emrex.md 3.5.5, an upload: any certificate of the registry; never ours, never green."""
    plain = unpacked(north.elmo(NOW))
    for data in (plain, gzip.compress(plain), b64encode(gzip.compress(plain))):
        verdict = checked(elmo_world, data, *listed(south, north), reading=sandbox)
        assert verdict.code is VerdictCode.NOT_OURS
        assert "emrex_provider" in verdict.reasons
        assert verdict.details.provider == "University of the North (NO)"
        assert verdict.facts is None
        assert verdict.flags == ()
        assert texts.why(verdict) == texts.WHY_NOT_OURS["emrex_provider"]
        assert texts.words(verdict).next_step == texts.NEXT_BY_REASON["emrex_provider"]


def test_without_its_key_in_the_registry_it_is_anybodys(
    elmo_world: ElmoWorld, north: Abroad, south: Abroad
) -> None:
    verdict = checked(elmo_world, unpacked(north.elmo(NOW)), *listed(south))

    assert verdict.code is VerdictCode.NOT_OURS
    assert "other_key" in verdict.reasons
    assert verdict.details.provider is None


def test_what_was_changed_is_called_changed(elmo_world: ElmoWorld, north: Abroad) -> None:
    changed = unpacked(north.elmo(NOW)).replace(b"Nordmann", b"Bordmann")

    verdict = checked(elmo_world, changed, *listed(north))

    assert verdict.code is VerdictCode.NOT_OURS
    assert "emrex_provider_changed" in verdict.reasons


def test_a_signature_that_was_moved_or_doubled_covers_nothing(
    elmo_world: ElmoWorld, north: Abroad
) -> None:
    """emrex.md 4.65."""
    plain = unpacked(north.elmo(NOW))
    start, end = plain.index(b"<Signature"), plain.index(b"</Signature>") + len("</Signature>")
    signature = plain[start:end]
    for wrapped in (
        plain.replace(signature, signature * 2),
        plain.replace(signature, b"").replace(b"<report>", b"<report>" + signature),
    ):
        verdict = checked(elmo_world, wrapped, *listed(north))
        assert verdict.code is VerdictCode.NOT_OURS
        assert "emrex_provider_changed" in verdict.reasons


@pytest.mark.parametrize("years", [-3, 30])
def test_a_date_outside_of_the_certificate_is_told(
    elmo_world: ElmoWorld, north: Abroad, years: int
) -> None:
    """emrex.md 3.5.5: certificate dates at generatedDate."""
    data = unpacked(north.signed(document(NOW + timedelta(days=365 * years))))

    verdict = checked(elmo_world, data, *listed(north))

    assert "emrex_provider_out_of_date" in verdict.reasons


def test_our_own_document_stays_ours_whatever_a_registry_lists(elmo_world: ElmoWorld) -> None:
    """A registry that lists our key under another name takes nothing away."""
    ours = x509.load_pem_x509_certificate((elmo_world.keys / f"{elmo_world.kid}.pem").read_bytes())
    thief = Provider("Thief (XX)", (ours.public_bytes(Encoding.DER),))

    verdict = checked(elmo_world, elmo_world.elmo(), thief)

    assert verdict.code is VerdictCode.GENUINE_STATUS_UNKNOWN
    assert verdict.details.provider is None


def test_a_digest_of_an_old_kind_is_told_like_a_signature_of_one(
    elmo_world: ElmoWorld, tmp_path: Path
) -> None:
    """emrex.md 3.5.5: SHA-1 in either place is the old way, as it is where results are received."""
    signer = signer_in(tmp_path)
    template = elmo.document(signature=elmo.empty_signature().replace(elmo.SHA256, elmo.SHA1))
    data = elmo.xmlsec_sign(template, tmp_path / f"{signer.key.kid}.key", tmp_path)

    verdict = checked(elmo_world, data, Provider("Old (NO)", signer.chain[:1]))

    assert "emrex_provider" in verdict.reasons
    assert verdict.flags == ("legacy_signature",)


@pytest.mark.judge
@pytest.mark.parametrize("name", ["dk-2016-default-prefix", "dk-2016-ns-prefixed-1"])
def test_official_samples_are_what_they_are(elmo_world: ElmoWorld, name: str) -> None:
    """emrex.md 4.62: valid, in an old way that is said."""
    folder = judges.standards() / "elmo" / "samples" / "signed"
    loaded = x509.load_pem_x509_certificate((folder / "dk-2016-cert.pem").read_bytes())
    danish = Provider("Denmark (DK)", (loaded.public_bytes(Encoding.DER),))

    verdict = checked(elmo_world, (folder / f"{name}.xml").read_bytes(), danish)

    assert verdict.code is VerdictCode.NOT_OURS
    assert "emrex_provider" in verdict.reasons
    assert "legacy_signature" in verdict.flags
    assert verdict.details.provider == "Denmark (DK)"
