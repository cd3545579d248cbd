"""Errors as answers (RFC 9457): what is said, in which language, and what is never said."""

from __future__ import annotations

import io
import json

import pytest
import structlog
from fastapi import APIRouter
from starlette.testclient import TestClient

from tests.web.shell import (
    CANARY_BSN,
    CANARY_NAME,
    PUBLIC_URL,
    Clock,
    browser,
    build_app,
)
from web import logs
from web.problems import kinds_of


class OtherError(Exception):
    """The base of another room's family."""

    kind = "other-error"
    status = 500

    def __init__(self, public: str) -> None:
        super().__init__(public)
        self.public = public


class Away(OtherError):
    """Something that the room depends on is away."""

    kind = "away"
    status = 503


class Refused(OtherError):
    """A family error that says its own title."""

    kind = "refused"
    status = 409
    title = "A title of its own"


def test_a_wrong_body_gets_every_fault_at_once_and_no_value(client: TestClient) -> None:
    """verifier.md 2.5: 400, all errors in one answer."""
    body = {"number": f"{CANARY_NAME}", CANARY_BSN: CANARY_BSN}
    answer = client.post("/api/v1/orders", json=body)

    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": f"{PUBLIC_URL}/problems/invalid-input",
        "title": "We cannot read what you sent",
        "status": 400,
        "detail": "Something in what you sent is missing or has the wrong form.",
        "instance": f"urn:echt:request:{answer.headers['x-request-id']}",
        "errors": [
            {"field": "body.number", "reason": "This has the wrong form."},
            {"field": "body.colour", "reason": "This is missing."},
            {"field": "body", "reason": "There is a field here that we do not know."},
        ],
    }


def test_broken_json_is_a_400(client: TestClient) -> None:
    headers = {"Content-Type": "application/json"}
    answer = client.post("/api/v1/orders", content=b'{"number": ', headers=headers)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["reason"] == "This is not valid JSON."


def test_a_problem_speaks_the_language_that_was_asked_for(client: TestClient) -> None:
    answer = client.get("/api/v1/nothing", headers={"Accept-Language": "nl"})

    assert answer.status_code == 404
    assert answer.json()["title"] == "Deze pagina bestaat niet"
    assert answer.headers["content-language"] == "nl"


@pytest.mark.parametrize("path", ["/api/v1/orders/twelve", "/api/v1/orders/1.5"])
def test_an_address_of_the_wrong_form_is_no_address(client: TestClient, path: str) -> None:
    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/api/v1/broken", "/en/broken"])
def test_an_unknown_error_says_nothing_but_a_number(client: TestClient, path: str) -> None:
    """platform.md 4.2 I5; ASVS 16.5.1."""
    log = io.StringIO()
    logs.configure(log)
    try:
        answer = client.get(path)
    finally:
        structlog.reset_defaults()

    fault, request = [json.loads(line) for line in log.getvalue().splitlines()]
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.text
    assert answer.headers["x-request-id"] in answer.text
    for secret in (CANARY_NAME, CANARY_BSN, "Unspeakable"):
        assert secret not in answer.text
    assert CANARY_NAME not in log.getvalue()
    assert CANARY_BSN not in log.getvalue()
    assert fault["error"] == "Unspeakable"
    assert fault["where"][-1].startswith("shell.py:")
    assert fault["request_id"] == request["request_id"] == answer.headers["x-request-id"]


def test_an_error_of_another_room_is_told_as_its_family_says(clock: Clock) -> None:
    routes = APIRouter()

    @routes.get("/api/v1/away")
    @routes.get("/{lang}/away")
    def away() -> None:
        raise Away("The other room is away.")

    client = browser(build_app(clock, more=[routes], families=(OtherError,)))
    page, problem = client.get("/en/away"), client.get("/api/v1/away")

    assert page.status_code == problem.status_code == 503
    assert page.headers["retry-after"] == "60"
    assert "This does not work right now" in page.text
    assert "The other room is away." in page.text
    assert problem.json()["type"] == f"{PUBLIC_URL}/problems/away"
    assert client.get("/en/problems/away").status_code == 200
    assert client.get("/api/v1/nothing").json()["type"] == "about:blank"


def test_a_family_is_described_by_class_or_by_status() -> None:
    kinds = kinds_of(OtherError)

    assert list(kinds) == ["away", "refused"]
    assert kinds["refused"].title == "A title of its own"
    assert kinds["refused"].advice == "Open the page again to see how things stand."
    assert kinds["away"].title == "This does not work right now"


def test_a_log_line_has_the_pattern_of_the_path_and_no_query(client: TestClient) -> None:
    log = io.StringIO()
    logs.configure(log)
    try:
        client.get(f"/api/v1/orders/{CANARY_BSN}?name={CANARY_NAME}")
        structlog.get_logger().info("careless", name=CANARY_NAME, bsn=CANARY_BSN, count=1)
    finally:
        structlog.reset_defaults()

    request, careless = [json.loads(line) for line in log.getvalue().splitlines()]
    assert request["route"] == "/api/v1/orders/{number}"
    assert request["status"] == 200
    assert set(careless) == {"event", "level", "timestamp", "count"}
    assert CANARY_BSN not in log.getvalue()
    assert CANARY_NAME not in log.getvalue()
