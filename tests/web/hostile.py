"""An OpenID provider of our own that can lie about anything, on loopback.

It is honest until a test bends one thing, so that each refusal has one cause.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler
from typing import Any

from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS

from tests.listening import answering
from tests.web.shell import CANARY_BSN

Claims = dict[str, Any]
SUBSTANTIAL = "urn:example:substantial"
ACCESS_TOKEN = "an access token"  # noqa: S105 - opens nothing


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(claims: Claims, key: JWK, header: Claims) -> str:
    """A compact JWS, whatever its header says."""
    jws = JWS(json.dumps(claims))
    jws.add_signature(key, header["alg"], json.dumps(header))
    return str(jws.serialize(compact=True))


def unsigned(claims: Claims) -> str:
    """`alg: none`, which no library of ours would write."""
    parts = (b64(json.dumps(part).encode()) for part in ({"alg": "none"}, claims))
    return ".".join((*parts, ""))


def confused(claims: Claims, public_pem: bytes, kid: str) -> str:
    """HS256 with our public key as the password (RFC 8725 2.1)."""
    header = b64(json.dumps({"alg": "HS256", "kid": kid}).encode())
    text = f"{header}.{b64(json.dumps(claims).encode())}"
    return f"{text}.{b64(hmac.new(public_pem, text.encode(), hashlib.sha256).digest())}"


@dataclass
class Hostile:
    """What the provider says; every field can be bent."""

    clock: Callable[[], datetime]
    issuer: str = ""
    key: JWK = field(default_factory=lambda: JWK.generate(kty="EC", crv="P-256", kid="one"))
    algorithm: str = "ES256"
    nonce: str = ""
    bend: Callable[[Claims], Claims] = lambda claims: claims
    token: Callable[[Claims], str] | None = None
    discovery: Claims = field(default_factory=dict)
    answers: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def claims(self) -> Claims:
        moment = int(self.clock().timestamp())
        half = hashlib.sha256(ACCESS_TOKEN.encode()).digest()[:16]
        return {
            "iss": self.issuer,
            "aud": "echt",
            "sub": "pairwise-noor",
            "nonce": self.nonce,
            "iat": moment,
            "exp": moment + 60,
            "acr": SUBSTANTIAL,
            "at_hash": b64(half),
            "bsn": CANARY_BSN,
        }

    def id_token(self) -> str:
        claims = self.bend(self.claims())
        if self.token is not None:
            return self.token(claims)
        return signed(claims, self.key, {"alg": self.algorithm, "kid": "one"})

    def answer(self, path: str) -> tuple[int, bytes]:
        self.asked.append(path)
        if path in self.answers:
            return self.answers[path]
        documents: dict[str, Callable[[], Claims]] = {
            "/.well-known/openid-configuration": self._configuration,
            "/jwks": lambda: {"keys": [self.key.export_public(as_dict=True)]},
            "/token": lambda: {
                "access_token": ACCESS_TOKEN,
                "token_type": "Bearer",
                "id_token": self.id_token(),
            },
        }
        return 200, json.dumps(documents[path]()).encode()

    def _configuration(self) -> Claims:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
        } | self.discovery


@contextmanager
def listening(hostile: Hostile) -> Iterator[Hostile]:
    """The provider on a port of its own until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            self.rfile.read(length)
            status, body = hostile.answer(self.path)
            self.send_response(status)
            if status == 302:
                self.send_header("Location", body.decode())
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - the name that http.server calls

    with answering(Handler) as port:
        hostile.issuer = f"http://127.0.0.1:{port}"
        yield hostile
