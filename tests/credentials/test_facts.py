"""The signed facts in the QR code, checked by a COSE library that is not ours."""

from __future__ import annotations

from base64 import b32decode

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pycose.keys.curves import P256
from pycose.keys.ec2 import EC2Key
from pycose.messages.sign1message import Sign1Message

from credentials.extract import Language
from credentials.facts import Claim, claims, sign1, sign_facts
from register.names import full_name
from tests.credentials.paper import ADDRESS, SoftwareSigner
from tests.credentials.people import PEOPLE, extract


def message(url: str) -> bytes:
    address, fragment = url.split("#")
    assert address == f"https://{ADDRESS}/"
    return b32decode(fragment + "=" * (-len(fragment) % 8))


def judge(statement: bytes, signer: SoftwareSigner) -> tuple[bool, Sign1Message]:
    """What pycose makes of it."""
    public = signer.private.public_key().public_numbers()
    tagged = cbor2.loads(statement)
    assert tagged.tag == 18
    protected, unprotected, payload, signature = tagged.value  # cbor2 6 freezes what a tag holds
    plain = [protected, dict(unprotected), payload, signature]
    decoded = Sign1Message.from_cose_obj(plain, allow_unknown_attributes=True)
    decoded.key = EC2Key(crv=P256, x=public.x.to_bytes(32, "big"), y=public.y.to_bytes(32, "big"))
    return decoded.verify_signature(), decoded


@pytest.mark.parametrize("person", PEOPLE)
def test_another_library_verifies_the_facts(person: str) -> None:
    signer = SoftwareSigner()
    asked = extract(person, Language.EN)

    genuine, decoded = judge(message(sign_facts(asked, signer, address=ADDRESS)), signer)

    assert genuine
    assert cbor2.loads(decoded.payload or b"") == claims(asked)
    assert cbor2.loads(decoded.phdr_encoded) == {1: -7, 4: b"facts-2026-1"}
    assert decoded.uhdr == {}


def test_another_key_does_not_verify_them() -> None:
    statement = message(sign_facts(extract("hbo"), SoftwareSigner(), address=ADDRESS))
    genuine, _ = judge(statement, SoftwareSigner())
    assert not genuine


@given(bit=st.integers(min_value=0))
def test_any_flipped_bit_of_the_payload_breaks_the_signature(bit: int) -> None:
    signer = SoftwareSigner()
    payload = cbor2.dumps(claims(extract("hbo")), canonical=True)
    forged = bytearray(payload)
    forged[bit // 8 % len(payload)] ^= 1 << (bit % 8)

    statement = sign1(payload, signer).replace(payload, bytes(forged))

    assert not judge(statement, signer)[0]


def test_the_claims_are_the_facts_of_the_page() -> None:
    stated = claims(extract("hbo", Language.EN))
    assert stated == {
        Claim.FORMAT: 1,
        Claim.NUMBER: "K7QD-3MXF-9TRA",
        Claim.NAME: "Noor van den Łukasiewicz-Özdemir",
        Claim.BIRTH: "2001-05-14",
        Claim.PROGRAMME: "Bachelor of Nursing",
        Claim.PROGRAMME_CODE: "99001",
        Claim.DEGREE: "Bachelor of Science",
        Claim.INSTITUTION: "Hogeschool De Horst",
        Claim.INSTITUTION_CODE: "00XX",
        Claim.AWARDED: "2024-07-05",
        Claim.RESULT: "passed",
        Claim.NLQF: "6",
        Claim.EQF: 6,
        Claim.LANGUAGE: "en",
        Claim.ISSUED: 1795267920,
    }


def test_what_is_unknown_is_left_out() -> None:
    stated = claims(extract("nameless"))
    assert Claim.NAME not in stated
    assert Claim.BIRTH not in stated


@pytest.mark.parametrize("person", PEOPLE)
def test_a_long_name_is_never_shortened(person: str) -> None:
    asked = extract(person)
    assert claims(asked).get(Claim.NAME, "") == full_name(asked.record.person.name)


def test_typical_facts_stay_small() -> None:
    """verifier.md 2.4: about 224 octets, so a version 12 code or close to it."""
    assert len(message(sign_facts(extract("mbo"), SoftwareSigner(), address=ADDRESS))) <= 240


def test_a_key_of_another_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="ES256"):
        sign_facts(extract("hbo"), SoftwareSigner(algorithm="ES384"), address=ADDRESS)
