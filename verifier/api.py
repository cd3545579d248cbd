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
from verifier.verdict import (
    VERIFIER_VERSION,
    CheckName,
    CheckResult,
    VerdictCode,
    Way,
    to_json,
)

if TYPE_CHECKING:
    from verifier.verdict import Verdict
    from verifier.verifying import Verifier

FINGERPRINT = "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9"
MOMENT = "2026-11-21T14:05:00Z"


@dataclass(frozen=True, slots=True)
class Deps:
    """What the API needs."""

    verifier: Verifier


class DetailsAnswer(BaseModel):
    """What an expert asks for, without anything about a person; null is not known."""

    model_config = ConfigDict(frozen=True)

    fileSha256: str | None = Field(examples=[FINGERPRINT])  # noqa: N815 - the API's own names
    coveredSha256: str | None = Field(examples=[FINGERPRINT])  # noqa: N815
    signatureAlgorithm: str | None = Field(examples=["ES256"])  # noqa: N815
    keyId: str | None = Field(examples=["seal-2026-p256-fd9bbdbb"])  # noqa: N815
    keySubject: str | None = Field(examples=["CN=Echt seal p256 2026,O=Echt,C=NL"])  # noqa: N815
    timeStampedAt: str | None = Field(examples=[MOMENT])  # noqa: N815
    timeStampAuthority: str | None = Field(examples=["tsa-2026-p256-1d68b9a8"])  # noqa: N815
    trustListSerial: int | None = Field(examples=[12])  # noqa: N815
    trustListIssuedAt: str | None = Field(examples=[MOMENT])  # noqa: N815
    statusCheckedAt: str | None = Field(examples=[MOMENT])  # noqa: N815
    provider: str | None = Field(examples=[None])


class VerdictAnswer(BaseModel):
    """One verdict. Whatever was not done counts for nobody."""

    model_config = ConfigDict(frozen=True)

    code: VerdictCode
    way: Way
    checks: dict[CheckName, CheckResult] = Field(
        examples=[{"file_type": "pass", "known_bytes": "pass", "status": "pass"}]
    )
    reasons: list[str] = Field(examples=[[]])
    flags: list[str] = Field(examples=[[]])
    facts: dict[str, Any] | None = Field(
        description="What is printed in the document; null where the verdict shows nothing",
        examples=[{"number": "K7QD-3MXF-9TRA", "holder": {"name": "Noor Jansen"}}],
    )
    checkedAt: str = Field(examples=[MOMENT])  # noqa: N815 - the API's own name
    verifierVersion: str = Field(examples=[VERIFIER_VERSION])  # noqa: N815 - the API's own name
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
            },
            "example": {"file": "diploma.pdf"},
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
            },
            "examples": {
                "fingerprint": {
                    "summary": "A file that stays where it is",
                    "value": {"sha256": FINGERPRINT},
                },
                "qr": {
                    "summary": "What a camera read",
                    "value": {"qr": "https://echt.voorbeeld.nl/#2KCFUQUB…"},
                },
                "text": {
                    "summary": "Pasted text: a code, a link, signed data",
                    "value": {"text": "https://echt.voorbeeld.nl/en/share#q8Zr0b…"},
                },
            },
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
