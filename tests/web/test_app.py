"""The shell as a whole: what every address answers, whatever stands behind it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from fastapi import APIRouter, FastAPI
from starlette.testclient import TestClient

from keys.errors import KeyUnavailable
from tests.web.shell import PUBLIC_URL, Clock, browser, build_app, log_in, token_in
from web.errors import WebError
from web.problems import kinds_of

FIXED = {
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "strict-transport-security": "max-age=63072000; includeSubDomains",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
FILLED = {"lang": "en", "kind": "not-found", "number": "12", "version": "v", "name": "n"}


def routes(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Every method and address of the application, filled in."""
    for included in app.routes:
        router = getattr(included, "original_router", None)
        inner = router.routes if isinstance(router, APIRouter) else [included]
        for route in inner:
            path = route.path.replace(":path", "").format(**FILLED)  # type: ignore[attr-defined]
            for method in route.methods:  # type: ignore[attr-defined]
                yield method, path


EVERY = sorted(set(routes(build_app(Clock()))))


def test_the_matrix_sees_every_kind_of_address() -> None:
    paths = {path for _, path in EVERY}
    assert {"/", "/en/", "/livez", "/api/v1/orders", "/en/login", "/login/callback"} <= paths
    assert len(EVERY) > 25


@pytest.mark.parametrize(("method", "path"), EVERY)
def test_every_answer_carries_every_security_header(
    client: TestClient, method: str, path: str
) -> None:
    """platform.md 4.1.13; verifier.md 2.5."""
    answer = client.request(method, path)

    assert {name: answer.headers.get(name) for name in FIXED} == FIXED
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self';")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert "camera=()" in answer.headers["permissions-policy"]
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-request-id"]
    assert "server" not in answer.headers


@pytest.mark.parametrize(("method", "path"), EVERY)
def test_no_address_answers_422_or_shows_its_inside(
    client: TestClient, method: str, path: str
) -> None:
    """verifier.md 2.5: 400, not 422."""
    answer = client.request(method, path, content=b"\xff\xfe{")

    assert answer.status_code != 422
    assert "Traceback" not in answer.text
    assert "pydantic" not in answer.text


@pytest.mark.parametrize("path", sorted({path for method, path in EVERY if method == "GET"}))
def test_head_is_get_without_the_body(client: TestClient, path: str) -> None:
    full, head = client.get(path), client.head(path)

    assert head.status_code == full.status_code
    assert head.content == b""
    assert head.headers.get("content-type") == full.headers.get("content-type")


@pytest.mark.parametrize("path", ["/en/privacy/", "/api/v1/orders/12/", "/livez/"])
def test_an_address_with_a_slash_more_is_another_address(client: TestClient, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 404
    assert "location" not in answer.headers


@pytest.mark.parametrize("path", ["/en/nothing", "/xx/", "/xx/privacy", "/%2e%2e/", "/en//"])
def test_what_does_not_exist_is_a_page_that_says_so(client: TestClient, path: str) -> None:
    answer = client.get(path)

    assert answer.status_code == 404
    assert "This page does not exist" in answer.text


def test_the_wrong_method_says_which_is_right(client: TestClient) -> None:
    answer = client.delete("/en/privacy")

    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"
    assert "That cannot be done here" in answer.text


def test_the_api_describes_itself(client: TestClient) -> None:
    """verifier.md 2.5: OpenAPI 3.1 at the standard place, with a contact."""
    described = client.get("/api/v1/openapi.json").json()

    assert described["openapi"].startswith("3.1")
    assert described["info"]["contact"] == {
        "name": "Stichting Voorbeeld",
        "url": f"{PUBLIC_URL}/en/contact",
    }
    assert set(described["paths"]) == {
        "/api/v1/broken",
        "/api/v1/orders",
        "/api/v1/orders/{number}",
    }
    assert '"422"' not in json.dumps(described)
    assert "400" in described["paths"]["/api/v1/orders"]["post"]["responses"]
    assert client.get("/api/v1/openapi.json").headers["api-version"] == "1.0.0"
    assert client.get("/docs").status_code == 404


def test_a_personal_page_is_never_kept(client: TestClient) -> None:
    log_in(client)

    assert client.get("/en/diplomas").headers["cache-control"] == "no-store"


def test_every_kind_of_problem_has_its_own_page(client: TestClient) -> None:
    """platform.md 4.1.25: unique kind, valid status, translated title, page."""
    kinds = kinds_of(WebError)
    assert len(kinds) == len(WebError.__subclasses__())
    for kind in kinds.values():
        assert 400 <= kind.status < 600
        pages = {lang: client.get(f"/{lang}/problems/{kind.kind}").text for lang in ("nl", "de")}
        english = client.get(f"/en/problems/{kind.kind}").text
        assert f">{kind.title}</h1>" in english
        assert all(f">{kind.title}</h1>" not in page for page in pages.values())
        assert kind.kind in english


def test_the_address_of_a_problem_leads_to_its_page(client: TestClient) -> None:
    found = client.get("/problems/not-found", headers={"Accept-Language": "de"})

    assert found.headers["location"] == "/de/problems/not-found"
    assert client.get("/problems/nothing").status_code == 404
    assert client.get("/en/problems/nothing").status_code == 404


def test_the_start_page_is_chosen_by_language(client: TestClient) -> None:
    answer = client.get("/", headers={"Accept-Language": "fr, de-AT;q=0.8, en;q=0.5"})

    assert answer.status_code == 200
    assert (answer.headers["content-language"], '<html lang="de">' in answer.text) == ("de", True)
    assert answer.headers["vary"] == "Accept-Encoding, Accept-Language"
    assert answer.text == client.get("/de/").text
    assert client.get("/nl").headers["location"] == "/nl/"


@pytest.mark.parametrize("path", ["/", "/en/"])
def test_a_start_page_is_packed_only_where_it_holds_no_token(client: TestClient, path: str) -> None:
    """BREACH (CVE-2013-3587): what is packed tells by its length what stands in it."""
    plain = client.get(path, headers={"Accept-Encoding": "identity"})
    packed = client.get(path)
    log_in(client)
    mine = client.get(path)

    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert packed.text == plain.text
    assert token_in(mine.text)
    assert "content-encoding" not in mine.headers


def test_the_process_lives_while_it_is_not_ready(clock: Clock) -> None:
    """platform.md 4.1.18: the answer names the check and nothing of its cause."""

    def broken() -> None:
        raise OSError("/secret/path")

    client = browser(build_app(clock, checks={"database": broken, "key": lambda: None}))
    ready = client.get("/readyz")

    assert client.get("/livez").status_code == 200
    assert ready.status_code == 503
    assert ready.json() == {"status": "failed", "checks": {"database": "failed", "key": "ok"}}
    assert browser(build_app(clock)).get("/readyz").status_code == 200


def test_readiness_names_the_class_of_an_error_of_ours_and_no_more(clock: Clock) -> None:
    def paused() -> None:
        raise KeyUnavailable("the token in slot 3 was pulled")

    ready = browser(build_app(clock, checks={"key": paused})).get("/readyz")

    assert ready.json() == {"status": "failed", "checks": {"key": "failed: key-unavailable"}}


def test_a_warning_is_told_and_makes_nobody_unready(clock: Clock) -> None:
    """emrex.md 4.82: a registry that is away is no outage of ours."""
    app = build_app(clock, checks={"key": lambda: None}, warnings={"a": lambda: "stale", "b": str})

    ready = browser(app).get("/readyz")

    assert ready.status_code == 200
    assert ready.json() == {
        "status": "ok",
        "checks": {"key": "ok"},
        "warnings": {"a": "stale", "b": "ok"},
    }


def test_security_txt_says_whom_to_tell(client: TestClient) -> None:
    """RFC 9116."""
    text = client.get("/.well-known/security.txt").text

    assert "Contact: mailto:vragen@echt.voorbeeld.nl\n" in text
    assert "Expires: 2027-05-20T14:05:00Z\n" in text
    assert f"Canonical: {PUBLIC_URL}/.well-known/security.txt\n" in text
    assert "Disallow: /api/" in client.get("/robots.txt").text


def test_a_file_is_kept_for_a_year_under_the_address_of_its_release(client: TestClient) -> None:
    page = client.get("/en/").text
    address = page.split('rel="stylesheet" href="')[1].split('"')[0]
    answer = client.get(address)

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert client.get("/static/0000000000000000/echt.css").status_code == 404
    assert client.get("/static/../web/app.py").status_code == 404
