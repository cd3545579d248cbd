"""The promise under test: a token that misses anything is no time-stamp (pdf.md 3.5)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms, core, tsp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keys import hierarchy
from keys.errors import TimestampUnavailable
from keys.timestamps import TEST_POLICY, EmbeddedAuthority
from keys.token_check import SKEW, Expected, check
from tests.keys.conftest import NOW

DIGEST = hashlib.sha256(b"a signature value").digest()
START = NOW.replace(microsecond=0)
QUESTION = {
    "version": "v1",
    "message_imprint": {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": DIGEST},
    "cert_req": False,
}


@pytest.fixture(name="authority")
def _authority(made: Path) -> EmbeddedAuthority:
    return hierarchy.open_timestamper(made, clock=lambda: NOW)


@pytest.fixture(name="expected")
def _expected(authority: EmbeddedAuthority) -> Expected:
    return Expected(DIGEST, TEST_POLICY, authority.certificates, NOW)


@pytest.fixture(scope="module", name="token")
def _token(tmp_path_factory: pytest.TempPathFactory) -> tuple[bytes, Expected]:
    folder = tmp_path_factory.mktemp("authority") / "keys"
    hierarchy.make(folder, now=NOW)
    authority = hierarchy.open_timestamper(folder, clock=lambda: NOW)
    return authority.stamp(DIGEST), Expected(DIGEST, TEST_POLICY, authority.certificates, NOW)


def test_a_good_token_proves_its_moment(authority: EmbeddedAuthority, expected: Expected) -> None:
    assert check(authority.stamp(DIGEST), expected) == START


def test_a_nonce_must_come_back(authority: EmbeddedAuthority, expected: Expected) -> None:
    with pytest.raises(TimestampUnavailable, match="another request"):
        check(authority.stamp(DIGEST), replace(expected, nonce=5))


def test_another_digest_is_refused(authority: EmbeddedAuthority, expected: Expected) -> None:
    with pytest.raises(TimestampUnavailable, match="something else"):
        check(authority.stamp(bytes(32)), expected)


def test_another_policy_is_refused(authority: EmbeddedAuthority, expected: Expected) -> None:
    with pytest.raises(TimestampUnavailable, match="another policy"):
        check(authority.stamp(DIGEST), replace(expected, policy="1.2.3"))


@pytest.mark.parametrize("sign", [1, -1])
def test_a_clock_far_from_ours_is_refused(
    authority: EmbeddedAuthority, expected: Expected, sign: int
) -> None:
    near, far = (START + sign * (SKEW + timedelta(seconds=extra)) for extra in (0, 1))

    assert check(authority.stamp(DIGEST), replace(expected, now=near)) == START
    with pytest.raises(TimestampUnavailable, match="clock"):
        check(authority.stamp(DIGEST), replace(expected, now=far))


def test_an_authority_that_is_not_on_our_list_is_refused(
    authority: EmbeddedAuthority, expected: Expected, made: Path
) -> None:
    others = {hierarchy.open_signer(made, "seal").chain[0]}

    with pytest.raises(TimestampUnavailable, match="not on our list"):
        check(authority.stamp(DIGEST), replace(expected, authorities=others))


@pytest.mark.parametrize("purpose", ["seal", "facts", "trust"])
def test_a_key_of_ours_with_another_purpose_is_no_authority(made: Path, purpose: str) -> None:
    """pdf.md 3.5: critical time-stamping key usage, even for a certificate on the list."""
    signer = hierarchy.open_signer(made, purpose)
    token = EmbeddedAuthority(signer, clock=lambda: NOW).stamp(DIGEST)

    with pytest.raises(TimestampUnavailable, match="not for time-stamps only"):
        check(token, Expected(DIGEST, TEST_POLICY, {signer.chain[0]}, NOW))


def test_an_expired_authority_is_refused(authority: EmbeddedAuthority, made: Path) -> None:
    late = NOW + timedelta(days=4 * 366)
    aged = hierarchy.open_timestamper(made, clock=lambda: late)

    with pytest.raises(TimestampUnavailable, match="not valid then"):
        check(aged.stamp(DIGEST), Expected(DIGEST, TEST_POLICY, authority.certificates, late))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200)
@given(position=st.integers(min_value=0), mask=st.integers(min_value=1, max_value=255))
def test_a_flipped_byte_never_changes_what_is_proven(
    token: tuple[bytes, Expected], position: int, mask: int
) -> None:
    """Algorithm names have more than one spelling, so a change may pass; a time never."""
    changed = bytearray(token[0])
    changed[position % len(changed)] ^= mask

    try:
        moment = check(bytes(changed), token[1])
    except TimestampUnavailable:
        moment = START
    assert moment == START


def test_every_flip_outside_the_embedded_certificates_is_refused(
    token: tuple[bytes, Expected],
) -> None:
    data, expected = token
    signed = cms.ContentInfo.load(data)["content"]
    info = signed["encap_content_info"]["content"].contents
    attributes = signed["signer_infos"][0]["signed_attrs"].contents
    signature = signed["signer_infos"][0]["signature"].contents
    for part in (info, attributes, signature):
        start = data.index(part)
        for position in range(start, start + len(part), 3):
            changed = bytearray(data)
            changed[position] ^= 1
            with pytest.raises(TimestampUnavailable):
                check(bytes(changed), expected)


def test_a_token_must_bring_its_certificate_whole(
    token: tuple[bytes, Expected], authority: EmbeddedAuthority
) -> None:
    """Who reads the document in ten years does not have our list."""
    data, expected = token
    certificate = cms.ContentInfo.load(data)["content"]["certificates"][0].dump()
    start = data.index(certificate)
    for position in range(start, start + len(certificate), 41):
        changed = bytearray(data)
        changed[position] ^= 1
        with pytest.raises(TimestampUnavailable):
            check(bytes(changed), expected)

    bare = authority.respond(tsp.TimeStampReq(QUESTION).dump())
    with pytest.raises(TimestampUnavailable, match="does not bring"):
        check(
            tsp.TimeStampResp.load(bare)["time_stamp_token"].dump(),
            Expected(DIGEST, TEST_POLICY, authority.certificates, NOW),
        )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(noise=st.binary(max_size=200))
def test_noise_is_refused(expected: Expected, noise: bytes) -> None:
    with pytest.raises(TimestampUnavailable):
        check(noise, expected)


def test_a_cut_off_token_is_refused(token: tuple[bytes, Expected]) -> None:
    for size in range(0, len(token[0]), 37):
        with pytest.raises(TimestampUnavailable):
            check(token[0][:size], token[1])


def rewritten(token: bytes, field: str, value: Any) -> bytes:
    signed = cms.ContentInfo.load(token)["content"].copy()
    signed[field] = value
    return bytes(cms.ContentInfo({"content_type": "signed_data", "content": signed}).dump())


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("version", "v1"),
        ("signer_infos", []),
        (
            "encap_content_info",
            {"content_type": "data", "content": core.ParsableOctetString(b"no time")},
        ),
    ],
)
def test_signed_data_of_another_form_is_refused(
    token: tuple[bytes, Expected], field: str, value: Any
) -> None:
    with pytest.raises(TimestampUnavailable):
        check(rewritten(token[0], field, value), token[1])


def changed(token: bytes, change: Callable[[Any], None]) -> bytes:
    """Write a token anew, something in it otherwise that its signature does not cover."""
    info = cms.ContentInfo.load(token)
    change(info["content"])
    return bytes(info.dump(force=True))


def _another_certificate(signed: Any) -> None:
    signed["certificates"].append(signed["certificates"][0])


def _a_stranger(signed: Any) -> None:
    stranger = cms.CertificateChoices.load(signed["certificates"][0].dump()).copy()
    stranger.chosen["signature_value"] = core.OctetBitString(b"hidden")
    signed["certificates"].append(stranger)


def _revocation(signed: Any) -> None:
    signed["crls"] = cms.RevocationInfoChoices([])


def _unsigned(signed: Any) -> None:
    hidden = cms.CMSAttribute({"type": "1.2.3.4", "values": [core.OctetString(b"hidden")]})
    signed["signer_infos"][0]["unsigned_attrs"] = cms.CMSAttributes([hidden])


def _second_digest(signed: Any) -> None:
    signed["digest_algorithms"].append({"algorithm": "sha512"})


def _other_digest(signed: Any) -> None:
    signed["digest_algorithms"] = [{"algorithm": "sha512"}]


def _two_spellings(signed: Any) -> None:
    spelled = {"algorithm": "sha256", "parameters": core.Null()}
    signed["signer_infos"][0]["digest_algorithm"] = spelled


def _signature_parameters(signed: Any) -> None:
    name = {"algorithm": "sha256_ecdsa", "parameters": core.Null()}
    signed["signer_infos"][0]["signature_algorithm"] = name


def _signer_version(signed: Any) -> None:
    signed["signer_infos"][0]["version"] = "v3"


@pytest.mark.parametrize(
    "change",
    [
        _another_certificate,
        _a_stranger,
        _revocation,
        _unsigned,
        _second_digest,
        _other_digest,
        _two_spellings,
        _signature_parameters,
        _signer_version,
    ],
)
def test_what_the_signature_does_not_cover_has_one_form(
    change: Callable[[Any], None], token: tuple[bytes, Expected]
) -> None:
    """What our verifier would refuse later must not get into a document now."""
    other = changed(token[0], change)
    assert other != token[0]

    assert check(token[0], token[1]) == START
    with pytest.raises(TimestampUnavailable):
        check(other, token[1])


def test_parameters_that_are_null_in_both_places_are_taken(token: tuple[bytes, Expected]) -> None:
    """RFC 5754, 2: they must be understood; openssl writes them."""

    def null(signed: Any) -> None:
        spelled = {"algorithm": "sha256", "parameters": core.Null()}
        signed["signer_infos"][0]["digest_algorithm"] = spelled
        signed["digest_algorithms"] = [spelled]

    assert check(changed(token[0], null), token[1]) == START


def test_a_length_has_one_form(token: tuple[bytes, Expected]) -> None:
    """X.690, 10.1: the outermost length in one octet more than it needs."""
    data, expected = token
    assert data[:2] == b"\x30\x82"

    with pytest.raises(TimestampUnavailable):
        check(b"\x30\x83\x00" + data[2:], expected)
