"""A client of EMREX 2.0 as others would write it, over Authlib; and a browser for its holder."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from joserfc.jwk import ECKey, RSAKey
from jwcrypto.jwk import JWKSet
from jwcrypto.jws import JWS
from lxml import html
from starlette.testclient import TestClient

from emrex.simulating import Simulation, boxes
from register.synthetic.personas import PERSONAS
from wiring import Instance

BASE = "http://127.0.0.1:8000"
PATHS = AUTHORIZE_PATH, TOKEN_PATH, RESULTS_PATH = "/oauth2/authorize", "/oauth2/token", "/results"
AUTHORIZE, TOKEN, RESULTS = (BASE + path for path in PATHS)
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
"""RFC 7636 appendix B, with the challenge that belongs to it."""
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


PERSON = {one.key: one.person_id for one in PERSONAS}
SECOND = timedelta(seconds=1)


@dataclass
class Emc:
    """One registered client, and its key."""

    client_id: str
    redirect_uri: str
    key: RSAKey | ECKey
    state: str = 'xYz 123&=+/"<>~'
    site: httpx2.Client | None = None
    base: str = BASE
    later: timedelta = field(default_factory=timedelta)
    """How far its clock is ahead, as the clock of the site is."""

    @property
    def entry(self) -> Mapping[str, Any]:
        """As EMREG 2 has it: a bare key in PEM for RSA, a set of keys for the others."""
        told = {
            "clientId": self.client_id,
            "redirectUri": self.redirect_uri,
            "name": {"en": f"University {self.client_id}", "nl": f"Universiteit {self.client_id}"},
            "trustLevel": "substantial",
        }
        if isinstance(self.key, RSAKey):
            return told | {"publicKey": self.key.as_pem(private=False).decode()}
        return told | {"jwks": {"keys": [self.key.as_dict(private=False) | {"kid": "k1"}]}}

    def outside(self, **claims: object) -> OAuth2Client:
        """Authlib's client with this one's key; its own life of an hour is too long for us."""
        assert self.site is not None
        now = int(time.time() + self.later.total_seconds())
        algorithm = "RS256" if isinstance(self.key, RSAKey) else "ES256"
        client = OAuth2Client(
            self.client_id,
            self.key,
            redirect_uri=self.redirect_uri,
            token_endpoint_auth_method="private_key_jwt",  # noqa: S106 - a name of a method
            code_challenge_method="S256",
            state=self.state,
            transport=self.site._transport,
        )
        said = {"iat": now, "exp": now + 120} | claims
        client.register_client_auth_method(
            PrivateKeyJWT(self.base + TOKEN_PATH, claims=said, headers={"kid": "k1"}, alg=algorithm)
        )
        return client

    def address(self, **changed: str) -> str:
        """Where it sends the browser."""
        address, _ = self.outside().create_authorization_url(
            self.base + AUTHORIZE_PATH, state=self.state, code_verifier=VERIFIER, **changed
        )
        return str(address)

    def grant(self, code: str, **changed: str) -> Mapping[str, Any]:
        """The answer of the token endpoint, as Authlib reads it; raises its OAuthError."""
        sent = {"code": code, "code_verifier": VERIFIER, "redirect_uri": self.redirect_uri}
        answer: Mapping[str, Any] = self.outside().fetch_token(
            self.base + TOKEN_PATH, grant_type="authorization_code", **(sent | changed)
        )
        return answer

    def results(self, token: str, **asked: str) -> httpx2.Response:
        """What it fetches with a token."""
        assert self.site is not None
        headers = {"Authorization": f"Bearer {token}"}
        return self.site.get(self.base + RESULTS_PATH, params=asked, headers=headers)


class Holder(Simulation):
    """The holder's browser, from where a client sends it to where it comes back."""

    def __init__(self, browser: httpx2.Client) -> None:
        super().__init__(browser, "", lambda: datetime.now(UTC))

    def arrives(self, address: str) -> httpx2.Response:
        """Sent here by another site."""
        return self._browser.get(address, headers={"Sec-Fetch-Site": "cross-site"})

    def back(self, address: str, choice: str) -> dict[str, str]:
        """The whole way; what the client reads in the address at the end."""
        page = self.send(self.arrives(address), "/login", choice=choice)
        for action in ("/selection", "/consent"):
            if "data-handover" not in page.text:
                page = self.send(page, action, **boxes(page.text, action))
        return told_in(page)


@dataclass
class Site:
    """The site with two clients, and a clock that a test moves."""

    browser: TestClient
    house: Instance
    emc: Emc
    other: Emc
    keys: JWKSet

    def wait(self, how_long: timedelta) -> None:
        self.emc.later += how_long
        self.other.later = self.emc.later

    def code(self, choice: str = "vwo") -> str:
        """A code that the holder's browser brings back."""
        return Holder(self.browser).back(self.emc.address(), choice)["code"]

    def token(self, choice: str = "vwo") -> str:
        return str(self.emc.grant(self.code(choice))["access_token"])

    def refused(self, **sent: str) -> tuple[int, str]:
        """The answer to a token request that leads to nothing."""
        answer = self.browser.post(TOKEN, data=sent)
        assert set(answer.json()) == {"error"}
        return answer.status_code, answer.json()["error"]


def told_in(page: httpx2.Response) -> dict[str, str]:
    """The parameters in the address that the page goes on to, by itself and by its button."""
    (link,) = html.document_fromstring(page.text).xpath("//*[@data-handover]//a/@href")
    (refresh,) = html.document_fromstring(page.text).xpath("//meta[@http-equiv='refresh']/@content")
    assert refresh == f"0; url={link}"
    address = urlsplit(str(link))
    told = parse_qs(address.query, strict_parsing=True)
    assert all(len(values) == 1 for values in told.values())
    return {name: values[0] for name, values in told.items()} | {
        "to": f"{address.netloc}{address.path}"
    }


def verified(answer: httpx2.Response, keys: JWKSet) -> Mapping[str, Any]:
    """The header of the signature over the body, which fits the key that it names."""
    protected, empty, signature = answer.headers["x-signature"].split(".")
    assert empty == ""
    assert answer.headers["x-signature-algorithm"] == answer.headers["x-signature-alg"] == "RS256"
    header: Mapping[str, Any] = json.loads(base64.urlsafe_b64decode(protected + "=="))
    body = base64.urlsafe_b64encode(answer.content).rstrip(b"=").decode()
    whole = JWS()
    whole.allowed_algs = ["RS256"]
    whole.deserialize(f"{protected}.{body}.{signature}", keys.get_key(header["kid"]))
    return header


def records_on(page: httpx2.Response) -> list[str]:
    """What can be chosen on that page."""
    return boxes(page.text, "/selection")["record"]
