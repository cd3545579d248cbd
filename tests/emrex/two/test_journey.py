"""The whole way of EMREX 2.0 over HTTP: a client that others wrote, its holder, and the pages."""

from __future__ import annotations

import hashlib
import json

import pytest
import structlog
from authlib.integrations.base_client.errors import OAuthError
from joserfc.jwk import ECKey

from emrex.accepting import SignatureVerdict, accept
from emrex.exchange.transaction import IDLE
from emrex_wiring import trusted_by
from tests.emrex.two.outside import (
    BASE,
    CHALLENGE,
    PERSON,
    SECOND,
    VERIFIER,
    Emc,
    Holder,
    Site,
    records_on,
    told_in,
    verified,
)


def test_an_outside_client_gets_what_the_holder_chose(site: Site) -> None:
    """emrex.md 4.83 to 4.88: pages, token and results; what is fetched is on the receipt."""
    told = Holder(site.browser).back(site.emc.address(ui_locales="en"), "vwo")
    assert (told["to"], told["a"]) == ("emc.example.edu/back", "b")
    assert (told["state"], told["iss"]) == (site.emc.state, BASE)
    given = site.emc.grant(told["code"])
    assert (given["token_type"], given["expires_in"]) == ("Bearer", 300)

    elmo = site.emc.results(given["access_token"])

    assert elmo.headers["content-type"] == "application/xml"
    assert elmo.headers["cache-control"] == "no-store"
    found = accept(elmo.content, trusted_by(site.house), site.house.clock())
    assert (found.verdict, found.findings) == (SignatureVerdict.VALID, ())
    page = site.browser.get("/en/emrex/receipts").text
    assert hashlib.sha256(elmo.content).hexdigest() in page
    assert "University emc-nl-uva" in page
    header = verified(elmo, site.keys)
    assert header["aud"] == "emc-nl-uva"
    assert header["typ"] == "echt-emrex-results+jws"


def test_a_client_with_keys_that_have_names_gets_in_too(site: Site) -> None:
    """ES256, and another key of the same kind does not."""
    code = Holder(site.browser).back(site.other.address(), "vwo")["code"]
    stranger = Emc(site.other.client_id, site.other.redirect_uri, ECKey.generate_key("P-256"))
    stranger.site = site.browser

    with pytest.raises(OAuthError, match="invalid_client"):
        stranger.grant(code)
    assert site.other.grant(code)["access_token"]


def test_who_has_nothing_to_share_is_answered_without_a_body(site: Site) -> None:
    """emrex.md 3.1 and 4.15: 204."""
    answer = site.emc.results(site.token("withdrawn"))

    assert (answer.status_code, answer.content) == (204, b"")


def test_who_stops_sends_no_code(site: Site) -> None:
    """emrex.md 4.29."""
    holder = Holder(site.browser)
    page = holder.send(holder.arrives(site.emc.address()), "/login", choice="vwo")

    told = told_in(holder.send(page, "/stop"))

    assert (told["error"], told["state"]) == ("access_denied", site.emc.state)
    assert "code" not in told


def test_whose_time_is_over_sends_an_error(site: Site) -> None:
    """emrex.md 4.35."""
    holder = Holder(site.browser)
    start = holder.arrives(site.emc.address())
    site.wait(IDLE + SECOND)

    assert told_in(site.browser.get(start.url))["error"] == "server_error"


def test_the_page_names_the_client_that_is_registered(site: Site) -> None:
    """emrex.md 4.22 and 6.1: a name somebody checked, and no second box."""
    page = Holder(site.browser).arrives(site.emc.address(ui_locales="fr-FR nl-NL"))

    assert page.url.path.startswith("/nl/emrex/t/")
    assert page.url.query == b""
    assert "Universiteit emc-nl-uva" in page.text
    assert "emc.example.edu" in page.text


def test_the_way_back_is_shown_twice_and_not_a_third_time(site: Site) -> None:
    """emrex.md 4.27, 4.34: the same code, so that it is one answer."""
    holder = Holder(site.browser)
    page = holder.send(holder.arrives(site.emc.address()), "/login", choice="vwo")
    page = holder.send(page, "/selection", record=records_on(page))
    page = holder.send(page, "/consent", yes=["send"])

    again = site.browser.get(page.url)

    assert told_in(again) == told_in(page)
    assert "Your results were sent" in site.browser.get(page.url).text


def test_another_browser_gets_no_code(site: Site) -> None:
    """emrex.md 4.12."""
    start = Holder(site.browser).arrives(site.emc.address())
    site.browser.cookies.clear()

    assert site.browser.get(f"{start.url}/handover").status_code == 404


def test_nothing_of_a_transfer_is_in_the_log(site: Site) -> None:
    """emrex.md 4.89: neither code nor token, nor whose they are."""
    with structlog.testing.capture_logs() as lines:
        code = site.code()
        token = site.emc.grant(code)["access_token"]
        site.emc.results(token)

    written = json.dumps(lines)
    assert {"/oauth2/authorize", "/oauth2/token", "/results"} <= {one["route"] for one in lines}
    for secret in (code, token, VERIFIER, CHALLENGE, "xYz", PERSON["vwo"]):
        assert secret not in written
