"""JSON: one layer and one pinned key. Whatever lets a stranger choose the key is not ours."""

from __future__ import annotations

import base64
import hmac
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS

from keys import hierarchy
from keys.custody import SealSigner
from keys.jws import encode
from tests.attacks.signing import Stranger, compact, flattened, parts
from tests.verifier.conftest import a_verifier
from tests.verifier.memory import MemoryIndex, MemoryStatuses
from tests.verifier.sealed import FACTS, NUMBER, World
from verifier.ourkeys import public_key, read_list
from verifier.ports import Status
from verifier.verdict import VerdictCode
from verifier.verifying import Verifier

PAYLOAD = json.dumps(FACTS).encode()


@pytest.fixture(scope="module", name="signer")
def _signer(world: World) -> SealSigner:
    return hierarchy.open_signer(world.keys, "seal")


@pytest.fixture(scope="module", name="header")
def _header(signer: SealSigner) -> dict[str, Any]:
    return {"alg": "ES256", "kid": signer.key.kid}


def test_the_data_of_an_extract_alone_are_not_the_original(verifier: Verifier) -> None:
    verdict = verifier.verify(PAYLOAD)

    assert verdict.code is VerdictCode.NOT_ORIGINAL
    assert "unsigned_data" in verdict.reasons
    assert verdict.facts is None


def test_what_our_key_signed_is_genuine_and_never_green_without_our_ledger(
    world: World, header: dict[str, Any], signer: SealSigner, verifier: Verifier
) -> None:
    for data in (
        compact(header, PAYLOAD, signer),
        json.dumps(flattened(header, PAYLOAD, signer)).encode(),
    ):
        verdict = verifier.verify(data)
        assert verdict.code is VerdictCode.GENUINE_STATUS_UNKNOWN
        assert verdict.flags == ("seal_not_recorded",)
        assert verdict.facts is not None
        assert verdict.facts["number"] == NUMBER

    index = MemoryIndex()
    index.add(data, NUMBER)
    statuses = MemoryStatuses({NUMBER: Status.GOOD})
    known = a_verifier(world, index=index, statuses=statuses)
    assert known.verify(data).code is VerdictCode.GENUINE_CURRENT


def test_another_library_signs_what_we_read(world: World, header: dict[str, Any]) -> None:
    kid = header["kid"]
    key = JWK.from_pem((world.keys / f"{kid}.key").read_bytes())
    token = JWS(PAYLOAD)
    token.add_signature(key, alg="ES256", protected=json.dumps(header))

    for data in (token.serialize(compact=True), token.serialize()):
        verdict = a_verifier(world).verify(data.encode())
        assert verdict.code is VerdictCode.GENUINE_STATUS_UNKNOWN


def _public(world: World, kid: str) -> ec.EllipticCurvePublicKey:
    listed, _ = read_list(world.trust, a_verifier(world)._clock())
    assert listed is not None
    entry = listed.by_kid(kid)
    assert entry is not None
    key = public_key(entry)
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return key


@pytest.mark.parametrize(
    "trick", ["jwk", "jku", "x5u", "x5c", "jwk_without_kid", "other_kid", "kid_path"]
)
def test_a_key_that_the_document_brings_along_is_not_ours(
    trick: str, world: World, header: dict[str, Any]
) -> None:
    """verifier.md 4.16, F14: nothing in a header is a source of trust, or fetched."""
    stranger = Stranger()
    public = stranger.private.public_key().public_bytes(
        Encoding.DER, PublicFormat.SubjectPublicKeyInfo
    )
    tricks: dict[str, dict[str, Any]] = {
        "jwk": header | {"jwk": stranger.jwk},
        "jku": header | {"jku": "http://127.0.0.1:9/keys"},
        "x5u": header | {"x5u": "http://127.0.0.1:9/cert"},
        "x5c": header | {"x5c": [base64.b64encode(public).decode()]},
        "jwk_without_kid": {"alg": "ES256", "jwk": stranger.jwk},
        "other_kid": {"alg": "ES256", "kid": "mine", "jwk": stranger.jwk},
        "kid_path": {"alg": "ES256", "kid": f"../../{header['kid']}"},
    }

    verdict = a_verifier(world).verify(compact(tricks[trick], PAYLOAD, stranger))

    assert verdict.code is VerdictCode.NOT_OURS
    assert verdict.facts is None


def test_a_header_that_names_keys_beside_ours_changes_nothing(
    world: World, header: dict[str, Any], signer: SealSigner
) -> None:
    told = header | {"jku": "http://127.0.0.1:9/keys", "x5c": ["AAAA"]}

    verdict = a_verifier(world).verify(compact(told, PAYLOAD, signer))

    assert verdict.code is VerdictCode.GENUINE_STATUS_UNKNOWN


@pytest.mark.parametrize("algorithm", ["none", "None", "HS256", "ES384", "RS256", "PS256", "", 7])
def test_an_algorithm_that_is_not_pinned_is_not_ours(
    algorithm: object, world: World, header: dict[str, Any], signer: SealSigner
) -> None:
    """verifier.md 4.16: `none`, and HMAC with the public key as the secret."""
    told = header | {"alg": algorithm}
    protected, payload, signature = parts(told, PAYLOAD, signer)
    covered = f"{protected}.{payload}"
    public = _public(world, header["kid"]).public_bytes(
        Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    )
    mac = encode(hmac.new(public, covered.encode(), "sha256").digest())
    for forged in ("", signature, mac):
        assert a_verifier(world).verify(f"{covered}.{forged}".encode()).code is VerdictCode.NOT_OURS


@pytest.mark.parametrize(
    "told",
    [
        '{"alg":"ES256","kid":"%s","kid":"%s"}',
        '{"alg":"ES256","alg":"none","kid":"%s"}',
        '{"alg":"ES256","kid":"%s","crit":["exp"],"exp":1}',
        '{"alg":"ES256","kid":"%s","crit":[]}',
        '{"alg":"ES256","kid":"%s","b64":false,"crit":["b64"]}',
        '["ES256"]',
        "not json",
    ],
)
def test_a_header_that_says_anything_twice_or_demands_more_is_not_ours(
    told: str, world: World, header: dict[str, Any], signer: SealSigner
) -> None:
    """verifier.md 4.16: duplicate `kid`, unknown `crit`."""
    header_text = told.replace("%s", header["kid"])

    verdict = a_verifier(world).verify(compact(header_text, PAYLOAD, signer))

    assert verdict.code is VerdictCode.NOT_OURS


@pytest.mark.parametrize(
    "change",
    [
        {"header": {"kid": "x"}},
        {"signature": "AAAA"},
        {"signature": ""},
        {"payload": encode(b'{"format":"echt-extract"}')},
        {"payload": 7},
        {"signatures": []},
    ],
)
def test_a_flattened_form_with_more_or_other_parts_is_not_ours(
    change: dict[str, Any], world: World, header: dict[str, Any], signer: SealSigner
) -> None:
    data = json.dumps(flattened(header, PAYLOAD, signer) | change).encode()

    assert a_verifier(world).verify(data).code is VerdictCode.NOT_OURS


def test_two_signatures_are_not_ours(
    world: World, header: dict[str, Any], signer: SealSigner
) -> None:
    one = flattened(header, PAYLOAD, signer)
    payload = one.pop("payload")
    verifier = a_verifier(world)

    single = json.dumps({"payload": payload, "signatures": [one]}).encode()
    double = json.dumps({"payload": payload, "signatures": [one, one]}).encode()

    assert verifier.verify(single).code is VerdictCode.GENUINE_STATUS_UNKNOWN
    assert verifier.verify(double).code is VerdictCode.NOT_OURS


@pytest.mark.parametrize("purpose", ["facts", "trust", "tsa"])
def test_a_key_of_another_purpose_does_not_sign_documents(purpose: str, world: World) -> None:
    """The trust list itself is a JWS by a key of ours, and no document."""
    signer = hierarchy.open_signer(world.keys, purpose)
    header = {"alg": "ES256", "kid": signer.key.kid}

    verdict = a_verifier(world).verify(compact(header, PAYLOAD, signer))

    assert verdict.code is VerdictCode.NOT_OURS
    assert a_verifier(world).verify(world.trust).code is VerdictCode.NOT_OURS


@given(at=st.integers(min_value=0), letter=st.sampled_from(b"AZaz09-_.="))
def test_one_changed_letter_is_never_good(
    at: int, letter: int, world: World, header: dict[str, Any], signer: SealSigner
) -> None:
    data = compact(header, PAYLOAD, signer)
    at %= len(data)
    changed = data[:at] + bytes([letter]) + data[at + 1 :]

    verdict = a_verifier(world).verify(changed)

    assert verdict.code.is_positive is (changed == data)


@pytest.mark.parametrize(
    "data", [b"{", b'{"a":1,"a":2}', b"[1]", b'{"a":' + b"[" * 5000, b'{"a":1}', b'{"x":NaN}']
)
def test_other_json_cannot_be_checked(data: bytes, verifier: Verifier) -> None:
    assert verifier.verify(data).code is VerdictCode.CANNOT_CHECK
