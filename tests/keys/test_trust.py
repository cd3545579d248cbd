"""The promise under test: a list is ours to the last byte, or it is no list."""

from __future__ import annotations

import base64
import dataclasses
import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from joserfc import jws as judge
from joserfc.jwk import ECKey

from keys import hierarchy, publishing, trust
from keys.certificates import PROFILES
from keys.custody import SealSigner
from keys.errors import TrustListInvalid
from keys.trust import KeyEntry, KeyState, TrustList
from tests.keys.conftest import NOW

START = NOW.replace(microsecond=0)
SIGNER = list(PROFILES).index("trust")
"""Where the list has the key that signs it."""
SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
Change = Callable[[dict[str, Any]], object]


def decoded(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def dumped(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()


def forged(header: bytes, payload: bytes, signer: SealSigner) -> bytes:
    """A list that anybody with a key could write, whatever it says."""
    protected, body = encoded(header), encoded(payload)
    digest = hashlib.sha256(f"{protected}.{body}".encode()).digest()
    r, s = decode_dss_signature(signer.sign_digest(digest))
    signature = encoded(r.to_bytes(32, "big") + s.to_bytes(32, "big"))
    return dumped({"payload": body, "protected": protected, "signature": signature})


def parts(data: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    envelope = json.loads(data)
    return json.loads(decoded(envelope["protected"])), json.loads(decoded(envelope["payload"]))


@pytest.fixture(name="signer")
def _signer(made: Path) -> SealSigner:
    return hierarchy.open_signer(made, "trust")


def test_a_published_list_says_what_the_folder_knows(made: Path, published: bytes) -> None:
    listed = trust.read(published, now=NOW, pinned_root=hierarchy.root_of(made))

    assert (listed.issuer, listed.serial, listed.expired) == ("Echt TEST", 1, False)
    assert listed.issued_at == START
    assert listed.expires_at == START + timedelta(days=90)
    assert listed.roots == (hierarchy.root_of(made),)
    for purpose in PROFILES:
        signer = hierarchy.open_signer(made, purpose)
        entry = listed.by_certificate(signer.chain[0])
        assert entry == KeyEntry(
            kid=signer.key.kid,
            purpose=PROFILES[purpose].purpose,
            algorithm=signer.key.algorithm,
            certificates=signer.chain,
            state=KeyState.ACTIVE,
            since=START,
        )
        assert listed.by_kid(signer.key.kid) == entry


def test_keys_are_found_by_purpose_certificate_and_name_or_not_at_all(published: bytes) -> None:
    listed = trust.read(published, now=NOW)

    assert [entry.algorithm for entry in listed.entries("seal")] == ["ES256", "RS256", "ES384"]
    assert listed.entries("nothing") == ()
    assert listed.by_certificate(listed.roots[0]) is None
    assert listed.by_kid("nobody") is None


def test_an_independent_library_verifies_the_signature(made: Path, published: bytes) -> None:
    """platform.md 3.11: any JOSE tool can check the list; here joserfc, on the raw envelope."""
    certificate = x509.load_der_x509_certificate(hierarchy.open_signer(made, "trust").chain[0])
    pem = certificate.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

    registry = judge.JWSRegistry(algorithms=["ES256"])
    registry.max_header_length = 10_000  # its default leaves no room for x5c

    found = judge.deserialize_json(json.loads(published), ECKey.import_key(pem), registry=registry)

    assert json.loads(found.payload)["format"] == "echt-trust"


def test_the_bare_mathematics_verify_the_signature(made: Path, published: bytes) -> None:
    certificate = x509.load_der_x509_certificate(hierarchy.open_signer(made, "trust").chain[0])
    public = certificate.public_key()
    assert isinstance(public, ec.EllipticCurvePublicKey)
    envelope = json.loads(published)
    raw = decoded(envelope["signature"])
    r, s = (int.from_bytes(half, "big") for half in (raw[:32], raw[32:]))
    covered = f"{envelope['protected']}.{envelope['payload']}".encode()

    public.verify(encode_dss_signature(r, s), covered, ec.ECDSA(hashes.SHA256()))
    assert len(raw) == 64


@SHARED
@given(position=st.integers(min_value=0), mask=st.integers(min_value=1, max_value=255))
def test_any_flipped_byte_is_refused(published: bytes, position: int, mask: int) -> None:
    changed = bytearray(published)
    changed[position % len(changed)] ^= mask

    with pytest.raises(TrustListInvalid):
        trust.read(bytes(changed), now=NOW)


def test_every_byte_of_the_signature_and_of_the_frame_counts(published: bytes) -> None:
    """The last character of base64url has spare bits, and JSON has spare white space."""
    # four bits of the last character are spare: a 64-byte value fills 85 and a third
    for position in range(len(published) - 16, len(published)):
        for mask in (1, 2, 4, 8):
            changed = bytearray(published)
            changed[position] ^= mask
            with pytest.raises(TrustListInvalid):
                trust.read(bytes(changed), now=NOW)


@SHARED
@given(size=st.integers(min_value=0))
def test_a_cut_off_list_is_refused(published: bytes, size: int) -> None:
    with pytest.raises(TrustListInvalid):
        trust.read(published[: size % len(published)], now=NOW)


@given(data=st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_anything_else_is_refused(data: bytes) -> None:
    with pytest.raises(TrustListInvalid):
        trust.read(data, now=NOW)


@pytest.mark.parametrize(
    "data",
    [
        b" " * 1_000_001,
        b"[" * 100_000,
        b'{"payload":NaN}',
        b'{"payload":"","protected":"","signature":""}',
        b'{"payload":1,"protected":2,"signature":3}',
        b"\xef\xbb\xbf{}",
        b'{"payload":"e30","protected":"\xc3\xa9","signature":"e30"}',
    ],
    ids=["too large", "deep", "NaN", "empty", "numbers", "BOM", "not ASCII"],
)
def test_hostile_frames_are_refused(data: bytes) -> None:
    with pytest.raises(TrustListInvalid):
        trust.read(data, now=NOW)


@pytest.mark.parametrize(
    "rewrite",
    [
        lambda d: json.dumps(json.loads(d)).encode(),
        lambda d: d + b"\n",
        lambda d: dumped(json.loads(d) | {"header": {"kid": "x"}}),
        lambda d: d[:-1] + b',"signature":"AAAA"}',
    ],
    ids=["spaces", "line end", "unprotected header", "double member"],
)
def test_another_spelling_of_the_same_list_is_refused(
    published: bytes, rewrite: Callable[[bytes], bytes]
) -> None:
    with pytest.raises(TrustListInvalid, match=r"canonical|well-formed"):
        trust.read(rewrite(published), now=NOW)


@pytest.mark.parametrize(
    "extra",
    [
        {"jwk": {"kty": "EC"}},
        {"jku": "https://example.org/keys"},
        {"x5u": "https://example.org/cert"},
        {"crit": ["exp"]},
        {"b64": False},
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "ES384"},
        {"typ": "JWT"},
        {"x5c": []},
        {"x5c": "MII"},
        {"x5c": ["!"]},
        {"kid": 7},
        {"kid": "another"},
    ],
    ids=str,
)
def test_a_header_that_says_more_or_other_things_is_refused(
    published: bytes, signer: SealSigner, extra: dict[str, Any]
) -> None:
    """verifier.md 3.5: nothing in a header is a source of trust."""
    header, payload = parts(published)

    with pytest.raises(TrustListInvalid):
        trust.read(forged(dumped(header | extra), dumped(payload), signer), now=NOW)


def test_a_double_member_in_a_signed_payload_is_refused(
    published: bytes, signer: SealSigner
) -> None:
    header, payload = parts(published)
    double = dumped(payload)[:-1] + b',"serial":9}'

    with pytest.raises(TrustListInvalid, match="well-formed"):
        trust.read(forged(dumped(header), double, signer), now=NOW)


CHANGES: dict[str, Change] = {
    "unknown member": lambda p: p.update(extra=1),
    "no issuer": lambda p: p.pop("issuer"),
    "another format": lambda p: p.update(format="other"),
    "another version": lambda p: p.update(version=3),
    "version 1 with authorities": lambda p: p.update(version=1),
    "version 2 without authorities": lambda p: p.pop("timestampAuthorities"),
    "version in words": lambda p: p.update(version="1"),
    "version true": lambda p: p.update(version=True),
    "negative serial": lambda p: p.update(serial=-1),
    "no roots": lambda p: p.update(roots=[]),
    "roots no list": lambda p: p.update(roots={}),
    "keys no list": lambda p: p.update(keys={}),
    "a key no object": lambda p: p["keys"].append(1),
    "a key twice": lambda p: p["keys"].append(p["keys"][0]),
    "key member unknown": lambda p: p["keys"][0].update(extra=1),
    "key member missing": lambda p: p["keys"][0].pop("since"),
    "unknown algorithm": lambda p: p["keys"][0].update(algorithm="none"),
    "unknown state": lambda p: p["keys"][0].update(state="fine"),
    "no certificates": lambda p: p["keys"][0].update(certificates=[]),
    "certificate garbage": lambda p: p["keys"][0].update(certificates=["AAAA"]),
    "path without its CA": lambda p: p["keys"][0]["certificates"].pop(1),
    "local time": lambda p: p.update(issuedAt="2026-11-21T12:00:00+01:00"),
    "compromised, no time": lambda p: p["keys"][0].update(state="compromised"),
    "time, not compromised": lambda p: p["keys"][0].update(compromisedSince="2026-11-21T12:00:00Z"),
    "retired, no time": lambda p: p["keys"][0].update(state="retired"),
    "signer not listed": lambda p: p["keys"].pop(SIGNER),
    "signer announced": lambda p: p["keys"][SIGNER].update(state="announced"),
    "signer of another purpose": lambda p: p["keys"][SIGNER].update(purpose="seal"),
    "signer not yet in use": lambda p: p["keys"][SIGNER].update(since="2026-11-21T12:00:01Z"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES.keys())
def test_a_signed_list_of_another_form_is_refused(
    published: bytes, signer: SealSigner, change: Change
) -> None:
    header, payload = parts(published)
    change(payload)

    with pytest.raises(TrustListInvalid):
        trust.read(forged(dumped(header), dumped(payload), signer), now=NOW)


@pytest.mark.parametrize("purpose", ["seal", "facts", "tsa"])
def test_another_key_of_ours_cannot_sign_a_list(made: Path, published: bytes, purpose: str) -> None:
    """A stolen sealing key makes documents, not lists."""
    thief = hierarchy.open_signer(made, purpose)
    _, payload = parts(published)
    payload["keys"][SIGNER]["purpose"] = "seal"
    for key in payload["keys"]:
        if key["kid"] == thief.key.kid:
            key["purpose"] = "trust"

    with pytest.raises(TrustListInvalid, match="another purpose"):
        trust.read(publishing.signed(payload, thief), now=NOW)


def test_an_imitation_with_all_our_names_needs_our_root(made: Path, tmp_path: Path) -> None:
    """verifier.md F5: the name is irrelevant."""
    hierarchy.make(tmp_path / "keys", now=NOW)
    stranger = hierarchy.open_signer(tmp_path / "keys", "trust")
    publishing.publish(tmp_path / "keys", stranger, now=NOW)
    imitation = (tmp_path / "keys" / publishing.LIST).read_bytes()

    assert trust.read(imitation, now=NOW).issuer == "Echt TEST"
    with pytest.raises(TrustListInvalid, match="root that you hold"):
        trust.read(imitation, now=NOW, pinned_root=hierarchy.root_of(made))


def test_naming_our_root_beside_ones_own_does_not_help(made: Path, tmp_path: Path) -> None:
    hierarchy.make(tmp_path / "keys", now=NOW)
    stranger = hierarchy.open_signer(tmp_path / "keys", "trust")
    publishing.publish(tmp_path / "keys", stranger, now=NOW)
    _, payload = parts((tmp_path / "keys" / publishing.LIST).read_bytes())
    payload["roots"].append(base64.b64encode(hierarchy.root_of(made)).decode())

    with pytest.raises(TrustListInvalid, match=r"trusted root|not issued"):
        trust.read(
            publishing.signed(payload, stranger), now=NOW, pinned_root=hierarchy.root_of(made)
        )


def test_an_authority_cannot_sign_a_list_itself(made: Path, published: bytes) -> None:
    header, payload = parts(published)
    header["x5c"] = header["x5c"][1:]

    with pytest.raises(TrustListInvalid, match="nothing else"):
        trust.read(
            forged(dumped(header), dumped(payload), hierarchy.open_signer(made, "trust")), now=NOW
        )


@pytest.mark.parametrize(("seconds", "expired"), [(-1, False), (0, True), (1, True)])
def test_an_expired_list_is_read_and_says_so(
    published: bytes, seconds: int, *, expired: bool
) -> None:
    """verifier.md 3.10: expired = not_done."""
    at = START + publishing.LIFETIME + timedelta(seconds=seconds)

    assert trust.read(published, now=at).expired is expired


def test_a_list_from_the_future_is_refused(published: bytes) -> None:
    trust.read(published, now=START - timedelta(minutes=5))
    with pytest.raises(TrustListInvalid, match="future"):
        trust.read(published, now=START - timedelta(minutes=5, seconds=1))


def test_a_list_older_than_one_seen_before_is_refused(published: bytes) -> None:
    assert trust.read(published, now=NOW, at_least=1).serial == 1
    with pytest.raises(TrustListInvalid, match="older"):
        trust.read(published, now=NOW, at_least=2)


def listed_with(published: bytes, **changes: Any) -> tuple[TrustList, KeyEntry]:
    listed = trust.read(published, now=NOW)
    entry = dataclasses.replace(listed.entries("seal")[0], **changes)
    return dataclasses.replace(listed, keys=(entry, *listed.keys[1:])), entry


T = START + timedelta(days=10)
SECOND = timedelta(seconds=1)


def test_an_active_key_is_trusted_from_its_first_second(published: bytes) -> None:
    listed, entry = listed_with(published)

    assert listed.trusts(entry, START)
    assert listed.trusts(entry, T)
    assert not listed.trusts(entry, START - SECOND)


def test_an_announced_key_is_never_trusted(published: bytes) -> None:
    """platform.md 4.1.21."""
    listed, entry = listed_with(published, state=KeyState.ANNOUNCED)

    assert not listed.trusts(entry, T)


def test_a_retired_key_is_trusted_for_what_it_signed_before(published: bytes) -> None:
    """platform.md 4.1.21."""
    listed, entry = listed_with(published, state=KeyState.RETIRED, until=T)

    assert listed.trusts(entry, T - SECOND)
    assert not listed.trusts(entry, T)


@given(seconds=st.integers(min_value=0, max_value=10**7))
@SHARED
def test_a_compromise_splits_documents_by_their_time(published: bytes, seconds: int) -> None:
    """platform.md 3.11 and 4.1.21: time-stamped before T stays valid, after T not."""
    listed, entry = listed_with(published, state=KeyState.COMPROMISED, compromised_since=T)
    at = START + timedelta(seconds=seconds)

    assert listed.trusts(entry, at) is (at < T)


def test_a_compromise_before_retirement_counts_from_the_compromise(published: bytes) -> None:
    listed, entry = listed_with(
        published, state=KeyState.COMPROMISED, until=T + SECOND, compromised_since=T
    )

    assert listed.trusts(entry, T - SECOND)
    assert not listed.trusts(entry, T)


def test_no_key_is_trusted_outside_its_certificate(published: bytes) -> None:
    listed, entry = listed_with(published, since=datetime(2020, 1, 1, tzinfo=UTC))
    end = x509.load_der_x509_certificate(entry.certificates[0]).not_valid_after_utc

    assert not listed.trusts(entry, START - SECOND)
    assert listed.trusts(entry, end)
    assert not listed.trusts(entry, end + SECOND)


def test_an_entry_of_another_list_is_not_trusted(published: bytes) -> None:
    listed, entry = listed_with(published)

    assert not listed.trusts(dataclasses.replace(entry, kid="other"), T)
