"""A login service that lies: every lie ends on a clean page, and nobody is logged in.

platform.md 3.6 and 4.2 S1; ASVS 5.0 10.5.1 to 10.5.5 (each check asserted again here,
whatever the library promises).
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import structlog
from httpx2 import Response
from jwcrypto.jwk import JWK
from starlette.testclient import TestClient

from tests.web.hostile import (
    ACCESS_TOKEN,
    SUBSTANTIAL,
    Claims,
    Hostile,
    confused,
    listening,
    signed,
    unsigned,
)
from tests.web.shell import BACK, CANARY_BSN, ERRAND, Clock, browser, build_app, token_in
from web import logs
from web.login import Level
from web.oidc import Oidc, OidcConfig

LEVELS = {SUBSTANTIAL: Level.SUBSTANTIAL, "urn:example:low": Level.LOW}


@pytest.fixture(name="hostile")
def _hostile(clock: Clock) -> Iterator[Hostile]:
    with listening(Hostile(clock)) as hostile:
        yield hostile


@pytest.fixture(name="visitor")
def _visitor(hostile: Hostile, clock: Clock) -> TestClient:
    config = OidcConfig(hostile.issuer, "echt", LEVELS, client_secret="secret")  # noqa: S106 - of a provider that lives for one test
    return browser(build_app(clock, provider=Oidc(config, clock=clock)))


def leave(visitor: TestClient, hostile: Hostile) -> str:
    """Press the button; the state we sent along. The provider learns the nonce."""
    token = token_in(visitor.get("/en/login").text)
    away = visitor.post("/en/login", data={"form_token": token})
    asked = parse_qs(urlsplit(away.headers["location"]).query)
    hostile.nonce = asked["nonce"][0]
    return asked["state"][0]


def come_back(visitor: TestClient, hostile: Hostile, **bent: str) -> Response:
    """Return with the provider's answer, with some of it bent."""
    query = {"code": "a code", "state": leave(visitor, hostile)} | bent
    return visitor.get(f"/login/callback?{urlencode(query)}")


def is_refused(visitor: TestClient, answer: Response, status: int = 400) -> None:
    """A clean page with a next step, in the visitor's language, and no session."""
    assert answer.status_code == status, answer.text
    assert 'lang="en"' in answer.text
    assert "What you can do" in answer.text
    assert CANARY_BSN not in answer.text
    assert "Traceback" not in answer.text
    assert visitor.get("/en/diplomas").headers["location"] == "/en/login"


@pytest.mark.parametrize("algorithm", ["ES256", "RS256", "PS256"])
def test_the_same_provider_is_believed_while_it_is_honest(
    hostile: Hostile, visitor: TestClient, algorithm: str
) -> None:
    if algorithm != "ES256":
        hostile.key = JWK.generate(kty="RSA", size=2048, kid="one")
    hostile.algorithm = algorithm

    answer = come_back(visitor, hostile)

    assert answer.headers["location"] == "/en/diplomas"
    assert "person-1" in visitor.get("/en/diplomas").text


def change(**values: object) -> Callable[[Claims], Claims]:
    return lambda claims: claims | values


def leave_out(name: str) -> Callable[[Claims], Claims]:
    return lambda claims: {key: value for key, value in claims.items() if key != name}


def later(name: str, seconds: int) -> Callable[[Claims], Claims]:
    return lambda claims: claims | {name: claims["iat"] + seconds}


LIES: dict[str, Callable[[Claims], Claims]] = {
    "wrong nonce": change(nonce="another"),
    "missing nonce": leave_out("nonce"),
    "nonce is no text": change(nonce=1),
    "wrong audience": change(aud="somebody-else"),
    "no audience": leave_out("aud"),
    "two audiences and no azp": change(aud=["echt", "somebody-else"]),
    "azp is another": change(azp="somebody-else"),
    "wrong issuer": change(iss="https://login.example"),
    "expired": later("exp", -31),
    "no end": leave_out("exp"),
    "end is no moment": change(exp="tomorrow"),
    "issued in the future": later("iat", 31),
    "not yet valid": later("nbf", 31),
    "no subject": leave_out("sub"),
    "hash of another access token": change(at_hash="AAAA"),
    "unknown level": change(acr="urn:example:whatever"),
    "no level": leave_out("acr"),
    "no number": leave_out("bsn"),
    "number is no text": change(bsn=int(CANARY_BSN)),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_says_something_untrue_is_refused(
    hostile: Hostile, visitor: TestClient, lie: str
) -> None:
    hostile.bend = LIES[lie]

    is_refused(visitor, come_back(visitor, hostile))


def test_a_low_level_is_refused_with_the_way_to_a_higher_one(
    hostile: Hostile, visitor: TestClient
) -> None:
    hostile.bend = change(acr="urn:example:low")

    answer = come_back(visitor, hostile)

    is_refused(visitor, answer, 403)
    assert "an app or card that has checked your identity document" in answer.text


STRANGER = JWK.generate(kty="EC", crv="P-256", kid="one")
FORGERIES: dict[str, Callable[[Hostile], Callable[[Claims], str]]] = {
    "alg none": lambda _: unsigned,
    "HS256 with the public key": lambda hostile: (
        lambda claims: confused(claims, hostile.key.export_to_pem(), "one")
    ),
    "signed by another key of the same name": lambda _: (
        lambda claims: signed(claims, STRANGER, {"alg": "ES256", "kid": "one"})
    ),
    "a key that nobody published": lambda hostile: (
        lambda claims: signed(claims, hostile.key, {"alg": "ES256", "kid": "two"})
    ),
    "not a token": lambda _: lambda _claims: "not.a.token",
    "an empty token": lambda _: lambda _claims: "",
    "a list instead of claims": lambda hostile: (
        lambda _claims: signed(
            [],  # type: ignore[arg-type]  # the lie
            hostile.key,
            {"alg": "ES256", "kid": "one"},
        )
    ),
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_forged_token_is_refused(hostile: Hostile, visitor: TestClient, forgery: str) -> None:
    hostile.token = FORGERIES[forgery](hostile)

    is_refused(visitor, come_back(visitor, hostile))


def test_an_algorithm_that_we_did_not_agree_on_is_refused(hostile: Hostile, clock: Clock) -> None:
    config = OidcConfig(hostile.issuer, "echt", LEVELS, client_secret="s", algorithms=("PS256",))  # noqa: S106 - of a provider that lives for one test
    visitor = browser(build_app(clock, provider=Oidc(config, clock=clock)))

    is_refused(visitor, come_back(visitor, hostile))


@pytest.mark.parametrize(
    ("bent", "status"),
    [
        ({"state": "another"}, 400),
        ({"state": ""}, 400),
        ({"code": ""}, 400),
        ({"iss": "https://login.example"}, 400),
        ({"error": "invalid_request"}, 400),
        ({"error": "access_denied"}, 400),
        ({"error": "temporarily_unavailable"}, 503),
    ],
)
def test_an_answer_that_does_not_fit_is_refused(
    hostile: Hostile, visitor: TestClient, bent: dict[str, str], status: int
) -> None:
    """RFC 9207: also the answer of another issuer, mixed up with ours."""
    answer = come_back(visitor, hostile, **bent)

    is_refused(visitor, answer, status)
    assert "/token" not in hostile.asked


def test_an_issuer_that_always_names_itself_may_not_forget_it(
    hostile: Hostile, visitor: TestClient
) -> None:
    hostile.discovery = {"authorization_response_iss_parameter_supported": True}

    is_refused(visitor, come_back(visitor, hostile))

    named = come_back(visitor, hostile, iss=hostile.issuer)
    assert named.headers["location"] == "/en/diplomas"


def test_a_replayed_answer_finds_no_state(hostile: Hostile, visitor: TestClient) -> None:
    state = leave(visitor, hostile)
    address = f"/login/callback?{urlencode({'code': 'a code', 'state': state})}"

    assert visitor.get(address).status_code == 303
    assert visitor.get(address).status_code == 400
    assert hostile.asked.count("/token") == 1


def test_an_answer_without_a_question_is_refused(hostile: Hostile, visitor: TestClient) -> None:
    is_refused(visitor, visitor.get("/login/callback?code=a&state=b"))
    assert hostile.asked == []


@pytest.mark.parametrize(
    ("path", "answer", "status"),
    [
        ("/token", (500, b"{}"), 503),
        ("/token", (400, b'{"error": "invalid_grant"}'), 400),
        ("/token", (200, b"not json"), 400),
        ("/token", (200, b"{}"), 400),
        ("/token", (302, b"http://127.0.0.1:1/elsewhere"), 503),
        ("/jwks", (500, b"{}"), 503),
        ("/jwks", (200, b"[]"), 503),
        ("/jwks", (200, b'{"keys": "none"}'), 503),
        ("/jwks", (200, b'{"keys": []}'), 400),
        ("/jwks", (200, b" " * 300_000), 503),
    ],
)
def test_a_broken_service_gives_a_clean_page(
    hostile: Hostile, visitor: TestClient, path: str, answer: tuple[int, bytes], status: int
) -> None:
    hostile.answers[path] = answer

    is_refused(visitor, come_back(visitor, hostile), status)


@pytest.mark.parametrize(
    "lie",
    [
        {"issuer": "https://login.example"},
        {"authorization_endpoint": "https://login.example/authorize"},
        {"authorization_endpoint": None},
    ],
)
def test_nobody_is_sent_to_another_host(hostile: Hostile, visitor: TestClient, lie: Claims) -> None:
    hostile.discovery = lie
    token = token_in(visitor.get("/en/login").text)

    answer = visitor.post("/en/login", data={"form_token": token})

    assert answer.status_code == 503
    assert "Logging in is not possible right now" in answer.text


@pytest.mark.parametrize("endpoint", ["token_endpoint", "jwks_uri"])
def test_no_secret_goes_to_another_host(
    hostile: Hostile, visitor: TestClient, endpoint: str
) -> None:
    hostile.discovery = {endpoint: "http://127.0.0.1:1/stolen"}

    is_refused(visitor, come_back(visitor, hostile), 503)


def test_a_service_that_is_down_does_not_stop_checking(clock: Clock) -> None:
    config = OidcConfig("http://127.0.0.1:1", "echt", LEVELS, client_secret="s", timeout=0.2)  # noqa: S106 - nobody listens
    visitor = browser(build_app(clock, provider=Oidc(config, clock=clock)))
    token = token_in(visitor.get("/en/login").text)

    answer = visitor.post("/en/login", data={"form_token": token})

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "60"
    assert "Checking a diploma works without logging in." in answer.text


def test_keys_are_kept_and_a_new_key_is_fetched(
    hostile: Hostile, visitor: TestClient, clock: Clock
) -> None:
    come_back(visitor, hostile)
    come_back(visitor, hostile)
    assert hostile.asked.count("/jwks") == 1

    hostile.key = JWK.generate(kty="EC", crv="P-256", kid="two")
    hostile.token = lambda claims: signed(claims, hostile.key, {"alg": "ES256", "kid": "two"})
    assert come_back(visitor, hostile).status_code == 400
    clock.forward(seconds=31)

    assert come_back(visitor, hostile).headers["location"] == "/en/diplomas"
    assert hostile.asked.count("/jwks") == 2
    assert hostile.asked.count("/.well-known/openid-configuration") == 1


@pytest.mark.parametrize(
    ("bent", "words"),
    [
        ({"issuer": "http://login.example"}, "https"),
        ({"algorithms": ("none",)}, "only these algorithms"),
        ({"algorithms": ("HS256",)}, "only these algorithms"),
        ({"algorithms": ()}, "only these algorithms"),
        ({"client_secret": ""}, "by a secret or a key"),
    ],
)
def test_what_could_never_be_safe_cannot_be_configured(bent: dict[str, object], words: str) -> None:
    values: dict[str, object] = {
        "issuer": "https://login.example",
        "client_id": "echt",
        "levels": LEVELS,
        "client_secret": "s",
    }
    with pytest.raises(ValueError, match=words):
        OidcConfig(**(values | bent))  # type: ignore[arg-type]  # one value is wrong on purpose


def leave_on_an_errand(visitor: TestClient, hostile: Hostile) -> dict[str, str]:
    """Leave for a login that one thing asks for; what the provider was asked."""
    token = token_in(visitor.get("/en/login").text)
    away = visitor.post(ERRAND.format(lang="en"), data={"form_token": token})
    asked = {key: one[0] for key, one in parse_qs(urlsplit(away.headers["location"]).query).items()}
    hostile.nonce = asked["nonce"]
    return asked


def finish_errand(visitor: TestClient, hostile: Hostile) -> str:
    """Come back from it; where that leads."""
    state = leave_on_an_errand(visitor, hostile)["state"]
    answer = visitor.get(f"/login/callback?{urlencode({'code': 'a code', 'state': state})}")
    assert answer.status_code == 303
    return answer.headers["location"]


def test_a_login_for_one_thing_is_asked_for_anew(hostile: Hostile, visitor: TestClient) -> None:
    """emrex.md 3.7: no single sign-on logs somebody in who shows nothing; others may."""
    asked = leave_on_an_errand(visitor, hostile)
    assert (asked["prompt"], asked["max_age"]) == ("login", "0")
    token = token_in(visitor.get("/en/login").text)
    usual = visitor.post("/en/login", data={"form_token": token}).headers["location"]
    assert "prompt" not in usual
    assert "max_age" not in usual


@pytest.mark.parametrize("seconds", [-29, 0, 29])
def test_a_fresh_login_leads_back_to_what_it_was_for(
    hostile: Hostile, visitor: TestClient, seconds: int
) -> None:
    """emrex.md 3.7; the clocks of two servers differ."""
    hostile.bend = later_than("iat", "auth_time", seconds)

    assert finish_errand(visitor, hostile) == BACK
    assert "person-1" in visitor.get("/en/diplomas").text


@pytest.mark.parametrize(
    "lie",
    [
        lambda claims: claims,
        change(auth_time=0),
        change(auth_time=None),
        change(auth_time=True),
        change(auth_time="now"),
        change(auth_time=float("nan")),
        change(auth_time=float("inf")),
    ],
)
def test_a_login_of_before_or_of_no_known_moment_is_refused(
    hostile: Hostile, visitor: TestClient, lie: Callable[[Claims], Claims]
) -> None:
    """emrex.md 3.7: OpenID Connect Core 3.1.3.7 step 13, whatever we asked for."""
    hostile.bend = lie

    assert finish_errand(visitor, hostile) == f"{BACK}?login=login-refused"
    assert visitor.get("/en/diplomas").headers["location"] == "/en/login"


@pytest.mark.parametrize("seconds", [-31, -3600, 31])
def test_a_login_of_an_hour_ago_or_of_tomorrow_is_refused(
    hostile: Hostile, visitor: TestClient, seconds: int
) -> None:
    """emrex.md 3.7: a session at the provider that somebody else left open."""
    hostile.bend = later_than("iat", "auth_time", seconds)

    assert finish_errand(visitor, hostile) == f"{BACK}?login=login-refused"


def later_than(name: str, other: str, seconds: int) -> Callable[[Claims], Claims]:
    return lambda claims: claims | {other: claims[name] + seconds}


def test_the_number_of_the_person_is_in_no_log_and_no_cookie(
    hostile: Hostile, visitor: TestClient
) -> None:
    """platform.md 4.2 I5."""
    log = io.StringIO()
    logs.configure(log)
    try:
        come_back(visitor, hostile)
        hostile.bend = change(nonce="another")
        come_back(visitor, hostile)
    finally:
        structlog.reset_defaults()

    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [line["status"] for line in lines if line["route"] == "/login/callback"] == [303, 400]
    assert CANARY_BSN not in log.getvalue()
    assert ACCESS_TOKEN not in log.getvalue()
    assert "a code" not in log.getvalue()
    assert all(CANARY_BSN not in str(value) for value in visitor.cookies.values())
