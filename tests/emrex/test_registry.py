"""Other providers' entries in both forms of the registry, and our own while a key is replaced."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509

from emrex.accepting import SignatureVerdict, accept
from emrex.elmo.profiles import Version
from emrex.errors import NotEmitted, RegistryRefused
from emrex.registry.entry import ENTRY, Entry, pem
from emrex.registry.entry import emreg as listed
from emrex.registry.reading import providers
from emrex.xmldsig import sign
from emrex_wiring import entry_of, maker_of, trusted_by
from keys import hierarchy, publishing
from keys.states import NOTICE
from keys.trust import KeyState
from register.synthetic.personas import PERSONAS
from tests.credentials.people import extract
from tests.emrex.conftest import Desk
from tests.emrex.test_register_to_elmo import written
from tests.house import furnish
from wiring import Instance


def emreg(single: object, name: str, certificate: str) -> bytes:
    country = {"countryCode": "FI", "countryName": "Finland", "singleFetch": single}
    one = {
        "acronym": "FI",
        "countryCode": "FI",
        "institutions": ["All"],
        "url": "https://emp.example.fi/init",
        "pubKey": certificate,
    }
    return json.dumps({"countries": [country], name: [one]}).encode()


@pytest.mark.parametrize("name", ["ncps", "emps"])
@pytest.mark.parametrize(
    ("single", "read"), [(True, True), ("true", True), (False, False), ("false", False)]
)
def test_both_ages_of_emreg_are_read(name: str, single: object, desk: Desk, *, read: bool) -> None:
    """emrex.md 4.79."""
    (one,) = providers(emreg(single, name, pem(desk.signer.chain[:1]).decode()))

    assert one.single_fetch is read
    assert one.certificates == desk.signer.chain[:1]
    assert one.url == "https://emp.example.fi/init"


def test_a_provider_in_the_catalogue_has_as_many_certificates_as_it_says(desk: Desk) -> None:
    """emrex.md 4.80: two while one follows the other, and one that is none is passed over."""
    two = (desk.signer.chain[0], desk.stranger.chain[0])
    listed = "".join(
        f"<e:certificate>{base64.b64encode(one).decode()}</e:certificate>" for one in two
    )
    entry = (
        f'<catalogue><e:emrex-data-access-point xmlns:e="{ENTRY}" version="1.0.0">'
        "<e:url>https://emp.example.fi/</e:url><e:name>FI</e:name>"
        f"<e:country-code>FI</e:country-code>{listed}<e:certificate>AAAA</e:certificate>"
        "</e:emrex-data-access-point></catalogue>"
    )

    (one,) = providers(entry.encode())

    assert one.certificates == two


def test_our_entry_is_one_provider_for_every_institution(desk: Desk) -> None:
    """emrex.md 2.1: with singleFetch a client would show "All" as the name of a school."""
    entry = Entry("Register", "ECHT", "NL", "Netherlands", "https://x.nl/", desk.signer.chain[:1])

    (one,) = providers(listed(entry))

    assert one.institutions == ("All",)
    assert not one.single_fetch
    assert json.loads(listed(entry))["countries"][0]["singleFetch"] is False


@pytest.mark.parametrize("data", [b"", b"<x", b"{}", b"[]", b"null", b'{"countries":[],"ncps":1}'])
def test_what_is_no_registry_is_refused(data: bytes) -> None:
    with pytest.raises(RegistryRefused):
        providers(data)


def test_a_provider_whose_key_cannot_be_read_is_listed_without_one() -> None:
    (one,) = providers(emreg("true", "emps", "not a certificate"))

    assert one.certificates == ()


@pytest.mark.parametrize(
    ("left", "may"), [(timedelta(hours=25), True), (timedelta(hours=23), False)]
)
def test_nothing_is_signed_in_the_last_day_of_a_certificate(
    left: timedelta, desk: Desk, *, may: bool
) -> None:
    """emrex.md 4.59."""
    ends = x509.load_der_x509_certificate(desk.signer.chain[0]).not_valid_after_utc
    root = written([extract("hbo").record])

    if may:
        assert sign(root, desk.signer, ends - left)
        return
    with pytest.raises(NotEmitted) as refused:
        sign(root, desk.signer, ends - left)
    assert refused.value.reason == "expiring"


def test_the_next_certificate_is_published_before_it_signs(tmp_path: Path) -> None:
    """emrex.md 4.58: announced, then in use, and what the old one signed stays good."""
    instance = furnish(tmp_path, people=1)
    now = [hierarchy.utc_now().replace(microsecond=0)]  # its certificates are good from now on
    instance = Instance(instance.settings, lambda: now[0])
    records = instance.register.awards_of(PERSONAS[0].person_id)
    old = entry_of(instance).certificates
    before = maker_of(instance).document(records, Version.V1_7)

    kid = hierarchy.announce(instance.keys_folder, "emrex", now=now[0])
    publish(instance)
    both = entry_of(instance).certificates
    assert both[:1] == old
    assert len(both) == 2

    now[0] += NOTICE
    publishing.change_state(instance.keys_folder, kid, KeyState.ACTIVE, at=now[0])
    publish(instance)
    after = maker_of(instance).document(records, Version.V1_7)

    assert entry_of(instance).certificates == both[1:]
    assert after.certificate == both[1]
    for made in (before, after):
        found = accept(made.content, trusted_by(instance), now[0])
        assert found.verdict is SignatureVerdict.VALID
    instance.close()


def publish(instance: Instance) -> None:
    trust = instance.keyring.signer("trust")
    publishing.publish(
        instance.keys_folder, trust, now=instance.clock(), into=instance.trust_folder
    )
