"""The promise under test: a path ends at a root that we hold, through authorities only."""

from __future__ import annotations

from datetime import timedelta

import pytest
from asn1crypto import x509 as asn1

from keys import certificates, chains
from keys.certificates import PROFILES, Issued
from keys.errors import TrustListInvalid
from tests.keys.conftest import NOW

START = NOW.replace(microsecond=0)
ROOT = certificates.make_root(START)
CA = certificates.make_ca(ROOT, START)
LEAF = certificates.make_leaf(PROFILES["seal"], CA, START)
OTHER_ROOT = certificates.make_root(START)


def path(*issued: Issued, root: Issued = ROOT, days: int = 1) -> int:
    chain = [one.der for one in issued]
    return len(chains.path_of(chain, roots=[root.der], at=START + timedelta(days=days)))


@pytest.mark.parametrize("chain", [(LEAF, CA), (LEAF, CA, ROOT)], ids=["without", "with root"])
def test_a_path_may_leave_its_root_out(chain: tuple[Issued, ...]) -> None:
    assert path(*chain) == 3


@pytest.mark.parametrize(
    ("chain", "reason"),
    [
        ((), "one to four"),
        ((LEAF, CA, ROOT, ROOT, ROOT), "one to four"),
        ((LEAF,), "does not end"),
        ((CA, LEAF), "does not end"),
        ((LEAF, LEAF, CA), "not issued by the next"),
        ((LEAF, ROOT), "not issued by the next"),
        ((LEAF, CA, OTHER_ROOT), "not issued by the next"),
    ],
    ids=["empty", "too long", "no CA", "upside down", "itself", "CA skipped", "foreign root"],
)
def test_a_broken_path_is_refused(chain: tuple[Issued, ...], reason: str) -> None:
    with pytest.raises(TrustListInvalid, match=reason):
        path(*chain)


def test_a_root_of_the_same_name_is_not_the_same_root() -> None:
    with pytest.raises(TrustListInvalid, match="not issued by the next"):
        path(LEAF, CA, root=OTHER_ROOT)


def test_an_end_key_cannot_issue() -> None:
    issued_by_leaf = certificates.make_leaf(
        PROFILES["facts"], Issued(LEAF.certificate, CA.private), START
    )
    with pytest.raises(TrustListInvalid):
        path(issued_by_leaf, LEAF, CA)


def test_an_authority_below_the_allowed_length_cannot_issue() -> None:
    below = certificates.make_ca(CA, START)
    leaf = certificates.make_leaf(PROFILES["seal"], below, START)
    with pytest.raises(TrustListInvalid, match=r"longer|not issued"):
        path(leaf, below, CA)


@pytest.mark.parametrize("days", [-1, 3 * 366])
def test_a_path_counts_only_while_all_are_valid(days: int) -> None:
    with pytest.raises(TrustListInvalid, match="not valid"):
        path(LEAF, CA, days=days)


def test_an_authority_is_no_end_key() -> None:
    with pytest.raises(TrustListInvalid, match="nothing else"):
        path(CA)


def test_an_absent_or_wider_purpose_is_none() -> None:
    trust = certificates.make_leaf(PROFILES["trust"], CA, START)

    assert chains.only_purpose(LEAF.certificate) is None
    assert chains.only_purpose(trust.certificate) == chains.TRUST_LIST_SIGNING


def test_a_certificate_with_a_name_that_cannot_be_read_is_refused() -> None:
    """Found by flipping bytes: names are parsed late, long after the certificate itself."""
    assert ROOT.der.count(b"Echt TEST") >= 2

    with pytest.raises(TrustListInvalid):
        chains.load(ROOT.der.replace(b"Echt TEST", b"\xff\xfe\xff\xff TEST", 1))


def test_every_changed_byte_of_a_certificate_ends_in_a_certificate_or_our_error() -> None:
    """The library raises more than one kind of error about bytes that are no certificate."""
    refused = 0
    for place in range(len(LEAF.der)):
        for mask in range(1, 256):
            changed = bytearray(LEAF.der)
            changed[place] ^= mask
            refused += not is_loaded(bytes(changed))
    assert refused > len(LEAF.der)


def is_loaded(der: bytes) -> bool:
    try:
        return bool(chains.load(der))
    except TrustListInvalid:
        return False


@pytest.mark.parametrize("serial", [0, -1], ids=["none", "negative"])
def test_a_certificate_without_a_proper_serial_is_refused(serial: int) -> None:
    written = asn1.Certificate.load(LEAF.der)
    written["tbs_certificate"]["serial_number"] = serial

    with pytest.raises(TrustListInvalid, match="serial"):
        chains.load(written.dump(force=True))
