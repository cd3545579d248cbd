"""Names of receivers from a registry: only where it says one thing of an origin of the internet."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from emrex.exchange.clients import Client
from emrex.registry.naming import MAX_NAME, RegisteredClients, name_of
from emrex.registry.reading import Provider
from tests.emrex.conftest import NOW

OULU = Provider("FI", "FI", "https://emp.oulu.fi/emrex?a=b", ("University of Oulu",), ())
VERIFIED = {"https://emrex-test.fsweb.no": Client({"en": "Ours"})}


def clients(*listed: Provider, as_of: datetime | None = NOW) -> RegisteredClients:
    return RegisteredClients(VERIFIED, lambda: listed, lambda: as_of)


def test_a_receiver_at_the_origin_of_a_provider_has_its_name_and_the_age_of_it() -> None:
    """emrex.md 3.7, 4.22."""
    found = clients(OULU)["https://emp.oulu.fi"]

    assert (found.name("nl"), found.named_at, found.takes_emp) == ("FI (FI)", NOW, False)
    assert "https://emp.oulu.fi:8443" not in clients(OULU)
    assert "http://emp.oulu.fi" not in clients(OULU)
    assert set(clients(OULU)) == {*VERIFIED, "https://emp.oulu.fi"}
    assert len(clients(OULU)) == 2


def test_a_name_that_we_verified_stands_above_the_registry() -> None:
    pretender = replace(OULU, name="Bank", url="https://emrex-test.fsweb.no/x")

    assert clients(pretender)["https://emrex-test.fsweb.no"].name("en") == "Ours"
    assert clients(pretender)["https://emrex-test.fsweb.no"].named_at is None


def test_two_names_at_one_origin_are_none() -> None:
    other = replace(OULU, name="Somebody", url="https://emp.oulu.fi/other")

    assert clients(OULU, other).get("https://emp.oulu.fi") is None
    assert clients(OULU, replace(OULU, url="https://emp.oulu.fi/2")).get("https://emp.oulu.fi")


@pytest.mark.parametrize(
    "url",
    [
        "http://emp.oulu.fi/",
        "https://10.0.0.1/",
        "https://localhost/",
        "https://user@emp.oulu.fi/",
        "javascript:alert(1)",
        "https://emp.oulu.fi:22/",
        "",
        "https://[",
    ],
)
def test_an_address_that_no_answer_may_go_to_names_nobody(url: str) -> None:
    assert set(clients(replace(OULU, url=url))) == set(VERIFIED)


def test_one_institution_goes_by_its_own_name() -> None:
    """emrex.md 2.1: singleFetch shows the first institution only."""
    assert name_of(replace(OULU, single_fetch=True)) == "University of Oulu (FI)"
    assert name_of(replace(OULU, single_fetch=True, institutions=("All",))) == "FI (FI)"
    assert name_of(replace(OULU, country="")) == "FI"


@pytest.mark.parametrize("name", ["", "x" * (MAX_NAME + 1)])
def test_a_name_that_does_not_fit_is_none(name: str) -> None:
    assert clients(replace(OULU, name=name)).get("https://emp.oulu.fi") is None


def test_without_a_list_nobody_has_a_name_of_it() -> None:
    assert clients(OULU, as_of=None).get("https://emp.oulu.fi") is None
