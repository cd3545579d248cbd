"""The promise under test: a key that cannot be used is said so, and never shown."""

from __future__ import annotations

import pickle
import traceback
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

from keys import hierarchy
from keys.errors import KeyRefused, KeyUnavailable
from keys.files import FileSigner, PrivateKey, algorithm_of, load_chain, load_private


def files(folder: Path, purpose: str = "seal") -> tuple[str, Path, Path]:
    kid = hierarchy.open_signer(folder, purpose).key.kid
    return kid, folder / f"{kid}.key", folder / f"{kid}.pem"


def signer(found: tuple[str, Path, Path]) -> FileSigner:
    return FileSigner(found[0], key_file=found[1], chain_file=found[2])


def test_a_file_key_refuses_production_before_it_opens_a_file(tmp_path: Path) -> None:
    """platform.md 4.1.19: the files are not even there."""
    missing = tmp_path / "missing"
    with pytest.raises(KeyRefused, match="hardware token"):
        FileSigner("seal", key_file=missing, chain_file=missing, production=True)


@pytest.mark.parametrize(
    "purpose", ["seal", "seal-rsa", "seal-p384", "facts", "trust", "tsa", "ocsp"]
)
def test_a_production_process_opens_no_key_of_a_hierarchy(made: Path, purpose: str) -> None:
    """platform.md 4.1.19."""
    with pytest.raises(KeyRefused):
        hierarchy.open_signer(made, purpose, production=True)


def test_a_missing_key_file_says_what_to_do(folder: Path) -> None:
    found = files(folder)
    found[1].unlink()

    with pytest.raises(KeyUnavailable, match=r"cannot be read .*restore the key folder"):
        signer(found)


def test_an_unreadable_key_file_says_what_to_do(folder: Path) -> None:
    """A folder in the place of the file: also root cannot read that."""
    found = files(folder)
    found[1].unlink()
    found[1].mkdir()

    with pytest.raises(KeyUnavailable, match="cannot be read"):
        signer(found)


def test_a_key_file_that_others_can_read_is_refused(folder: Path) -> None:
    found = files(folder)
    found[1].chmod(0o640)

    with pytest.raises(KeyUnavailable, match="0600"):
        signer(found)


def test_a_garbled_key_file_is_refused_without_its_content(folder: Path) -> None:
    found = files(folder)
    found[1].write_bytes(found[1].read_bytes().replace(b"\nM", b"\n!", 1) + b"canary")

    with pytest.raises(KeyUnavailable, match="damaged") as caught:
        signer(found)

    shown = "".join(traceback.format_exception(caught.value))
    assert "canary" not in shown
    assert caught.value.__cause__ is None


def test_a_garbled_certificate_is_refused(folder: Path) -> None:
    found = files(folder)
    found[2].write_bytes(b"not a certificate")

    with pytest.raises(KeyUnavailable, match="certificate file is damaged"):
        signer(found)


@pytest.mark.parametrize("other", ["facts", "seal-rsa"])
def test_a_key_beside_another_keys_certificate_is_refused(folder: Path, other: str) -> None:
    """pdf.md 3.2: key/certificate mismatch, one trial signature at start."""
    kid, key_file, _ = files(folder)
    chain_file = files(folder, other)[2]

    with pytest.raises(KeyUnavailable, match="do not belong together"):
        signer((kid, key_file, chain_file))


def test_a_signer_shows_nothing_of_its_private_key(made: Path) -> None:
    kid, key_file, _ = found = files(made)
    opened = signer(found)
    private = load_private(key_file)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    secret = private.private_numbers().private_value

    assert repr(opened) == f"FileSigner('{kid}', 'ES256')"
    assert str(opened) == repr(opened)
    shown = f"{opened} {opened.key} {opened.chain} {dir(opened)}"
    assert str(secret) not in shown
    assert f"{secret:x}" not in shown
    with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
        pickle.dumps(opened)


@pytest.mark.parametrize(
    ("key", "algorithm"),
    [
        (ec.generate_private_key(ec.SECP256R1()), "ES256"),
        (ec.generate_private_key(ec.SECP384R1()), "ES384"),
    ],
    ids=["P-256", "P-384"],
)
def test_a_key_says_what_it_signs_with(key: PrivateKey, algorithm: str) -> None:
    assert algorithm_of(key) == algorithm


@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP521R1()),
        rsa.generate_private_key(public_exponent=65537, key_size=2048),
    ],
    ids=["P-521", "RSA-2048"],
)
def test_a_key_of_another_kind_is_refused(key: PrivateKey) -> None:
    with pytest.raises(KeyUnavailable, match="kind that is not used"):
        algorithm_of(key)


def test_an_edwards_key_is_refused(tmp_path: Path) -> None:
    """pdf.md 3.2: no Ed25519 in PDF."""
    path = tmp_path / "edwards.key"
    path.write_bytes(
        ed25519.Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    path.chmod(0o600)

    with pytest.raises(KeyUnavailable, match="kind that is not used"):
        load_private(path)


def test_a_chain_is_read_in_the_order_of_its_file(made: Path) -> None:
    own = files(made)[2]

    assert load_chain(own)[1:] == load_chain(made / "ca.pem")
    assert load_chain(own)[-1] == hierarchy.root_of(made)
