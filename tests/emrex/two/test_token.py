"""Codes for tokens: each once, for its own client, and one answer to whoever means harm."""

from __future__ import annotations

import pytest
from authlib.integrations.base_client.errors import OAuthError

from tests.emrex.two.outside import (
    BASE,
    CHALLENGE,
    TOKEN,
    VERIFIER,
    Site,
)
from web.oauth import ASSERTION_TYPE


@pytest.mark.parametrize(
    "changed",
    [
        {"code_verifier": VERIFIER[:-1] + "l"},
        {"code_verifier": CHALLENGE},
        {"code_verifier": "x"},
        {"redirect_uri": "https://emc.example.edu/back"},
        {"code": "unknown"},
    ],
)
def test_a_code_that_is_brought_wrongly_is_spent_for_nothing(
    site: Site, changed: dict[str, str]
) -> None:
    """emrex.md 4.85, 4.86: the same answer, and no second try with the right words."""
    code = site.code()

    with pytest.raises(OAuthError) as caught:
        site.emc.grant(**({"code": code} | changed))
    assert (caught.value.error, caught.value.description) == ("invalid_grant", "")

    if "code" not in changed:
        with pytest.raises(OAuthError, match="invalid_grant"):
            site.emc.grant(code)


def test_another_client_cannot_use_a_code(site: Site) -> None:
    """emrex.md 4.86: not even with everything else, and afterwards it is good for nobody."""
    code = site.code()

    with pytest.raises(OAuthError, match="invalid_grant"):
        site.other.grant(code, redirect_uri=site.emc.redirect_uri)
    with pytest.raises(OAuthError, match="invalid_grant"):
        site.emc.grant(code)


def test_a_code_that_comes_twice_ends_the_token_that_it_gave(site: Site) -> None:
    """emrex.md 4.85; RFC 6749 4.1.2."""
    code = site.code()
    token = site.emc.grant(code)["access_token"]
    assert site.emc.results(token).status_code == 200

    with pytest.raises(OAuthError, match="invalid_grant"):
        site.emc.grant(code)

    assert site.emc.results(token).status_code == 401


def test_a_stranger_with_a_code_ends_nothing(site: Site) -> None:
    """Who does not prove to be a client can neither spend a code nor end a token with it."""
    code = site.code()
    sent = {"grant_type": "authorization_code", "code": code, "code_verifier": VERIFIER}
    sent |= {"redirect_uri": site.emc.redirect_uri, "client_assertion_type": ASSERTION_TYPE}

    assert site.refused(**sent, client_assertion="e30.e30.x") == (401, "invalid_client")
    token = site.emc.grant(code)["access_token"]
    assert site.refused(**sent, client_assertion="e30.e30.x") == (401, "invalid_client")
    assert site.emc.results(token).status_code == 200


def test_an_assertion_opens_nothing_twice(site: Site) -> None:
    """emrex.md 4.85."""
    client = site.emc.outside(jti="once")
    sent = {"code_verifier": VERIFIER, "grant_type": "authorization_code"}
    assert client.fetch_token(TOKEN, code=site.code(), **sent)["access_token"]

    with pytest.raises(OAuthError, match="invalid_client"):
        client.fetch_token(TOKEN, code=site.code(), **sent)


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "https://elsewhere.example/oauth2/token"},
        {"aud": f"{BASE}/oauth/token"},
        {"exp": 1},
        {"exp": 4_000_000_000},
        {"iss": "emc-no-ntnu"},
        {"sub": "emc-no-ntnu"},
        {"sub": "nobody"},
        {"nbf": 4_000_000_000},
        {"jti": ""},
    ],
)
def test_a_client_that_does_not_prove_who_it_is_gets_one_answer(
    site: Site, claims: dict[str, object]
) -> None:
    """emrex.md 3.1: aud, jti once, five minutes at most; what failed is told to nobody."""
    with pytest.raises(OAuthError) as caught:
        site.emc.outside(**claims).fetch_token(
            TOKEN, code="x", code_verifier=VERIFIER, grant_type="authorization_code"
        )

    assert (caught.value.error, caught.value.description) == ("invalid_client", "")


@pytest.mark.parametrize(
    ("sent", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token"}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, "invalid_request"),
        (
            {"grant_type": "authorization_code", "code": "x", "code_verifier": "y"},
            "invalid_request",
        ),
    ],
)
def test_a_token_request_without_all_of_it_is_refused(
    site: Site, sent: dict[str, str], error: str
) -> None:
    assert site.refused(**sent) == (400, error)
