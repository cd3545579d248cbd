"""The whole site with two clients of EMREX 2.0, and a clock that a test moves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from joserfc.jwk import ECKey, RSAKey
from jwcrypto.jwk import JWKSet
from starlette.testclient import TestClient

import serving
from checking import online_verifier
from settings import Emrex2Settings
from tests.emrex.two.outside import BASE, Emc, Site
from tests.house import HERE
from verifier.sandbox import Sandbox
from wiring import Instance


@pytest.fixture(name="clients", scope="session")
def _clients() -> tuple[Emc, Emc]:
    return (
        Emc("emc-nl-uva", "https://emc.example.edu/back?a=b", RSAKey.generate_key(2048)),
        Emc("emc-no-ntnu", "https://emc.example.no:8443/back", ECKey.generate_key("P-256")),
    )


@pytest.fixture(name="built", scope="session")
def _built(house: Instance, clients: tuple[Emc, Emc]) -> Iterator[Site]:
    emc, other = clients
    file = house.settings.home / "clients.json"
    file.write_text(json.dumps([emc.entry, other.entry]))
    two = Emrex2Settings(clients_file=file)
    instance = Instance(
        house.settings.model_copy(update={"emrex2": two}),
        clock=lambda: datetime.now(UTC) + emc.later,
    )
    with Sandbox(size=1) as room:
        whole = serving.whole_site(instance, online_verifier(instance, room))
        as_a_browser = {"Sec-Fetch-Site": "same-origin", "Accept-Language": "en"}
        with TestClient(
            whole, base_url=BASE, headers=as_a_browser, raise_server_exceptions=False, client=HERE
        ) as browser:
            emc.site = other.site = browser
            keys = JWKSet.from_json(browser.get("/jwks.json").text)
            yield Site(browser, instance, emc, other, keys)
    instance.close()


@pytest.fixture(name="site")
def _site(built: Site) -> Site:
    built.browser.cookies.clear()
    built.emc.later = built.other.later = timedelta()
    return built
