"""pdf.md 4.19: a seal made in a token gets the same verdicts as one made with a key file."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from credentials.pades import SpliceSealer
from credentials.sealing import Level, SealProfile
from keys import certificates, hierarchy
from keys.certificates import PROFILES, Issued
from keys.custody import Custody, SealSigner
from keys.files import FileCustody, load_chain, load_private
from keys.pkcs11 import TokenCustody
from tests.credentials.sealing_world import PURPOSES, SealingWorld, make_sealing_world
from tests.keys.softhsm import SoftHsm
from tests.oracles import outside

pytestmark = [pytest.mark.judge, pytest.mark.slow]


@pytest.fixture(scope="module", name="world")
def _world(tmp_path_factory: pytest.TempPathFactory) -> SealingWorld:
    return make_sealing_world(tmp_path_factory.mktemp("token-seals"))


def new_signer(world: SealingWorld, custody: Custody, kid: str, purpose: str) -> SealSigner:
    """A key made in this custody, certified by the authority of the hierarchy."""
    profile, keys = PROFILES[purpose], world.folder / "keys"
    above = load_chain(keys / "ca.pem")
    ca = Issued(x509.load_der_x509_certificate(above[0]), load_private(keys / "ca.key"))
    own = certificates.certify(profile, custody.generate(kid, profile.algorithm), ca, _second())
    chain = world.folder / f"{kid}.pem"
    chain.write_bytes(own.public_bytes(Encoding.PEM) + (keys / "ca.pem").read_bytes())
    return custody.signer(kid, chain)


def _second() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


def seal(world: SealingWorld, signer: SealSigner, level: Level) -> bytes:
    sealer = SpliceSealer(
        signer, SealProfile(level=level), clock=_second, timestamper=world.authority
    )
    prepared = sealer.prepare(world.page())
    sealed = sealer.seal(prepared)
    assert sealer.covers(sealed, prepared.covered_digest)
    return sealed


def verdicts(path: Path, root: bytes) -> dict[str, Any]:
    """What every outside judge says, without what differs from file to file."""
    return {
        "qpdf": outside.qpdf_finds_nothing(path),
        "mutool": outside.mutool_says(path),
        "pdfsig": outside.pdfsig_says(path),
        "pyhanko": outside.pyhanko_accepts(path.read_bytes(), root, whole=True),
    }


@pytest.mark.parametrize("purpose", PURPOSES)
def test_a_seal_of_a_token_gets_the_verdicts_of_a_seal_of_a_file(
    world: SealingWorld, softhsm: SoftHsm, request: pytest.FixtureRequest, purpose: str
) -> None:
    """pdf.md 4.19."""
    token = TokenCustody(request.getfixturevalue("hsm_token"))
    folder, root = world.folder / "custody", hierarchy.root_of(world.folder / "keys")
    folder.mkdir(exist_ok=True)
    root_file = world.folder / "root.pem"
    root_file.write_bytes((world.folder / "keys" / "root.pem").read_bytes())
    files: list[Path] = []
    for custody in (FileCustody(folder), token):
        signer = new_signer(world, custody, softhsm.new_kid(purpose), purpose)
        files.append(world.folder / f"{signer.key.kid}.pdf")
        files[-1].write_bytes(seal(world, signer, Level.B_B))

    by_file, by_token = (verdicts(path, root) for path in files)
    reports = outside.pdfsigner_reports(files, root_file)

    assert by_token == by_file
    assert by_token["qpdf"]
    assert by_token["pyhanko"]
    assert by_token["mutool"] == "unchanged"
    assert by_token["pdfsig"].valid
    assert all(report["document_intact"] and report["all_trusted"] for report in reports)
