"""Logging in and out with personas: cookies, tokens, time, and other people's websites."""

from __future__ import annotations

from http.cookies import SimpleCookie

import pytest
from starlette.testclient import TestClient

from tests.web.shell import (
    BACK,
    CANARY_BSN,
    ERRAND,
    PERSONAS,
    Clock,
    browser,
    build_app,
    log_in,
    token_in,
)
from web.errors import SessionsUnavailable
from web.login import Identity, Level
from web.personas import PersonaProvider
from web.sessions import MemorySessions, Session, Sessions, digest_of

NAME = "__Host-echt"


def secret(client: TestClient, name: str = NAME) -> str:
    return str(client.cookies.get(name))


def test_a_persona_logs_in_and_out(client: TestClient) -> None:
    arrived = log_in(client)
    page = client.get("/en/page").text
    mine = client.get("/en/diplomas").text
    out = client.post("/en/logout", data={"form_token": token_in(page)})

    assert arrived.headers["location"] == "/en/diplomas"
    assert mine == "<p>en person-1 substantial</p>"
    assert "Log out" in page
    assert CANARY_BSN not in page
    assert out.headers["location"] == "/en/"
    assert out.headers["clear-site-data"] == '"cache", "cookies", "storage"'
    assert "Max-Age=0" in out.headers["set-cookie"]
    assert client.get("/en/diplomas").headers["location"] == "/en/login"
    assert "Log out" not in client.get("/en/page").text


def test_the_cookie_has_exactly_these_attributes(client: TestClient) -> None:
    """platform.md 4.1.11; ASVS 3.3.1 to 3.3.4."""
    header = client.get("/en/login").headers["set-cookie"]
    morsel = SimpleCookie(header)[NAME]

    assert header == f"{NAME}={morsel.value}; Path=/; HttpOnly; SameSite=Lax; Secure"
    assert len(morsel.value) == 43


def test_plain_http_at_loopback_has_another_name_and_no_secure(clock: Clock) -> None:
    client = browser(build_app(clock, secure=False))
    header = client.get("/en/login").headers["set-cookie"]

    assert header.startswith("echt=")
    assert header.endswith("; Path=/; HttpOnly; SameSite=Lax")


@pytest.mark.parametrize("path", ["/en/", "/en/privacy", "/livez", "/api/v1/orders/1"])
def test_who_only_looks_gets_no_cookie(client: TestClient, path: str) -> None:
    assert "set-cookie" not in client.get(path).headers


def test_the_secret_changes_at_login_and_the_old_one_is_dead(clock: Clock) -> None:
    """platform.md 4.1.11: rotated at login."""
    store = MemorySessions()
    client = browser(build_app(clock, store=store))
    client.get("/en/login")
    before = secret(client)
    log_in(client)
    after = secret(client)

    assert before != after
    assert store.find(digest_of(before)) is None
    assert store.find(after) is None
    kept = store.find(digest_of(after))
    assert kept == Session(digest_of(after), clock(), clock(), "person-1", "substantial")
    assert CANARY_BSN not in repr(kept)


@pytest.mark.parametrize(("minutes", "alive"), [(14, True), (15, False)])
def test_a_session_ends_after_fifteen_idle_minutes(
    client: TestClient, clock: Clock, *, minutes: int, alive: bool
) -> None:
    log_in(client)
    clock.forward(minutes=minutes)

    assert (client.get("/en/diplomas").status_code == 200) is alive


def test_a_session_ends_after_two_hours_however_busy(client: TestClient, clock: Clock) -> None:
    log_in(client)
    for _ in range(11):
        clock.forward(minutes=10)
        assert client.get("/en/diplomas").status_code == 200
    clock.forward(minutes=10)

    assert client.get("/en/diplomas").status_code == 303


def test_a_revoked_session_is_dead(clock: Clock) -> None:
    store = MemorySessions()
    client = browser(build_app(clock, store=store))
    log_in(client)
    sessions = Sessions(store, clock=clock)

    assert [one.level for one in sessions.of_user("person-1")] == ["substantial"]
    assert sessions.revoke("person-1") == 1
    assert client.get("/en/diplomas").status_code == 303


def test_a_login_sweeps_up_dead_sessions(clock: Clock) -> None:
    store = MemorySessions()
    app = build_app(clock, store=store)
    forgotten = browser(app)
    forgotten.get("/en/login")
    clock.forward(minutes=16)
    log_in(browser(app))

    assert store.find(digest_of(secret(forgotten))) is None
    assert Sessions(store, clock=clock).purge() == 0


def test_a_clock_that_was_ahead_does_not_keep_dead_sessions(clock: Clock) -> None:
    """platform.md 3.7: a server that was a day ahead for a moment sweeps on when it is right."""
    store = MemorySessions()
    sessions = Sessions(store, clock=clock)
    clock.forward(minutes=24 * 60)
    sessions.sign_in(None, "person-1", "substantial")
    clock.forward(minutes=-24 * 60)
    forgotten, _ = sessions.begin()
    clock.forward(minutes=16)
    sessions.sign_in(None, "person-2", "substantial")

    assert store.find(digest_of(forgotten)) is None


@pytest.mark.parametrize("cookie", ["x", "a" * 65, "", "\x7f", 'x"; y="z'])
def test_a_made_up_cookie_is_nobody(client: TestClient, cookie: str) -> None:
    answer = client.get("/en/diplomas", headers={"Cookie": f"{NAME}={cookie}"})

    assert answer.status_code == 303


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, True),
        ({"Sec-Fetch-Site": "none"}, True),
        ({"Sec-Fetch-Site": "same-site"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "https://testserver"}, False),
        ({"Origin": "https://testserver"}, True),
        ({"Origin": "https://elsewhere.example"}, False),
        ({"Origin": "https://testserver.elsewhere.example"}, False),
        ({"Origin": "null"}, False),
        ({}, False),
    ],
)
def test_another_website_cannot_act_for_a_visitor(
    client: TestClient, *, headers: dict[str, str], allowed: bool
) -> None:
    """platform.md 4.1.12: with and without Sec-Fetch headers; the visitor has a session."""
    log_in(client)
    data = {"form_token": token_in(client.get("/en/page").text), "said": "yes"}
    del client.headers["Sec-Fetch-Site"]

    answer = client.post("/en/diplomas", data=data, headers=headers)

    assert answer.status_code == (200 if allowed else 403)
    assert ("came from another website" in answer.text) is not allowed


def test_a_program_without_a_session_may_use_the_api(client: TestClient) -> None:
    del client.headers["Sec-Fetch-Site"]

    answer = client.post("/api/v1/orders", json={"number": 1, "colour": "red"})

    assert answer.json() == {"number": 1}


@pytest.mark.parametrize("token", ["", "0" * 64, "é", None])
def test_a_form_without_its_own_token_does_nothing(client: TestClient, token: str | None) -> None:
    log_in(client)

    answer = client.post("/en/diplomas", data={"form_token": token} if token is not None else {})

    assert answer.status_code == 403
    assert "This form is no longer valid" in answer.text


def test_a_token_is_of_one_session(clock: Clock) -> None:
    app = build_app(clock)
    one, other = browser(app), browser(app)
    log_in(one)
    log_in(other)
    stolen = token_in(one.get("/en/page").text)

    assert other.post("/en/diplomas", data={"form_token": stolen}).status_code == 403
    assert one.post("/en/diplomas", data={"form_token": stolen}).status_code == 200
    assert secret(one) not in one.get("/en/page").text


def test_logging_out_needs_the_form(client: TestClient) -> None:
    log_in(client)

    assert client.post("/en/logout").status_code == 403
    assert client.get("/en/logout").status_code == 405
    assert client.get("/en/diplomas").status_code == 200


def test_who_is_not_in_the_register_reads_where_to_ask(client: TestClient) -> None:
    """portal.md 2.2: coverage, and no accusation."""
    answer = log_in(client, "nobody")

    assert answer.status_code == 404
    assert "You are not in this register yet" in answer.text
    assert "higher education from 1996" in answer.text
    assert client.get("/en/diplomas").status_code == 303


def test_a_persona_that_does_not_exist_is_refused(client: TestClient) -> None:
    token = token_in(client.get("/en/login").text)

    answer = client.post("/en/login", data={"form_token": token, "choice": "somebody"})

    assert answer.status_code == 400


def test_the_picker_cannot_be_built_in_production() -> None:
    """Issue: a persona picker that cannot be switched on in production."""
    with pytest.raises(ValueError, match="not in production"):
        PersonaProvider(PERSONAS, production=True)


def test_a_number_is_in_no_text_of_an_identity() -> None:
    identity = Identity("bsn", CANARY_BSN, Level.HIGH, "demo")

    assert CANARY_BSN not in f"{identity}{identity!r}{PERSONAS}"


class GoneSessions(MemorySessions):
    """A store whose database is away."""

    def find(self, digest: str) -> Session | None:  # noqa: ARG002 - part of the port
        raise SessionsUnavailable


def test_without_the_store_a_page_says_so_and_others_go_on(clock: Clock) -> None:
    client = browser(build_app(clock, store=GoneSessions()), cookies={NAME: "x" * 43})

    assert client.get("/en/privacy").status_code == 200
    assert client.get("/en/diplomas").status_code == 503
    assert "We cannot see who is logged in" in client.get("/en/diplomas").text
    assert client.get("/en/nothing").status_code == 404


@pytest.mark.parametrize(
    ("kept", "leads"),
    [
        (BACK, f"{BACK}?login=sessions-unavailable"),
        ("", ""),
        ("//evil.example/a", ""),
        ("https://evil.example", ""),
        ("/en/a?b", ""),
        ("/en/../x", ""),
        ("/en", ""),
    ],
)
def test_without_a_store_a_login_leads_to_where_its_cookie_says_and_never_elsewhere(
    clock: Clock, kept: str, leads: str
) -> None:
    """emrex.md 4.36: what the login was for hears of it; anybody else sees the usual page."""
    visitor = browser(build_app(clock, store=GoneSessions()))
    cookie = f"__Host-echt=a-session; __Host-echt-then={kept}"

    answer = visitor.get("/login/callback?code=a&state=b", headers={"Cookie": cookie})

    assert answer.headers.get("location", "") == leads
    assert answer.status_code == (303 if leads else 503)


def test_the_way_back_of_one_login_is_not_that_of_the_next(clock: Clock) -> None:
    visitor = browser(build_app(clock))
    form = {"form_token": token_in(visitor.get("/en/login").text), "choice": "noor"}

    errand = visitor.post(ERRAND.format(lang="en"), data=form).headers["set-cookie"]
    assert errand == f'__Host-echt-then="{BACK}"; HttpOnly; Path=/; SameSite=lax; Secure'
    assert "__Host-echt-then" in visitor.cookies
    visitor.post("/en/login", data=form)

    assert "__Host-echt-then" not in visitor.cookies
