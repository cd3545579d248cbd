"""The promise under test: a whole hierarchy or none, and certificates that say what they are."""

from __future__ import annotations

import stat
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from keys import certificates, durable, hierarchy, publishing, states
from keys.chains import TRUST_LIST_SIGNING
from keys.errors import FolderOccupied, KeyRefused, KeyUnavailable, UnknownKey
from keys.pkcs11 import Token, TokenCustody
from keys.trust import KeyState
from tests.keys.conftest import NOW
from tests.keys.memory_token import MemoryToken

START = NOW.replace(microsecond=0)
LEAVES = list(certificates.PROFILES)


def leaf(folder: Path, purpose: str) -> x509.Certificate:
    return x509.load_der_x509_certificate(hierarchy.open_signer(folder, purpose).chain[0])


def test_a_hierarchy_is_made_within_its_time(tmp_path: Path) -> None:
    begun = time.monotonic()
    hierarchy.make(tmp_path / "keys", now=NOW)

    assert time.monotonic() - begun < 10  # seconds; RSA-3072 takes most, and luck decides how long


def test_only_the_owner_can_read_the_folder_and_its_files(made: Path) -> None:
    modes = {path.suffix: stat.S_IMODE(path.stat().st_mode) for path in made.glob("*.key")}

    assert stat.S_IMODE(made.stat().st_mode) == 0o700
    assert modes == {".key": 0o600}
    assert len(list(made.glob("*.key"))) == len(LEAVES) + 2


@pytest.mark.parametrize("purpose", LEAVES)
def test_every_end_certificate_is_nobodys_authority(made: Path, purpose: str) -> None:
    certificate = leaf(made, purpose)
    constraints = certificate.extensions.get_extension_for_class(x509.BasicConstraints)

    assert constraints.critical
    assert not constraints.value.ca
    assert certificate.not_valid_before_utc == START
    assert certificate.not_valid_after_utc == START + timedelta(days=3 * 365, hours=18)


@pytest.mark.parametrize("purpose", LEAVES)
def test_every_end_certificate_points_at_its_own_key_and_its_issuers(
    made: Path, purpose: str
) -> None:
    signer = hierarchy.open_signer(made, purpose)
    own, ca = (x509.load_der_x509_certificate(der) for der in signer.chain[:2])
    issuer = own.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    above = ca.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    mine = own.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value

    assert issuer.key_identifier == above.digest
    assert mine == x509.SubjectKeyIdentifier.from_public_key(own.public_key())


@pytest.mark.parametrize(
    ("purpose", "commits"),
    [(purpose, purpose.startswith("seal")) for purpose in LEAVES],
)
def test_key_usage_is_what_the_key_does_and_no_more(
    made: Path, purpose: str, *, commits: bool
) -> None:
    """pdf.md 3.6: seal = digitalSignature + nonRepudiation."""
    found = leaf(made, purpose).extensions.get_extension_for_class(x509.KeyUsage)
    usage = found.value

    assert found.critical
    assert usage.digital_signature
    assert usage.content_commitment is commits
    assert not any(
        (usage.key_cert_sign, usage.crl_sign, usage.key_encipherment, usage.key_agreement)
    )


@pytest.mark.parametrize(
    ("purpose", "only"),
    [("tsa", ExtendedKeyUsageOID.TIME_STAMPING), ("trust", TRUST_LIST_SIGNING)],
)
def test_time_stamps_and_trust_lists_have_keys_for_nothing_else(
    made: Path, purpose: str, only: x509.ObjectIdentifier
) -> None:
    """pdf.md 3.6: TSA with critical EKU timeStamping."""
    found = leaf(made, purpose).extensions.get_extension_for_class(x509.ExtendedKeyUsage)

    assert found.critical
    assert list(found.value) == [only]


def test_every_name_says_that_it_is_a_test(made: Path) -> None:
    for path in made.glob("*.pem"):
        for certificate in x509.load_pem_x509_certificates(path.read_bytes()):
            assert "Echt TEST" in certificate.subject.rfc4514_string()
            assert "Echt TEST" in certificate.issuer.rfc4514_string()


def test_authorities_are_p384_and_live_as_long_as_planned(made: Path) -> None:
    chain = hierarchy.open_signer(made, "seal").chain
    ca, root = (x509.load_der_x509_certificate(der) for der in chain[1:])

    for authority, years in ((root, 20), (ca, 10)):
        public = authority.public_key()
        assert isinstance(public, ec.EllipticCurvePublicKey)
        assert isinstance(public.curve, ec.SECP384R1)
        assert authority.not_valid_after_utc - START == years * timedelta(days=365, hours=6)


def test_the_rsa_seal_has_3072_bits(made: Path) -> None:
    public = leaf(made, "seal-rsa").public_key()

    assert isinstance(public, rsa.RSAPublicKey)
    assert public.key_size == 3072


def test_a_second_make_changes_nothing(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    hierarchy.make(folder, now=NOW + timedelta(days=400))

    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_an_empty_folder_becomes_the_hierarchy(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir()

    hierarchy.make(tmp_path / "keys", now=NOW)

    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert hierarchy.open_signer(tmp_path / "keys", "seal").key.algorithm == "ES256"


def test_a_folder_with_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "holiday.txt").write_text("photos")

    with pytest.raises(FolderOccupied):
        hierarchy.make(tmp_path, now=NOW)

    assert [path.name for path in tmp_path.iterdir()] == ["holiday.txt"]


def test_an_interrupted_make_leaves_nothing_and_the_next_one_succeeds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []

    def full_disk(path: Path, data: bytes, *, mode: int) -> None:
        if len(written) == 5:
            raise OSError(28, "No space left on device")
        written.append(path.name)
        create(path, data, mode=mode)

    create = durable.create
    with monkeypatch.context() as patch:
        patch.setattr(durable, "create", full_disk)
        with pytest.raises(KeyUnavailable, match="No space left"):
            hierarchy.make(tmp_path / "keys", now=NOW)

    assert list(tmp_path.iterdir()) == []
    hierarchy.make(tmp_path / "keys", now=NOW)
    assert hierarchy.exists(tmp_path / "keys")


def test_what_a_killed_make_left_is_cleared_by_the_next(tmp_path: Path) -> None:
    half = tmp_path / ".keys.making"
    half.mkdir()
    (half / "root.key").write_text("half a key")

    hierarchy.make(tmp_path / "keys", now=NOW)

    assert [path.name for path in tmp_path.iterdir()] == ["keys"]


def test_production_makes_no_test_hierarchy(tmp_path: Path) -> None:
    with pytest.raises(KeyRefused):
        hierarchy.make(tmp_path / "keys", now=NOW, production=True)

    assert list(tmp_path.iterdir()) == []


def test_no_hierarchy_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(KeyUnavailable, match="echt keys init"):
        hierarchy.open_signer(tmp_path, "seal")


def test_an_unknown_purpose_lists_the_known_ones(made: Path) -> None:
    with pytest.raises(UnknownKey, match="seal, seal-rsa, seal-p384, facts, trust, tsa"):
        hierarchy.open_signer(made, "sael")


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b'{"keys":1,"serial":0,"issuer":"x"}', b'{"keys":[3],"serial":0}', b"\xff"],
)
def test_damaged_states_are_said_to_be_damaged(folder: Path, content: bytes) -> None:
    (folder / states.FILE).write_bytes(content)

    with pytest.raises(KeyUnavailable, match="damaged"):
        hierarchy.open_signer(folder, "seal")


def test_a_key_name_cannot_lead_out_of_the_folder(folder: Path) -> None:
    kid = hierarchy.open_signer(folder, "seal").key.kid
    text = (folder / states.FILE).read_text().replace(kid, "../../etc/passwd")
    (folder / states.FILE).write_text(text)

    with pytest.raises(KeyUnavailable, match="damaged"):
        states.load(folder)


def test_an_announced_key_is_made_by_the_same_authority_and_does_not_sign_yet(
    folder: Path,
) -> None:
    """platform.md 4.1.21."""
    current = hierarchy.open_signer(folder, "seal")
    later = NOW + timedelta(days=100)

    kid = hierarchy.announce(folder, "seal", now=later)

    entry = states.load(folder).key(kid)
    assert (entry.state, entry.purpose, entry.algorithm) == (KeyState.ANNOUNCED, "seal", "ES256")
    assert entry.certificates[1:] == current.chain[1:]
    assert entry.since == later.replace(microsecond=0)
    assert hierarchy.open_signer(folder, "seal").key.kid == current.key.kid


def test_a_key_can_be_announced_in_a_token_and_takes_over_from_one_in_a_file(
    folder: Path,
) -> None:
    memory = MemoryToken()
    token = TokenCustody(Token(memory, sessions=1))
    before = {path.name for path in folder.glob("*.key")}

    kid = hierarchy.announce(folder, "seal", now=NOW, custody=token)
    publishing.change_state(folder, kid, KeyState.ACTIVE, at=NOW + states.NOTICE)

    signer = hierarchy.open_signer(folder, "seal", custody=token)
    assert (signer.key.kid, set(memory.keys)) == (kid, {kid})
    assert signer.sign_digest(bytes(32))
    assert {path.name for path in folder.glob("*.key")} == before
    with pytest.raises(KeyUnavailable):
        hierarchy.open_signer(folder, "seal")


def test_a_token_that_is_away_leaves_the_folder_as_it_was(folder: Path) -> None:
    memory = MemoryToken(present=False)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}

    with pytest.raises(KeyUnavailable, match="no token"):
        hierarchy.announce(folder, "seal", now=NOW, custody=TokenCustody(Token(memory)))

    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_no_certificate_outlives_its_authority() -> None:
    root = certificates.make_root(START)
    ca = certificates.make_ca(root, START)
    late = datetime(2035, 1, 1, tzinfo=UTC)

    issued = certificates.make_leaf(certificates.PROFILES["facts"], ca, late)

    assert issued.certificate.not_valid_after_utc == ca.certificate.not_valid_after_utc
    assert "private" not in repr(issued).lower()
