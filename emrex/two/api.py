"""What a client of EMREX 2.0 calls by itself: a code for a token, and a token for results.

The token endpoint answers as RFC 6749 5.2 has it; results are refused by problem documents
that carry the words of RFC 6750 too. Names of parameters are those of the draft.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Security
from fastapi.openapi.models import OAuthFlowAuthorizationCode, OAuthFlows
from fastapi.security import OAuth2
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse, Response

from emrex.errors import CodeRefused, UnprovenClient
from emrex.two.fetching import Fetching
from emrex.two.grant import TOKEN_LIVES
from emrex.two.pages import AUTHORIZE
from emrex.two.ports import Signatures
from emrex.two.redeeming import Presented, Redeeming
from emrex.two.results import VERSIONS
from emrex.two.signature import ALGORITHM, ALGORITHM_HEADERS, HEADER
from emrex.two.signing import MAX_WORD, Wanted
from web.oauth import ERROR, Asked, TokenAnswer, granted, refusal, token_form

TOKEN_PATH = "/oauth2/token"  # noqa: S105 - an address
RESULTS = "/results"
SCOPE = " ".join(VERSIONS)
_ASKED = Asked("authorization_code", ("code", "redirect_uri", "code_verifier"))
_SCHEME = OAuth2(
    flows=OAuthFlows(
        authorizationCode=OAuthFlowAuthorizationCode(
            authorizationUrl=AUTHORIZE,
            tokenUrl=TOKEN_PATH,
            scopes=dict.fromkeys(VERSIONS, "What the holder chose"),
        )
    ),
    scheme_name="emrex2",
    description="Authorisation code with PKCE (S256) and private_key_jwt: docs/emrex/two.md",
    auto_error=False,
)
_PROBLEM: dict[str, Any] = {"content": {"application/problem+json": {"schema": {"type": "object"}}}}
_SIGNED = {
    HEADER: {"schema": {"type": "string"}, "description": "JWS with detached content"},
    **{name: {"schema": {"type": "string", "enum": [ALGORITHM]}} for name in ALGORITHM_HEADERS},
}
_LISTED = {
    "pdf_list": [
        {
            "pdf_id": "K7QD-3MXF-9TRA",
            "title": "Bachelor Nursing",
            "issue_date": "2026-11-21",
            "type": "Diploma",
            "size_bytes": 84_211,
            "checksum": "sha256:5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9",
        }
    ]
}
_FORMATS = {
    kind: {"schema": {"type": "string", "format": "binary"}}
    for kind in ("application/xml", "application/pdf")
} | {"application/json": {"schema": {"type": "object"}, "example": _LISTED}}


@dataclass(frozen=True, slots=True)
class Deps:
    """What the API needs."""

    redeeming: Redeeming
    fetching: Fetching
    signatures: Signatures


def router(deps: Deps) -> APIRouter:
    """Both endpoints."""
    routes = APIRouter(tags=["emrex 2.0 (draft)"])

    @routes.post(
        TOKEN_PATH,
        response_model=TokenAnswer,
        operation_id="emrexToken",
        summary="Get an access token for a code",
        responses={
            400: {"description": "RFC 6749 5.2", **ERROR},
            401: {"description": "invalid_client", **ERROR},
        },
        openapi_extra={"requestBody": _ASKED.body()},
    )
    async def token(request: Request) -> TokenAnswer | JSONResponse:
        """Bring the code, its verifier, and a JWT that you signed for this address."""
        form = await token_form(request)
        fault = _ASKED.fault(form)
        if fault:
            return refusal(fault, 400)
        try:
            given = await run_in_threadpool(deps.redeeming.token, _presented(form))
        except UnprovenClient:
            return refusal("invalid_client", 401)
        except CodeRefused:
            return refusal("invalid_grant", 400)
        return granted(given, TOKEN_LIVES, SCOPE)

    _add_results(routes, deps)
    return routes


def _add_results(routes: APIRouter, deps: Deps) -> None:
    @routes.get(
        RESULTS,
        response_class=Response,
        operation_id="emrexResults",
        summary="Get what the holder chose",
        responses={
            200: {"description": "Signed results", "headers": _SIGNED, "content": _FORMATS},
            204: {"description": "The holder has no results"},
            400: {"description": "No such format, version or document", **_PROBLEM},
            401: {"description": "No valid access token", **_PROBLEM},
            503: {"description": "Not possible right now", **_PROBLEM},
        },
    )
    def results(
        authorization: Annotated[str | None, Security(_SCHEME, scopes=list(VERSIONS))],
        data_format: Annotated[str, Query(max_length=MAX_WORD, examples=list(VERSIONS))] = "elmo",
        data_format_version: Annotated[str, Query(max_length=MAX_WORD, examples=["1.7"])] = "",
        pdf_id: Annotated[str, Query(max_length=MAX_WORD, description="From pdf_metadata")] = "",
    ) -> Response:
        """The same in every format; the signature is over the bytes of the body."""
        found = deps.fetching.document(authorization or "")
        if found.document is None:
            return Response(status_code=204)
        wanted = Wanted(
            tid=found.tid,
            client_id=found.client_id,
            data_format=data_format,
            version=data_format_version,
            pdf_id=pdf_id,
        )
        result = wanted.out_of(found.document)
        signature = deps.signatures.over(result, wanted)
        headers = {HEADER: signature, **dict.fromkeys(ALGORITHM_HEADERS, ALGORITHM)}
        return Response(result.body, 200, headers, result.media_type)


def _presented(form: dict[str, str]) -> Presented:
    return Presented(
        assertion=form["client_assertion"],
        client_id=form.get("client_id", ""),
        code=form["code"],
        redirect_uri=form["redirect_uri"],
        verifier=form["code_verifier"],
    )
