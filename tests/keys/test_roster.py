"""The promise under test: an approval takes a private key, and two people are two people."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from keys.roster import Approver, approver_of, problem_of, public_key

P = 2**255 - 19
ORDER_8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
"""The y of a point of order 8; checked below."""
SMALL = (0, 1, P - 1, ORDER_8, P - ORDER_8)
"""The y of all eight points whose order divides the cofactor (RFC 8032, 5.1)."""


def pem(public: Ed25519PublicKey) -> str:
    return public.public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    ).decode()


def encoded(y: int, sign: int) -> str:
    return pem(Ed25519PublicKey.from_public_bytes((y | sign << 255).to_bytes(32, "little")))


def test_the_point_of_order_eight_is_one() -> None:
    """Twice it is a point with y = 0: x^2 = -y^2 there, put into the curve's equation."""
    d = -121665 * pow(121666, -1, P) % P
    y = ORDER_8
    assert (d * y**4 + 2 * y**2 - 1) % P == 0


@pytest.mark.parametrize("sign", [0, 1])
@pytest.mark.parametrize("y", [*SMALL, P, P + 1, 2**255 - 1])
def test_a_key_without_a_secret_approves_nothing(y: int, sign: int) -> None:
    """Small order: signatures are made without a private key. From p on: a second name."""
    weak = encoded(y, sign)

    with pytest.raises(ValueError, match="weak"):
        public_key(weak)
    with pytest.raises(ValueError, match="weak"):
        approver_of({"id": "a", "name": "A", "role": "r", "key": weak})


def test_a_key_that_was_made_is_taken() -> None:
    made = Ed25519PrivateKey.generate()
    approver = Approver("anna", "Anna", "officer", pem(made.public_key()))

    assert approver.approved(b"plan", made.sign(b"plan"))
    assert not approver.approved(b"another", made.sign(b"plan"))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna Bakker", "anna BAKKER"),
        ("Anna Bakker", " Anna \t Bakker "),
        ("Anna Bakker", "Anna\N{NO-BREAK SPACE}Bakker"),
        ("Jos\N{LATIN SMALL LETTER E WITH ACUTE}", "Jose\N{COMBINING ACUTE ACCENT}"),
        ("Anna", "\N{FULLWIDTH LATIN CAPITAL LETTER A}nna"),
        ("Strauss", "Strau\N{LATIN SMALL LETTER SHARP S}"),
    ],
)
def test_one_name_in_two_spellings_is_one_person(one: str, other: str) -> None:
    keys = [pem(Ed25519PrivateKey.generate().public_key()) for _ in range(2)]
    people = [Approver(f"p{at}", name, "r", keys[at]) for at, name in enumerate((one, other))]

    assert problem_of(people) == "two approvers have the same name: they must be different people"
    assert problem_of([people[0], Approver("p1", "Bram", "r", keys[1])]) == ""
