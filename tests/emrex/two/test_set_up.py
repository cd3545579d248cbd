"""EMREX 2.0 where it is set up, and nothing of it where it is not."""

from __future__ import annotations

import base64

from starlette.testclient import TestClient

import serving
from checking import online_verifier
from emrex_wiring import trusted_by
from tests.emrex.two.outside import (
    AUTHORIZE,
    BASE,
    RESULTS,
    TOKEN,
    Holder,
    Site,
    records_on,
)
from tests.house import HERE, SAME_ORIGIN
from tests.test_api_rules import RULES
from tests.test_serving import OPERATED
from verifier.sandbox import Sandbox
from wiring import Instance


def test_clients_find_everything_where_they_look(site: Site) -> None:
    """emrex.md 3.1, RFC 8414, RFC 7517: and every address in it is one of ours."""
    told = site.browser.get("/.well-known/oauth-authorization-server").json()

    assert told["issuer"] == BASE
    assert told["code_challenge_methods_supported"] == ["S256"]
    assert told["token_endpoint_auth_methods_supported"] == ["private_key_jwt"]
    assert told["authorization_endpoint"] == AUTHORIZE
    assert told["token_endpoint"] == TOKEN
    assert told["emrex_results"]["endpoint"] == RESULTS
    assert told["jwks_uri"] == f"{BASE}/jwks.json"
    assert site.browser.get("/emrex/metadata.json").json()["protocols"] == ["1.0", "2.0"]
    (key,) = site.browser.get("/jwks.json").json()["keys"]
    assert base64.b64decode(key["x5c"][0]) == trusted_by(site.house)[0]
    assert "d" not in key


def test_the_description_has_the_two_endpoints_and_keeps_the_rules(site: Site) -> None:
    described = site.browser.get("/api/v1/openapi.json").json()

    found = {path.removeprefix("/api/v1/") for path in described["paths"]}
    assert found == OPERATED | {"/oauth2/token", "/results"}
    for rule in RULES:
        assert list(rule(described)) == []


def test_without_the_setting_there_is_nothing_of_it(house: Instance, site: Site) -> None:
    """Off by default; and a transfer that began under it is not answered by a form of 1.x."""
    holder = Holder(site.browser)
    page = holder.send(holder.arrives(site.emc.address()), "/login", choice="vwo")
    page = holder.send(page, "/selection", record=records_on(page))
    with Sandbox(size=1) as room:
        whole = serving.whole_site(house, online_verifier(house, room))
        with TestClient(whole, base_url=BASE, headers=SAME_ORIGIN, client=HERE) as off:
            for path in (
                AUTHORIZE,
                RESULTS,
                "/jwks.json",
                "/.well-known/oauth-authorization-server",
            ):
                assert off.get(path).status_code == 404
            assert off.post(TOKEN, data={}).status_code == 404
            assert off.get("/emrex/metadata.json").json()["protocols"] == ["1.0"]
            assert "/results" not in off.get("/api/v1/openapi.json").json()["paths"]
            off.cookies.update(site.browser.cookies)
            ended = Holder(off).send(page, "/consent", yes=["send", "unknown"], named="")
    assert ended.status_code == 404
    assert "data-handover" not in ended.text
