"""What this service publishes about its keys: trust list, certificates, revocation data.

All of it is for programs that know nothing of us, so it has fixed addresses, no page
around it, and answers without a session.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import FileResponse, Response

from credentials.feed.publishing import LATEST
from keys import pki_answers
from keys.pki_answers import Served
from keys.publishing import BUNDLE, LIST
from keys.revocation import RevocationService
from web.errors import NotFound
from web.static import StaticFile, packed

_INDEX_NAME = re.compile(r"latest\.jws|[0-9a-f]{64}\.segment", re.ASCII)
TYPES = {LIST: "application/json", BUNDLE: "application/x-pem-file"}


def trust_files(folder: Path) -> APIRouter:
    """`/.well-known/`: the signed trust list and the certificates as one file."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/.well-known/{name}")
    def trust(request: Request, name: str) -> Response:
        if name not in TYPES or not (folder / name).is_file():
            raise NotFound
        found = _packed((folder / name).read_bytes(), TYPES[name])
        content, headers = found.answer_for(request.headers.get("accept-encoding", ""))
        return Response(content, headers=headers, media_type=TYPES[name])

    return routes


@lru_cache(maxsize=len(TYPES))
def _packed(content: bytes, media_type: str) -> StaticFile:
    """These very bytes, a quarter as large: a phone waits for them before its verdict."""
    return packed(content, media_type)


def index_files(folder: Path) -> APIRouter:
    """`/api/v1/index-snapshots/`: the signed page and its segments (docs/index-feed.md)."""
    routes = APIRouter(prefix="/api/v1/index-snapshots", include_in_schema=False)

    @routes.get("/{name}")
    def index(name: str) -> FileResponse:
        path = folder / name
        if not _INDEX_NAME.fullmatch(name) or not path.is_file():
            raise NotFound
        kept = "no-cache" if name == LATEST else "public, max-age=86400, immutable"
        headers = {"Cache-Control": f"{kept}, no-transform"}
        return FileResponse(path, media_type="application/octet-stream", headers=headers)

    return routes


def revocation(service: RevocationService) -> APIRouter:
    """`/pki/`: what the certificates themselves name (RFC 5280 4.2.1.13, RFC 6960 appendix A)."""
    routes = APIRouter(prefix="/pki", include_in_schema=False)

    @routes.post("/ocsp")
    async def ask(request: Request) -> Response:
        asked = await request.body()
        return _answer(await run_in_threadpool(pki_answers.ocsp_answer, service, asked))

    @routes.get("/ocsp/{text:path}")
    def ask_in_path(text: str) -> Response:
        request = pki_answers.request_in_path(text)
        return _answer(pki_answers.ocsp_answer(service, request))

    @routes.get("/{name}")
    def file(name: str) -> Response:
        answer = pki_answers.file_answer(service, name)
        if answer is None:
            raise NotFound
        return _answer(answer)

    return routes


def _answer(served: Served) -> Response:
    kept = f"max-age={served.max_age}" if served.max_age else "no-store"
    headers = {"Cache-Control": f"public, {kept}" if served.max_age else kept}
    return Response(served.body, media_type=served.media_type, headers=headers)
