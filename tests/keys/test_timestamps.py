"""The promise under test: a token proves one moment for one digest, and says no honestly."""

from __future__ import annotations

import hashlib
import itertools
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from asn1crypto import cms, core, tsp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keys import hierarchy
from keys.errors import KeyRefused
from keys.timestamps import TEST_POLICY, EmbeddedAuthority
from tests.keys.conftest import NOW

SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
DIGEST = hashlib.sha256(b"a signature value").digest()


@pytest.fixture(name="authority")
def _authority(made: Path) -> EmbeddedAuthority:
    numbers = itertools.count(1)
    return EmbeddedAuthority(
        hierarchy.open_signer(made, "tsa"),
        clock=lambda: NOW,
        token_bytes=lambda size: next(numbers).to_bytes(size, "big"),
    )


def request(**changes: Any) -> bytes:
    imprint = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": DIGEST}
    fields = {"version": "v1", "message_imprint": imprint, "nonce": 77, "cert_req": True}
    return bytes(tsp.TimeStampReq(fields | changes).dump())


def signed_data(token: bytes) -> Any:
    return cms.ContentInfo.load(token, strict=True)["content"]


def info(token: bytes) -> Any:
    return signed_data(token)["encap_content_info"]["content"].parsed


def answer(response: bytes) -> Any:
    return tsp.TimeStampResp.load(response, strict=True)


def refusal(response: bytes) -> tuple[str, set[str]]:
    status = core.SequenceOf.load(response, strict=True, spec=tsp.PKIStatusInfo)
    assert len(status) == 1, "a rejection carries no token"
    return status[0]["status"].native, status[0]["fail_info"].native


def test_a_stamp_says_what_was_asked_and_when(authority: EmbeddedAuthority) -> None:
    """pdf.md 3.5."""
    found = info(authority.stamp(DIGEST))

    assert found["version"].native == "v1"
    assert found["policy"].dotted == TEST_POLICY
    assert found["message_imprint"]["hash_algorithm"]["algorithm"].native == "sha256"
    assert found["message_imprint"]["hashed_message"].native == DIGEST
    assert found["serial_number"].native == 1
    assert found["nonce"].native is None
    assert found["gen_time"].contents == b"20261121120000Z"


def test_a_token_has_the_profile_of_the_seal(authority: EmbeddedAuthority, made: Path) -> None:
    """pdf.md 3.5: SignedData v3, id-ct-TSTInfo, exactly three signed attributes."""
    signed = signed_data(authority.stamp(DIGEST))
    signer = signed["signer_infos"][0]
    kind = signed["encap_content_info"]["content_type"]
    names = [attribute["type"].native for attribute in signer["signed_attrs"]]
    embedded = [one.chosen.dump() for one in signed["certificates"]]

    assert signed["version"].native == "v3"
    assert kind.dotted == "1.2.840.113549.1.9.16.1.4"
    assert names == ["content_type", "message_digest", "signing_certificate_v2"]
    assert signer["signature_algorithm"].dump().hex() == "300a06082a8648ce3d040302"
    assert signer["digest_algorithm"].dump().hex() == "300b0609608648016503040201"
    assert sorted(embedded) == sorted(hierarchy.open_signer(made, "tsa").chain[:-1])


def test_serials_are_64_random_bits(made: Path) -> None:
    authority = hierarchy.open_timestamper(made, clock=lambda: NOW)
    serials = {info(authority.stamp(DIGEST))["serial_number"].native for _ in range(8)}

    assert len(serials) == 8
    assert max(serials) < 2**64
    assert max(serials) > 2**48


@pytest.mark.parametrize("size", [0, 20, 31, 33, 48, 64])
def test_only_a_sha256_digest_is_stamped(authority: EmbeddedAuthority, size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        authority.stamp(bytes(size))


def test_a_request_is_granted_with_its_nonce_and_imprint(authority: EmbeddedAuthority) -> None:
    found = answer(authority.respond(request(nonce=2**63 + 1)))
    stamped = found["time_stamp_token"]["content"]["encap_content_info"]["content"].parsed

    assert found["status"]["status"].native == "granted"
    assert stamped["nonce"].native == 2**63 + 1
    assert stamped["message_imprint"]["hashed_message"].native == DIGEST


@pytest.mark.parametrize(("wanted", "count"), [(True, 2), (False, 0)])
def test_certificates_come_when_they_are_asked_for(
    authority: EmbeddedAuthority, count: int, *, wanted: bool
) -> None:
    found = answer(authority.respond(request(cert_req=wanted)))

    assert len(found["time_stamp_token"]["content"]["certificates"] or ()) == count


def test_our_policy_may_be_asked_for_by_name(authority: EmbeddedAuthority) -> None:
    found = answer(authority.respond(request(req_policy=TEST_POLICY)))

    assert found["status"]["status"].native == "granted"


SHA1 = {"hash_algorithm": {"algorithm": "sha1"}, "hashed_message": bytes(20)}
SHORT = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": bytes(20)}
EXTENSION = [{"extn_id": "1.2.3.4", "extn_value": b"x"}]


@pytest.mark.parametrize(
    ("asked", "failure"),
    [
        (request(message_imprint=SHA1), "bad_alg"),
        (request(message_imprint=SHORT), "bad_data_format"),
        (request(version="v2"), "bad_request"),
        (request(version=9), "bad_request"),
        (request(req_policy="1.2.3.4"), "unaccepted_policy"),
        (request(extensions=EXTENSION), "unaccepted_extensions"),
        (request() + b"\x00", "bad_data_format"),
        (request()[:-4], "bad_data_format"),
        (b"", "bad_data_format"),
        (b"garbage", "bad_data_format"),
        (b"\x30\x00", "bad_data_format"),
        (request(extensions=[EXTENSION[0] | {"extn_value": bytes(5000)}]), "bad_data_format"),
    ],
    ids=lambda value: str(value)[:60],
)
def test_a_bad_request_gets_a_rejection_with_its_reason(
    authority: EmbeddedAuthority, asked: bytes, failure: str
) -> None:
    """RFC 3161 2.4.2: PKIFailureInfo, and no token."""
    assert refusal(authority.respond(asked)) == ("rejection", {failure})


@SHARED
@given(position=st.integers(min_value=0), mask=st.integers(min_value=1, max_value=255))
def test_any_flipped_byte_of_a_request_gets_an_answer(
    authority: EmbeddedAuthority, position: int, mask: int
) -> None:
    asked = bytearray(request())
    asked[position % len(asked)] ^= mask

    status = core.Sequence.load(authority.respond(bytes(asked)), strict=True)

    assert status.dump()[:1] == b"\x30"


@SHARED
@given(asked=st.binary(max_size=200))
def test_noise_is_rejected(authority: EmbeddedAuthority, asked: bytes) -> None:
    assert refusal(authority.respond(asked))[0] == "rejection"


def test_the_embedded_authority_refuses_production(made: Path) -> None:
    """pdf.md 3.5: refuses to start in production."""
    signer = hierarchy.open_signer(made, "tsa")
    with pytest.raises(KeyRefused):
        EmbeddedAuthority(signer, clock=lambda: NOW, production=True)
    with pytest.raises(KeyRefused):
        hierarchy.open_timestamper(made, clock=lambda: NOW, production=True)


def test_the_embedded_authority_signs_with_p256_only(made: Path) -> None:
    with pytest.raises(ValueError, match="ES256"):
        EmbeddedAuthority(hierarchy.open_signer(made, "seal-rsa"), clock=lambda: datetime.now(UTC))


def test_the_order_of_imports_does_not_matter() -> None:
    """asn1crypto freezes its table of names at first use; what `tsp` adds later has none."""
    script = (
        "from asn1crypto import cms; cms.ContentType('data').dump();"
        "cms.CMSAttributeType('content_type').dump();"
        "import keys.timestamps as t; print(t._attribute(t._CONTENT_TYPE, t._TST_INFO).hex())"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip().endswith("060b2a864886f70d0109100104")
