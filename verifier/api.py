"""The check for programs: one file in, one verdict out (`spec/verifier.md` 3.6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from verifier.upload import file_in
from verifier.verdict import CheckName, CheckResult, VerdictCode, to_json

if TYPE_CHECKING:
    from verifier.verifying import Verifier


@dataclass(frozen=True, slots=True)
class Deps:
    """What the API needs."""

    verifier: Verifier


class VerdictAnswer(BaseModel):
    """One verdict. Whatever was not done counts for nobody."""

    model_config = ConfigDict(frozen=True)

    code: VerdictCode
    checks: dict[CheckName, CheckResult]
    reasons: list[str]
    flags: list[str]
    facts: dict[str, Any] | None
    checkedAt: str = Field(examples=["2026-11-21T14:05:00Z"])  # noqa: N815 - the API's own name
    verifierVersion: str  # noqa: N815 - the API's own name


_PROBLEM = {"content": {"application/problem+json": {"schema": {"type": "object"}}}}
_FORM = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "properties": {"file": {"type": "string", "format": "binary"}},
            }
        }
    },
}


def router(deps: Deps) -> APIRouter:
    """The routes of the API of this room."""
    routes = APIRouter(prefix="/api/v1", tags=["verification"])

    @routes.post(
        "/verifications",
        response_model=VerdictAnswer,
        operation_id="verify",
        summary="Check a document",
        responses={
            400: {"description": "No file came along", **_PROBLEM},
            413: {"description": "Far more than any document of ours", **_PROBLEM},
            415: {"description": "Not multipart/form-data", **_PROBLEM},
        },
        openapi_extra={"requestBody": _FORM},
    )
    def verify(data: Annotated[bytes, Depends(file_in)]) -> dict[str, Any]:
        """Send one file as `file`. The answer is a verdict, also for a file we cannot read."""
        return to_json(deps.verifier.verify(data))

    return routes
