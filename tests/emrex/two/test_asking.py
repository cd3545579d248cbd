"""Where a browser is sent, and where it never is: the authorisation endpoint."""

from __future__ import annotations

import httpx2
import pytest

from tests.emrex.two.outside import (
    AUTHORIZE,
    CHALLENGE,
    Site,
)

GOOD = {
    "response_type": "code",
    "client_id": "emc-nl-uva",
    "redirect_uri": "https://emc.example.edu/back?a=b",
    "state": "s",
    "code_challenge": CHALLENGE,
    "code_challenge_method": "S256",
}


@pytest.mark.parametrize(
    "changed",
    [
        {"client_id": None},
        {"client_id": "emc-no-ntnu"},
        {"client_id": "EMC-NL-UVA"},
        {"client_id": "nobody"},
        {"redirect_uri": None},
        {"redirect_uri": "https://emc.example.edu/back"},
        {"redirect_uri": "https://emc.example.edu/back?a=b&c"},
        {"redirect_uri": "https://emc.example.edu/back?a=b#x"},
        {"redirect_uri": "https://EMC.example.edu/back?a=b"},
        {"redirect_uri": "https://emc.example.edu:443/back?a=b"},
        {"redirect_uri": "https://evil.example/back?a=b"},
        {"redirect_uri": ["https://emc.example.edu/back?a=b", "https://evil.example/"]},
        {"client_id": ["emc-nl-uva", "emc-no-ntnu"]},
    ],
)
def test_nobody_is_sent_to_where_nobody_is_registered(
    site: Site, changed: dict[str, str | list[str] | None]
) -> None:
    """emrex.md 4.83: letter by letter, and told to the person alone."""
    answer = _authorize(site, changed)

    assert answer.status_code == 400
    assert "location" not in answer.headers
    assert "refresh" not in answer.text
    assert "evil.example" not in answer.text


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": "s256"}, "invalid_request"),
        ({"code_challenge": CHALLENGE[:-1]}, "invalid_request"),
        ({"code_challenge": CHALLENGE[:-1] + "="}, "invalid_request"),
        ({"code_challenge": [CHALLENGE, "a" * 43]}, "invalid_request"),
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code token"}, "unsupported_response_type"),
        ({"state": None}, "invalid_request"),
        ({"state": "x" * 1001}, "invalid_request"),
        ({"state": "a\r\nb"}, "invalid_request"),
        ({"scope": 'a"b'}, "invalid_scope"),
        ({"scope": "x" * 1001}, "invalid_scope"),
        ({"nonce": ["1", "2"]}, "invalid_request"),
    ],
)
def test_a_client_hears_what_is_wrong_with_its_request(
    site: Site, changed: dict[str, str | list[str] | None], error: str
) -> None:
    """emrex.md 4.84: no challenge, or a plain one, and no transfer begins."""
    answer = _authorize(site, changed)

    assert answer.status_code == 303
    assert "set-cookie" not in answer.headers
    address = httpx2.URL(answer.headers["location"])
    assert (address.host, address.params["error"], address.params["a"]) == (
        "emc.example.edu",
        error,
        "b",
    )
    assert address.params.get("state") == (None if "state" in changed else "s")


@pytest.mark.parametrize("scope", ["", "openid elmo", "higher-education:diploma"])
def test_a_scope_of_the_draft_is_no_fault(site: Site, scope: str) -> None:
    assert "/emrex/t/" in _authorize(site, {"scope": scope}).headers["location"]


def _authorize(site: Site, changed: dict[str, str | list[str] | None]) -> httpx2.Response:
    wanted = GOOD | changed
    params = {name: value for name, value in wanted.items() if value is not None}
    return site.browser.get(AUTHORIZE, params=params, follow_redirects=False)
