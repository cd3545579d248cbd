"""Whatever is sent to the endpoints of EMREX 2.0, none of it is an error of ours."""

from __future__ import annotations

import httpx2
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.emrex.two.outside import (
    AUTHORIZE,
    TOKEN,
    VERIFIER,
    Site,
)
from tests.emrex.two.test_asking import GOOD
from web.oauth import ASSERTION_TYPE

NAMES = st.sampled_from([*GOOD, "scope", "ui_locales", "nonce", "prompt", "request", "\x00"])
ANYTHING = st.one_of(st.sampled_from(list(GOOD.values())), st.text(max_size=60))


@given(params=st.lists(st.tuples(NAMES, ANYTHING), max_size=9), whole=st.booleans())
def test_no_authorisation_request_is_an_error_of_ours(
    built: Site, params: list[tuple[str, str]], *, whole: bool
) -> None:
    sent = httpx2.QueryParams([*(GOOD.items() if whole else ()), *_encodable(params)])

    answer = built.browser.get(AUTHORIZE, params=sent, follow_redirects=False)

    assert answer.status_code in {303, 400}
    away = answer.headers.get("location", "/")
    assert away.startswith(("/", built.emc.redirect_uri))


FORM = {
    "grant_type": "authorization_code",
    "client_assertion_type": ASSERTION_TYPE,
    "client_assertion": "e30.eyJzdWIiOiJlbWMtbmwtdXZhIn0.eA",
    "code": "x",
    "redirect_uri": GOOD["redirect_uri"],
    "code_verifier": VERIFIER,
}


@given(fields=st.dictionaries(st.sampled_from([*FORM, "client_id", "x"]), st.text(max_size=60)))
def test_no_token_request_is_an_error_of_ours(built: Site, fields: dict[str, str]) -> None:
    sent = FORM | dict(_encodable(list(fields.items())))

    answer = built.browser.post(TOKEN, data=sent)

    assert answer.status_code in {400, 401}
    assert set(answer.json()) == {"error"}


@given(body=st.binary(max_size=200), kind=st.sampled_from(["", "; charset=utf-7", "; charset=x"]))
def test_no_body_at_the_token_endpoint_is_an_error_of_ours(
    built: Site, body: bytes, kind: str
) -> None:
    headers = {"Content-Type": f"application/x-www-form-urlencoded{kind}"}

    assert built.browser.post(TOKEN, content=body, headers=headers).status_code == 400


WORDS = st.sampled_from(["data_format", "data_format_version", "pdf_id"])


def test_no_request_for_results_is_an_error_of_ours(site: Site) -> None:
    token = site.token()

    def once(asked: dict[str, str]) -> None:
        answer = site.emc.results(token, **dict(_encodable(list(asked.items()))))
        assert answer.status_code in {200, 400}

    settings(max_examples=30)(given(asked=st.dictionaries(WORDS, ANYTHING))(once))()


def _encodable(params: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, value.encode("utf-8", "replace").decode()) for name, value in params]
