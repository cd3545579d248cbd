"""Logging in through a real OpenID provider: npm `oidc-provider`, as a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urljoin, urlsplit

import httpx2
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from jwcrypto.jwk import JWK
from starlette.testclient import TestClient

from tests import judges
from tests.web.shell import BACK, CANARY_BSN, ERRAND, PUBLIC_URL, browser, build_app, token_in
from web.login import Level
from web.oidc import Oidc, OidcConfig

NODE = Path(__file__).resolve().parent.parent / "node"
CALLBACK = f"{PUBLIC_URL}/login/callback"
SUBSTANTIAL = "urn:example:substantial"
LOW = "urn:example:low"
LEVELS = {SUBSTANTIAL: Level.SUBSTANTIAL, LOW: Level.LOW}
PEOPLE = {
    "noor": {"bsn": CANARY_BSN, "acr": SUBSTANTIAL},
    "stranger": {"bsn": "999990020", "acr": SUBSTANTIAL},
    "unsure": {"bsn": CANARY_BSN, "acr": LOW},
}
SECRET = "a secret of the tests"  # noqa: S105 - of a provider that lives for one test

pytestmark = pytest.mark.judge


@contextmanager
def provider(account: str, client: Mapping[str, object]) -> Iterator[str]:
    """The provider, logging in `account` (nobody when empty), until the block ends."""
    node = judges.require("node")
    if not (NODE / "node_modules" / "oidc-provider").is_dir():
        pytest.skip("oidc-provider is not installed: make judges")
    settings = {"account": account, "people": PEOPLE, "clients": [client]}
    process = subprocess.Popen(
        [node, "oidc.mjs"],
        cwd=NODE,
        env={**os.environ, "ECHT_OIDC": json.dumps(settings)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["issuer"]
        finally:
            process.terminate()


def client(**more: object) -> dict[str, object]:
    return {
        "client_id": "echt",
        "redirect_uris": [CALLBACK],
        "response_types": ["code"],
        "grant_types": ["authorization_code"],
        "id_token_signed_response_alg": "ES256",
        **more,
    }


def with_secret() -> dict[str, object]:
    return client(client_secret=SECRET, token_endpoint_auth_method="client_secret_basic")  # noqa: S106 - a method's name


def now() -> datetime:
    return datetime.now(UTC)


def visit(config: OidcConfig) -> TestClient:
    return browser(build_app(now, provider=Oidc(config, clock=now)))


def leave(visitor: TestClient) -> str:
    """Press the button on the login page; the address that it leads to."""
    token = token_in(visitor.get("/en/login").text)
    answer = visitor.post("/en/login", data={"form_token": token})
    assert answer.status_code == 303
    return answer.headers["location"]


def travel(address: str) -> str:
    """Follow the provider's own pages until it sends the visitor back to us."""
    with httpx2.Client(follow_redirects=False) as away:
        while not address.startswith(CALLBACK):
            answer = away.get(address)
            assert answer.status_code in {302, 303}, answer.text
            address = urljoin(address, answer.headers["location"])
    return address.removeprefix(PUBLIC_URL)


def test_a_person_logs_in_and_reaches_their_own_page() -> None:
    """platform.md 3.6; portal.md 2.2."""
    with provider("noor", with_secret()) as issuer:
        visitor = visit(OidcConfig(issuer, "echt", LEVELS, client_secret=SECRET))
        address = leave(visitor)
        asked = {key: value[0] for key, value in parse_qs(urlsplit(address).query).items()}
        back = travel(address)
        arrived = visitor.get(back)

    assert asked["code_challenge_method"] == "S256"
    assert asked["response_type"] == "code"
    assert asked["acr_values"] == SUBSTANTIAL
    assert asked["redirect_uri"] == CALLBACK
    assert arrived.status_code == 303
    assert arrived.headers["location"] == "/en/diplomas"
    assert visitor.get("/en/diplomas").text == "<p>en person-1 substantial</p>"
    assert CANARY_BSN not in address + back


def test_a_person_logs_in_anew_for_one_thing() -> None:
    """emrex.md 3.7: asked for a fresh login, a real provider says when that was."""
    with provider("noor", with_secret()) as issuer:
        visitor = visit(OidcConfig(issuer, "echt", LEVELS, client_secret=SECRET))
        token = token_in(visitor.get("/en/login").text)
        away = visitor.post(ERRAND.format(lang="en"), data={"form_token": token})
        arrived = visitor.get(travel(away.headers["location"]))

    assert arrived.headers["location"] == BACK


def test_a_code_that_comes_twice_is_refused() -> None:
    """platform.md 4.2 S1: the state is spent with the first answer."""
    with provider("noor", with_secret()) as issuer:
        visitor = visit(OidcConfig(issuer, "echt", LEVELS, client_secret=SECRET))
        back = travel(leave(visitor))
        first, second = visitor.get(back), visitor.get(back)

    assert first.status_code == 303
    assert second.status_code == 400
    assert "Logging in did not work" in second.text


def test_we_can_sign_instead_of_sending_a_secret() -> None:
    """platform.md 3.6: private_key_jwt."""
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    public = JWK.from_pem(pem.encode()).export_public(as_dict=True)
    signing = client(
        token_endpoint_auth_method="private_key_jwt",  # noqa: S106 - a method's name
        token_endpoint_auth_signing_alg="ES256",  # noqa: S106 - an algorithm's name
        jwks={"keys": [{**public, "use": "sig", "alg": "ES256"}]},
    )
    with provider("noor", signing) as issuer:
        visitor = visit(OidcConfig(issuer, "echt", LEVELS, private_key=pem))
        arrived = visitor.get(travel(leave(visitor)))

    assert arrived.headers["location"] == "/en/diplomas"


@pytest.mark.parametrize(
    ("account", "status", "words"),
    [
        ("unsure", 403, "Please log in with more certainty"),
        ("stranger", 404, "You are not in this register yet"),
        ("", 400, "You stopped logging in"),
    ],
)
def test_every_other_ending_has_a_page_with_a_next_step(
    account: str, status: int, words: str
) -> None:
    """portal.md 2.2: below substantial is refused; unknown is no accusation."""
    with provider(account, with_secret()) as issuer:
        visitor = visit(OidcConfig(issuer, "echt", LEVELS, client_secret=SECRET))
        arrived = visitor.get(travel(leave(visitor)))

    assert arrived.status_code == status
    assert words in arrived.text
    assert "fraud" not in arrived.text.lower()
    assert CANARY_BSN not in arrived.text
    assert visitor.get("/en/diplomas").headers["location"] == "/en/login"


def test_another_visitor_cannot_use_somebody_elses_answer() -> None:
    """platform.md 4.2 S1: the answer is bound to the visit that asked."""
    with provider("noor", with_secret()) as issuer:
        config = OidcConfig(issuer, "echt", LEVELS, client_secret=SECRET)
        back = travel(leave(visit(config)))
        other = visit(config)
        leave(other)
        refused = other.get(back)

    assert refused.status_code == 400
    assert other.get("/en/diplomas").status_code == 303


def test_the_form_may_lead_to_the_provider_and_nowhere_else() -> None:
    with provider("noor", with_secret()) as issuer:
        visitor = visit(OidcConfig(issuer, "echt", LEVELS, client_secret=SECRET))
        policy = visitor.get("/en/login").headers["content-security-policy"]

    assert f"form-action 'self' {issuer};" in policy
