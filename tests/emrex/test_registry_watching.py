"""The promise under test: whoever changes our entry in a registry is seen, and named in the log."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography import x509
from structlog.testing import capture_logs

from emrex.registry.entry import Entry, emreg, manifest
from emrex.registry.pulling import Listed
from emrex.registry.reading import is_catalogue, providers
from emrex.registry.watching import NOTICE, Fault, Own, Watch, faults
from keys.errors import KeyUnavailable
from tests.emrex.conftest import NOW, Desk
from tests.emrex.registries import NORWAY, catalogue
from tests.emrex.registries import emreg as emreg_of
from web.logs import allow_listed

URL = "https://echt.example.nl/emrex/init"
EWP = "https://ewp.example.eu/catalogue.xml"


def own(*certificates: bytes, retired: tuple[bytes, ...] = ()) -> Own:
    return Own(Entry("Echt", "ECHT", "NL", "Netherlands", URL, certificates), retired)


def listed(data: bytes, address: str = EWP) -> Listed:
    return Listed(address, providers(data), NOW, is_catalogue(data))


@pytest.fixture(name="three")
def _three(desk: Desk) -> tuple[bytes, bytes, bytes]:
    """The certificate in use, the one that follows it, and somebody else's."""
    return desk.signer.chain[0], desk.stranger.chain[0], desk.signer.chain[-1]


def test_an_entry_as_we_publish_it_is_as_it_should_be(three: tuple[bytes, ...]) -> None:
    """emrex.md 4.58: in EWP with the next certificate; EMREG has room for one."""
    now, following, _ = three
    ours = own(now, following)

    for data in (manifest(ours.entry), emreg(ours.entry)):
        assert faults(ours, listed(data), NOW) == ()


def test_a_retired_certificate_may_stay_for_a_while(three: tuple[bytes, ...]) -> None:
    now, before, _ = three
    data = catalogue((URL, (before, now)))

    assert faults(own(now, retired=(before,)), listed(data), NOW) == ()


def test_everything_that_differs_is_found(three: tuple[bytes, ...]) -> None:
    """Issue 5, emrex.md 3.7: registry tampering."""
    now, following, foreign = three
    one, two = own(now), own(now, following)
    cases = [
        (one, catalogue((NORWAY, (foreign,))), [Fault.NOT_LISTED]),
        (one, catalogue((URL, (now, foreign))), [Fault.UNKNOWN_CERTIFICATE]),
        (one, catalogue((URL, (foreign,))), [Fault.UNKNOWN_CERTIFICATE, Fault.OTHER_CERTIFICATE]),
        (two, catalogue((URL, (following,))), [Fault.OTHER_CERTIFICATE]),
        (one, catalogue((NORWAY, (now,))), [Fault.OTHER_ADDRESS]),
        (one, catalogue((URL, (now,)), (NORWAY, (now,))), [Fault.OTHER_ADDRESS]),
        (two, catalogue((URL, (now,))), [Fault.NEXT_NOT_LISTED]),
        (two, emreg_of((URL, (now,))), []),
        (one, emreg_of((URL, ())), [Fault.OTHER_CERTIFICATE]),
    ]
    for ours, data, expected in cases:
        assert faults(ours, listed(data), NOW) == tuple(expected), data[:80]


def test_a_certificate_that_ends_soon_wants_a_next_one(three: tuple[bytes, ...]) -> None:
    now, following, _ = three
    soon = x509.load_der_x509_certificate(now).not_valid_after_utc - NOTICE + timedelta(hours=1)

    assert faults(own(now), listed(catalogue((URL, (now,)))), soon) == (Fault.NO_NEXT,)
    both = own(now, following)
    assert faults(both, listed(manifest(both.entry)), soon) == ()


def test_the_alarm_sounds_once_for_each_fault_and_says_when_it_is_over(
    three: tuple[bytes, ...],
) -> None:
    """A structured event: the registry, what is wrong, and nothing of anybody."""
    now, _, foreign = three
    registry = [listed(catalogue((URL, (now,))))]
    watch = Watch(lambda: registry, lambda: own(now), lambda: NOW)
    watch.look()
    assert watch.warning == ""

    with capture_logs() as logs:
        registry[:] = [listed(catalogue((URL, (foreign,))))]
        watch.look()
        watch.look()
        assert watch.warning == "unknown-certificate"
        registry[:] = [listed(catalogue((URL, (now,))))]
        watch.look()

    assert watch.warning == ""
    kinds = [(one["event"], one.get("kind")) for one in logs]
    assert kinds == [
        ("registry-entry-differs", "unknown-certificate"),
        ("registry-entry-differs", "other-certificate"),
        ("registry-entry-agrees", None),
    ]
    assert {one["authority"] for one in logs} == {"ewp.example.eu"}
    assert all(set(one) - set(allow_listed(None, "", dict(one))) <= {"log_level"} for one in logs)


def test_what_one_registry_says_well_hides_no_fault_in_another(three: tuple[bytes, ...]) -> None:
    now, _, foreign = three
    good = listed(catalogue((URL, (now,))))
    bad = listed(emreg_of((URL, (foreign,))), "https://ewp.example.eu/list.json")
    watch = Watch(lambda: [bad, good], lambda: own(now), lambda: NOW)

    watch.look()

    assert watch.warning == "unknown-certificate"


def test_without_a_trust_list_nothing_is_compared(three: tuple[bytes, ...]) -> None:
    def away() -> Own:
        raise KeyUnavailable("away")

    watch = Watch(lambda: [listed(catalogue((URL, three[:1])))], away, lambda: NOW)

    with pytest.raises(KeyUnavailable):
        watch.look()
    assert watch.warning == ""
