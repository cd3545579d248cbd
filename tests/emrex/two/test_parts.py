"""The parts of EMREX 2.0 that decide, without a site around them."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey, OctKey, RSAKey

from callers.tokens import digest
from emrex.errors import NotEmitted, RegistryRefused
from emrex.two.clients import registered_in
from emrex.two.grant import CODE_LIVES, Grant, answers, code_of
from emrex.two.signature import detached
from keys.custody import KeyRef
from tests.emrex.two.outside import CHALLENGE, VERIFIER, Emc

NOW = datetime(2026, 11, 21, 13, tzinfo=UTC)
ADDRESS = "https://emc.example.edu/back"
GRANT = Grant("t", "emc", ADDRESS, "s", CHALLENGE, NOW, "p", True, NOW + CODE_LIVES)  # noqa: FBT003 - a column
RSA = Emc("emc-nl-uva", ADDRESS, RSAKey.generate_key(2048))
PRIVATE = RSA.key.as_pem(private=True).decode()
EC = Emc("emc-no-ntnu", "https://emc.example.no/back", ECKey.generate_key("P-256"))

_SMALL = rsa.generate_private_key(65537, 1024).public_key()  # noqa: S505 - it is refused
SHORT = _SMALL.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def test_the_vector_of_the_standard_fits() -> None:
    """RFC 7636 appendix B; emrex.md 4.84."""
    assert answers(CHALLENGE, VERIFIER)


@given(verifier=st.text(alphabet="abcXYZ019-._~", min_size=43, max_size=128))
def test_no_other_verifier_fits(verifier: str) -> None:
    assert not answers(CHALLENGE, verifier)


@pytest.mark.parametrize(
    "verifier", ["", CHALLENGE, "x" * 42, "x" * 129, "é" * 43, VERIFIER + "\n"]
)
def test_what_is_no_verifier_fits_nothing(verifier: str) -> None:
    """RFC 7636 4.1; and a challenge is not its own verifier, as it was with `plain`."""
    assert not answers(CHALLENGE, verifier)


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": "emc2"},
        {"redirect_uri": ADDRESS + "/"},
        {"verifier": VERIFIER.lower()},
        {"now": NOW + CODE_LIVES},
    ],
)
def test_a_code_fits_only_as_it_was_asked_for(changed: dict[str, Any]) -> None:
    """emrex.md 4.86: bound to client, address and challenge, and for two minutes."""
    good: dict[str, Any] = {
        "client_id": "emc",
        "redirect_uri": ADDRESS,
        "verifier": VERIFIER,
        "now": NOW + CODE_LIVES - timedelta(seconds=1),
    }

    assert GRANT.fits(**good)
    assert not GRANT.fits(**(good | changed))
    assert not replace(GRANT, code_until=None).fits(**good)


def test_a_code_is_the_same_for_its_browser_and_another_for_any_other() -> None:
    """emrex.md 4.34: what is kept of it cannot make it."""
    code = code_of("t1", "secret")

    assert code == code_of("t1", "secret")
    assert len({code, code_of("t2", "secret"), code_of("t1", "another"), digest("secret")}) == 4
    assert len(code) == 43


def listed(*entries: object) -> bytes:
    return json.dumps(entries).encode()


def test_the_entries_of_a_registry_are_read() -> None:
    """emrex.md 2.1: EMREG 2; a bare key has no name, so any `kid` finds it."""
    found = registered_in(listed(RSA.entry, EC.entry))

    assert list(found) == ["emc-nl-uva", "emc-no-ntnu"]
    uva, ntnu = found.values()
    assert (uva.algorithm, ntnu.algorithm) == ("RS256", "ES256")
    assert uva.who.name("nl") == "Universiteit emc-nl-uva"
    assert uva.who.name("de") == "University emc-nl-uva"
    assert uva.redirect.origin == "https://emc.example.edu"
    key = uva.key("whatever")
    assert key is not None
    assert key.thumbprint() == RSA.key.thumbprint()


def test_of_several_keys_only_the_named_one_is_tried() -> None:
    pair = [ECKey.generate_key("P-256").as_dict(private=False) | {"kid": one} for one in "ab"]
    (client,) = registered_in(listed({**EC.entry, "jwks": {"keys": pair}})).values()

    first = client.key("a")
    assert first is not None
    assert first.as_dict(private=False)["x"] == pair[0]["x"]
    assert client.key("") is None
    assert client.key("c") is None


@pytest.mark.filterwarnings("ignore:Key size should be")
@pytest.mark.parametrize(
    "changed",
    [
        {"clientId": None},
        {"clientId": "a b"},
        {"clientId": "x" * 101},
        {"name": None},
        {"name": {"nl": "Universiteit"}},
        {"name": {"en": 7}},
        {"redirectUri": None},
        {"redirectUri": "http://emc.example.edu/back"},
        {"redirectUri": "https://10.0.0.1/back"},
        {"redirectUri": "https://emc.example.edu/back#x"},
        {"redirectUri": ["https://emc.example.edu/back"]},
        {"publicKey": None},
        {"publicKey": "-----BEGIN NOTHING-----"},
        {"publicKey": PRIVATE},
        {"publicKey": SHORT},
        {"publicKey": None, "jwks": {"keys": [OctKey.generate_key().as_dict() | {"kid": "k"}]}},
    ],
)
def test_a_client_that_cannot_be_trusted_stops_the_whole_list(changed: dict[str, Any]) -> None:
    """Half a list would be a list that nobody wrote."""
    with pytest.raises(RegistryRefused):
        registered_in(listed(EC.entry, {**RSA.entry, **changed}))


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b"\xff", b"[" * 100_000, b"null"])
def test_what_is_no_list_of_clients_is_refused(data: bytes) -> None:
    with pytest.raises(RegistryRefused):
        registered_in(data)


def test_nobody_is_listed_twice() -> None:
    with pytest.raises(RegistryRefused):
        registered_in(listed(RSA.entry, RSA.entry))


@dataclass
class Elliptic:
    """A key that is not one for results."""

    key = KeyRef("k", "ES256")
    chain = ()

    def sign_digest(self, digest: bytes) -> bytes:
        raise AssertionError(digest)


def test_a_key_of_another_kind_signs_no_results() -> None:
    with pytest.raises(NotEmitted):
        detached(b"x", Elliptic(), "emc", NOW)
