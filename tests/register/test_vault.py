"""Numbers at rest: unreadable, bound to their person, and findable."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from register.errors import InvalidNumber
from register.national_numbers import NumberKind
from register.vault import NONCE_BYTES, Vault

MASTER = bytes(range(32))
VAULT = Vault(MASTER)
NUMBER = "111222333"


def test_a_sealed_number_opens_for_its_person_and_kind() -> None:
    sealed = VAULT.seal("p1", NumberKind.BSN, NUMBER)

    assert VAULT.open("p1", NumberKind.BSN, sealed) == NUMBER
    assert NUMBER.encode() not in sealed
    assert len(sealed) == NONCE_BYTES + len(NUMBER) + 16


def test_the_same_number_never_seals_to_the_same_bytes() -> None:
    sealed = {VAULT.seal("p1", NumberKind.BSN, NUMBER) for _ in range(100)}
    nonces = {each[:NONCE_BYTES] for each in sealed}
    assert len(nonces) == 100


@pytest.mark.parametrize(
    ("person", "kind", "master"),
    [
        ("p2", NumberKind.BSN, MASTER),
        ("p1", NumberKind.ONDERWIJSNUMMER, MASTER),
        ("p1", NumberKind.BSN, bytes(32)),
    ],
)
def test_a_moved_number_does_not_open(person: str, kind: NumberKind, master: bytes) -> None:
    sealed = VAULT.seal("p1", NumberKind.BSN, NUMBER)

    with pytest.raises(InvalidNumber, match="cannot be opened"):
        Vault(master).open(person, kind, sealed)


@given(place=st.integers(min_value=0, max_value=36), bit=st.integers(min_value=0, max_value=7))
def test_a_changed_bit_is_noticed(place: int, bit: int) -> None:
    sealed = bytearray(VAULT.seal("p1", NumberKind.BSN, NUMBER))
    sealed[place] ^= 1 << bit

    with pytest.raises(InvalidNumber):
        VAULT.open("p1", NumberKind.BSN, bytes(sealed))


@pytest.mark.parametrize("stump", [b"", b"short", bytes(NONCE_BYTES)])
def test_a_stump_is_refused(stump: bytes) -> None:
    with pytest.raises(InvalidNumber):
        VAULT.open("p1", NumberKind.BSN, stump)


def test_lookup_depends_on_number_kind_and_key() -> None:
    hash_ = VAULT.lookup(NumberKind.BSN, NUMBER)

    assert hash_ == Vault(MASTER).lookup(NumberKind.BSN, NUMBER)
    assert len(hash_) == 32
    assert hash_ != VAULT.lookup(NumberKind.ONDERWIJSNUMMER, NUMBER)
    assert hash_ != VAULT.lookup(NumberKind.BSN, "123456782")
    assert hash_ != Vault(bytes(32)).lookup(NumberKind.BSN, NUMBER)


@pytest.mark.parametrize("master", [b"", bytes(16), bytes(33)])
def test_a_master_key_has_thirty_two_bytes(master: bytes) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Vault(master)
