"""The check for programs: a file, a text, a code or a fingerprint in, one verdict out.

`spec/verifier.md` 3.6. A ZIP is answered with "take the documents out": many documents
at once are a job, because their checks take longer than a request should.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from verifier.upload import Question, asked_in
from verifier.verdict import CheckName, CheckResult, VerdictCode, Way, to_json

if TYPE_CHECKING:
    from verifier.verdict import Verdict
    from verifier.verifying import Verifier


@dataclass(frozen=True, slots=True)
class Deps:
    """What the API needs."""

    verifier: Verifier


class DetailsAnswer(BaseModel):
    """What an expert asks for, without anything about a person; null is not known."""

    model_config = ConfigDict(frozen=True)

    fileSha256: str | None  # noqa: N815 - the API's own names
    coveredSha256: str | None  # noqa: N815
    signatureAlgorithm: str | None = Field(examples=["ES256"])  # noqa: N815
    keyId: str | None  # noqa: N815
    keySubject: str | None  # noqa: N815
    timeStampedAt: str | None  # noqa: N815
    timeStampAuthority: str | None  # noqa: N815
    trustListSerial: int | None  # noqa: N815
    trustListIssuedAt: str | None  # noqa: N815
    statusCheckedAt: str | None  # noqa: N815
    provider: str | None


class VerdictAnswer(BaseModel):
    """One verdict. Whatever was not done counts for nobody."""

    model_config = ConfigDict(frozen=True)

    code: VerdictCode
    way: Way
    checks: dict[CheckName, CheckResult]
    reasons: list[str]
    flags: list[str]
    facts: dict[str, Any] | None
    checkedAt: str = Field(examples=["2026-11-21T14:05:00Z"])  # noqa: N815 - the API's own name
    verifierVersion: str  # noqa: N815 - the API's own name
    details: DetailsAnswer


_PROBLEM = {"content": {"application/problem+json": {"schema": {"type": "object"}}}}
_BODY = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {"file": {"type": "string", "format": "binary"}},
            }
        },
        "application/json": {
            "schema": {
                "type": "object",
                "description": "Exactly one of the three.",
                "minProperties": 1,
                "maxProperties": 1,
                "additionalProperties": False,
                "properties": {
                    name: Question.model_json_schema()["properties"][name]["anyOf"][0]
                    for name in ("text", "qr", "sha256")
                },
            }
        },
    },
}


async def _asked_in(request: Request) -> bytes | Question:
    return await asked_in(request, Question)


def router(deps: Deps) -> APIRouter:
    """The routes of the API of this room."""
    routes = APIRouter(prefix="/api/v1", tags=["verification"])

    @routes.post(
        "/verifications",
        response_model=VerdictAnswer,
        operation_id="verify",
        summary="Check a document",
        responses={
            400: {"description": "Nothing to check came along, or more than one thing", **_PROBLEM},
            413: {"description": "Far more than any document of ours", **_PROBLEM},
            415: {"description": "Neither multipart/form-data nor JSON", **_PROBLEM},
        },
        openapi_extra={"requestBody": _BODY},
    )
    def verify(asked: Annotated[bytes | Question, Depends(_asked_in)]) -> Response:
        """Send one file as `file`, or JSON with `text`, `qr` or `sha256`.

        The answer is a verdict, also for a file that we cannot read.
        """
        return _answer(_verdict(deps.verifier, asked))

    return routes


def _answer(verdict: Verdict) -> Response:
    """Held to its model here, in the thread of the check: the framework would take another one."""
    told = VerdictAnswer.model_validate(to_json(verdict)).model_dump_json()
    return Response(told, media_type="application/json")


def _verdict(verifier: Verifier, asked: bytes | Question) -> Verdict:
    match asked:
        case bytes():
            return verifier.verify(asked)
        case Question(qr=str(code)):
            return verifier.verify_code(code)
        case Question(sha256=str(sha256)):
            return verifier.verify_fingerprint(sha256)
        case _:
            return verifier.verify_text(asked.text or "")
