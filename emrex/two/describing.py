"""What a client has to know of us, where every client of OAuth looks (RFC 8414, RFC 7517)."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi import APIRouter
from joserfc.jwk import RSAKey
from starlette.responses import Response

from callers.keys import ALGORITHMS
from emrex.two.api import RESULTS, TOKEN_PATH
from emrex.two.pages import AUTHORIZE
from emrex.two.results import VERSIONS
from emrex.two.signature import ALGORITHM
from keys.trust import KeyEntry

METADATA, KEYS = "/.well-known/oauth-authorization-server", "/jwks.json"
HOUR = {"Cache-Control": "public, max-age=3600"}


@dataclass(frozen=True, slots=True)
class Deps:
    """What is published."""

    url: str
    entries: Callable[[], Sequence[KeyEntry]]
    """Those that sign results, and that will."""


def router(deps: Deps) -> APIRouter:
    """Two files."""
    routes = APIRouter()

    @routes.get(METADATA)
    def metadata() -> Response:
        return Response(_json(metadata_of(deps.url)), 200, HOUR, "application/json")

    @routes.get(KEYS)
    def keys() -> Response:
        listed = {"keys": [_jwk(one) for one in deps.entries()]}
        return Response(_json(listed), 200, HOUR, "application/jwk-set+json")

    return routes


def metadata_of(url: str) -> Mapping[str, object]:
    """RFC 8414 2; the last member is our own, for EMREX has no name for it."""
    return {
        "issuer": url,
        "authorization_endpoint": url + AUTHORIZE,
        "token_endpoint": url + TOKEN_PATH,
        "jwks_uri": url + KEYS,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": sorted(
            one for algorithms in ALGORITHMS.values() for one in algorithms
        ),
        "authorization_response_iss_parameter_supported": True,
        "ui_locales_supported": ["nl", "en", "de"],
        "emrex_results": {"endpoint": url + RESULTS, "data_formats": list(VERSIONS)},
    }


def _jwk(entry: KeyEntry) -> Mapping[str, object]:
    certificate = entry.certificates[0]
    public = x509.load_der_x509_certificate(certificate).public_key()
    pem = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return {
        **RSAKey.import_key(pem).as_dict(private=False),
        "kid": entry.kid,
        "alg": ALGORITHM,
        "use": "sig",
        "x5c": [base64.b64encode(certificate).decode("ascii")],
    }


def _json(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, indent=1).encode()
