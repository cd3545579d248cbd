"""The promise under test: a list says who is revoked since when, and a changed one is no list."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from keys import crl, hierarchy
from keys.crl import RevocationList
from keys.custody import SealSigner
from keys.errors import RevocationUnavailable
from keys.files import FileSigner
from keys.signed_objects import Authority
from tests.keys.conftest import NOW

START = NOW.replace(microsecond=0)
WEEK = timedelta(days=7)
SHARED = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
SERIALS = st.integers(min_value=1, max_value=2**159)
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2099, 1, 1)).map(  # noqa: DTZ001 - made aware below
    lambda one: one.replace(microsecond=0, tzinfo=UTC)
)


@pytest.fixture(name="ca")
def _ca(made: Path) -> SealSigner:
    return FileSigner("ca", key_file=made / "ca.key", chain_file=made / "ca.pem")


@SHARED
@given(revoked=st.dictionaries(SERIALS, MOMENTS, max_size=5), number=SERIALS, at=MOMENTS)
def test_what_is_written_is_read_again_by_ours_and_by_another_reader(
    ca: SealSigner, revoked: dict[int, datetime], number: int, at: datetime
) -> None:
    content = RevocationList(number, at, at + WEEK, revoked)

    data = crl.write(Authority(ca), content)

    assert crl.read(data, ca.chain[0]) == content
    other = x509.load_der_x509_crl(data)
    assert {one.serial_number: one.revocation_date_utc for one in other} == revoked
    assert other.is_signature_valid(x509.load_der_x509_certificate(ca.chain[0]).public_key())  # type: ignore[arg-type]


def test_a_list_has_the_extensions_of_its_profile(ca: SealSigner) -> None:
    """RFC 5280 5.2.1, 5.2.3, 5.3.1."""
    content = RevocationList(7, START, START + WEEK, {5: START})
    found = x509.load_der_x509_crl(crl.write(Authority(ca), content))
    issuer = x509.load_der_x509_certificate(ca.chain[0])
    above = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    named = found.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value
    entry = found.get_revoked_certificate_by_serial_number(5)

    assert found.issuer == issuer.subject
    assert found.signature_hash_algorithm is not None
    assert found.signature_hash_algorithm.name == "sha384"
    assert named.key_identifier == above.digest
    assert found.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == 7
    assert entry is not None
    reason = entry.extensions.get_extension_for_class(x509.CRLReason).value
    assert reason.reason == x509.ReasonFlags.key_compromise


@SHARED
@given(position=st.integers(min_value=0), mask=st.integers(min_value=1, max_value=255))
def test_a_flipped_byte_is_no_list(ca: SealSigner, position: int, mask: int) -> None:
    data = bytearray(crl.write(Authority(ca), RevocationList(7, START, START + WEEK, {5: START})))
    data[position % len(data)] ^= mask

    with pytest.raises(RevocationUnavailable):
        crl.read(bytes(data), ca.chain[0])


@given(noise=st.binary(max_size=200))
def test_noise_is_no_list(made: Path, noise: bytes) -> None:
    with pytest.raises(RevocationUnavailable):
        crl.read(noise, hierarchy.root_of(made))


def test_a_list_of_another_authority_is_refused(ca: SealSigner) -> None:
    data = crl.write(Authority(ca), RevocationList(7, START, START + WEEK, {}))

    with pytest.raises(RevocationUnavailable, match="not its authority's"):
        crl.read(data, ca.chain[1])
