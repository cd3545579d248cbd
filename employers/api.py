"""The API for programs of employers: access, and whole batches of checks.

`POST /oauth/token` (RFC 6749 4.4 with RFC 7523), and jobs below `/api/v1/verification-jobs`
(`spec/verifier.md` 3.6). Nothing personal is in any address, and no file name is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, Path, Query, Request, Response, Security
from fastapi.openapi.models import OAuthFlowClientCredentials, OAuthFlows
from fastapi.responses import JSONResponse
from fastapi.security import OAuth2
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from employers.access import LIFETIME, SCOPE, Access
from employers.clients import Client
from employers.errors import ClientRefused, TooManyRequests
from employers.jobs import Item, Job, JobState
from employers.submitting import Desk
from employers.upload import documents_of
from keys.moments import written
from verifier.verdict import VerdictCode
from web.oauth import ERROR, Asked, TokenAnswer, granted, refusal, token_form

TOKEN_PATH = "/oauth/token"  # noqa: S105 - an address
JOBS_PATH = "/api/v1/verification-jobs"
PAGE_SIZE = 100
_ASKED = Asked("client_credentials")
JOB_ID = "2f6b1d0c9a8e7f5d4c3b2a1908f7e6d5"
FINGERPRINT = "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9"
_SCHEME = OAuth2(
    flows=OAuthFlows(
        clientCredentials=OAuthFlowClientCredentials(
            tokenUrl=TOKEN_PATH, scopes={SCOPE: "Check documents in batches"}
        )
    ),
    scheme_name="oauth2",
    description="Client credentials with private_key_jwt (RFC 7523): docs/api.md",
    auto_error=False,
)


@dataclass(frozen=True, slots=True)
class Deps:
    """What these routes need."""

    access: Access
    desk: Desk


class ItemAnswer(BaseModel):
    """One document of a job."""

    model_config = ConfigDict(frozen=True)

    position: int = Field(description="From 1, in the order of sending", examples=[1])
    sha256: str = Field(examples=[FINGERPRINT])
    state: str = Field(description="done, waiting or interrupted", examples=["done"])
    code: VerdictCode | None = Field(
        description="Null until there is a verdict", examples=["GENUINE_CURRENT"]
    )
    reasons: list[str] = Field(examples=[[]])
    flags: list[str] = Field(examples=[[]])
    checkedAt: str | None = Field(examples=["2026-11-21T14:05:00Z"])  # noqa: N815 - the API's own name


class JobAnswer(BaseModel):
    """A job and a page of its items."""

    model_config = ConfigDict(frozen=True)

    jobId: str = Field(examples=[JOB_ID])  # noqa: N815 - the API's own name
    state: JobState
    createdAt: str = Field(examples=["2026-11-21T14:05:00Z"])  # noqa: N815 - the API's own name
    finishedAt: str | None = Field(examples=["2026-11-21T14:06:00Z"])  # noqa: N815 - the API's own name
    expiresAt: str = Field(examples=["2026-11-22T14:05:00Z"])  # noqa: N815 - the API's own name
    total: int = Field(examples=[1000])
    done: int = Field(examples=[1000])
    counts: dict[str, int] = Field(examples=[{"GENUINE_CURRENT": 998, "NOT_ORIGINAL": 2}])
    page: int = Field(examples=[1])
    pageSize: int = Field(examples=[PAGE_SIZE])  # noqa: N815 - the API's own name
    pages: int = Field(examples=[10])
    items: list[ItemAnswer]


_PROBLEM: dict[str, Any] = {"content": {"application/problem+json": {"schema": {"type": "object"}}}}
_GUARDED: dict[int | str, dict[str, Any]] = {
    400: {"description": "What was sent cannot be read", **_PROBLEM},
    401: {"description": "No valid access token", **_PROBLEM},
    429: {"description": "Quota or rate limit; see Retry-After", **_PROBLEM},
    503: {"description": "Not possible right now", **_PROBLEM},
}
_DOCUMENTS = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["document"],
                "properties": {
                    "document": {
                        "type": "array",
                        "minItems": 1,
                        "maxItems": 1000,
                        "items": {"type": "string", "format": "binary"},
                        "description": "The documents, or one ZIP file with them",
                    }
                },
            },
            "example": {"document": ["anna.pdf", "bram.pdf"]},
        }
    },
}
Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        description="Your own name for this job: new for every job, the same when you try again",
        examples=["2026-11-21-intake-7"],
    ),
]
JobId = Annotated[str, Path(pattern="^[0-9a-f]{32}$", examples=[JOB_ID])]
Page = Annotated[int, Query(ge=1, le=1000, description="From 1")]
PageSize = Annotated[int, Query(alias="pageSize", ge=1, le=1000)]


def oauth_router(deps: Deps) -> APIRouter:
    """The token endpoint. Its errors have the form of RFC 6749 5.2."""
    routes = APIRouter(tags=["access"])

    @routes.post(
        TOKEN_PATH,
        response_model=TokenAnswer,
        operation_id="token",
        summary="Get an access token",
        responses={
            400: {"description": "RFC 6749 5.2", **ERROR},
            401: {"description": "invalid_client", **ERROR},
            429: {"description": "Too many requests", **ERROR},
        },
        openapi_extra={"requestBody": _ASKED.body(scope={"type": "string", "enum": [SCOPE]})},
    )
    async def token(request: Request) -> TokenAnswer | JSONResponse:
        """Prove who you are with a JWT that you signed for this address, good for five minutes."""
        form = await token_form(request)
        fault = _ASKED.fault(form) or _scope_fault(form)
        if fault:
            return refusal(fault, 400)
        try:
            given = await run_in_threadpool(
                deps.access.grant, form["client_assertion"], client_id=form.get("client_id", "")
            )
        except ClientRefused:
            return refusal("invalid_client", 401)
        except TooManyRequests as error:
            return refusal("temporarily_unavailable", 429, error.headers)
        return granted(given, LIFETIME, SCOPE)

    return routes


def router(deps: Deps) -> APIRouter:
    """Jobs."""
    routes = APIRouter(prefix=JOBS_PATH, tags=["verification jobs"])

    def client(authorization: Annotated[str | None, Security(_SCHEME, scopes=[SCOPE])]) -> Client:
        return deps.access.client(authorization or "")

    # A closure cannot stand in an annotation that is read as text, so it stands as the default.
    caller_of = Depends(client)

    @routes.post(
        "",
        status_code=202,
        response_model=JobAnswer,
        operation_id="createVerificationJob",
        summary="Check up to 1,000 documents",
        responses={
            **_GUARDED,
            409: {"description": "The Idempotency-Key was used for other documents", **_PROBLEM},
            413: {"description": "More than one job takes", **_PROBLEM},
            415: {"description": "Not multipart/form-data", **_PROBLEM},
        },
        openapi_extra={"requestBody": _DOCUMENTS},
    )
    async def create(
        request: Request, response: Response, key: Key, caller: Client = caller_of
    ) -> dict[str, Any]:
        """Send documents as parts of a form, or one ZIP. Their names are not looked at."""
        batch = await run_in_threadpool(deps.desk.batch, key)
        try:
            async for part in documents_of(request):
                await run_in_threadpool(batch.add, part.data, part.sha256)
            job = await run_in_threadpool(deps.desk.submit, caller, key, batch)
        except BaseException:
            await run_in_threadpool(batch.spool.close)
            raise
        response.headers["Location"] = f"{JOBS_PATH}/{job.job_id}"
        return await run_in_threadpool(_page, deps, job, 1, PAGE_SIZE)

    @routes.get(
        "/{jobId}",
        response_model=JobAnswer,
        operation_id="getVerificationJob",
        summary="See how far a job is",
        responses={**_GUARDED, 404: {"description": "No such job of yours", **_PROBLEM}},
    )
    def show(
        jobId: JobId,  # noqa: N803 - the API's own name
        page: Page = 1,
        page_size: PageSize = PAGE_SIZE,
        caller: Client = caller_of,
    ) -> dict[str, Any]:
        """Progress and verdicts. Results are kept for 24 hours."""
        return _page(deps, deps.desk.job(caller, jobId), page, page_size)

    return routes


def _scope_fault(form: dict[str, str]) -> str:
    return "" if form.get("scope", SCOPE) == SCOPE else "invalid_scope"


def _page(deps: Deps, job: Job, page: int, page_size: int) -> dict[str, Any]:
    first = (page - 1) * page_size + 1
    items = deps.desk.book.items(job.job_id, first, page_size)
    return {
        "jobId": job.job_id,
        "state": job.state,
        "createdAt": written(job.created_at),
        "finishedAt": _written(job.finished_at),
        "expiresAt": written(job.expires_at),
        "total": job.total,
        "done": job.done,
        "counts": dict(job.counts),
        "page": page,
        "pageSize": page_size,
        "pages": -(-job.total // page_size),
        "items": [_item(one, job) for one in items],
    }


def _item(item: Item, job: Job) -> dict[str, Any]:
    left = "waiting" if job.state is JobState.RUNNING else "interrupted"
    return {
        "position": item.position,
        "sha256": item.sha256,
        "state": "done" if item.code else left,
        "code": item.code or None,
        "reasons": list(item.reasons),
        "flags": list(item.flags),
        "checkedAt": _written(item.checked_at),
    }


def _written(moment: datetime | None) -> str | None:
    return written(moment) if moment else None
