"""The validator for programs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field

from emrex.accepting import SignatureVerdict
from emrex.elmo.rules import Severity
from emrex.errors import PayloadRefused
from emrex.validating.report import Report, told
from emrex.validating.upload import document_in

VALIDATIONS = "/api/v1/elmo-validations"


@dataclass(frozen=True, slots=True)
class Deps:
    """What the API needs."""

    judge: Callable[[bytes], Report]


class FindingAnswer(BaseModel):
    """A rule that is broken, and where."""

    model_config = ConfigDict(frozen=True)

    rule: str = Field(examples=["dangling-ref"])
    severity: Severity
    place: str = Field(examples=["report[1]/learningOpportunitySpecification"])
    advice: str = Field(examples=["Refer only to attachments that have this internal identifier."])
    expected: list[str] = Field(examples=[["title", "url"]])
    """The elements that the advice ends with."""
    versions: list[str] = Field(examples=[["1.6.0", "1.7.0"]])
    """The published schemas that say so; empty for a rule of ours."""


class ReportAnswer(BaseModel):
    """What a document is worth: its signature and its form, apart."""

    model_config = ConfigDict(frozen=True)

    signature: SignatureVerdict
    reason: str = Field(examples=["signer-not-in-registry"])
    version: str = Field(examples=["1.7"])
    """The oldest version of ELMO that has everything in it; empty where it was not read."""
    fits: list[str] = Field(examples=[["1.6.0", "1.7.0"]])
    """The published schemas that it is valid against."""
    findings: list[FindingAnswer]


def router(deps: Deps) -> APIRouter:
    """One route."""
    routes = APIRouter(tags=["emrex"])
    problem = {"content": {"application/problem+json": {"schema": {"type": "object"}}}}
    form = {
        "type": "object",
        "properties": {
            "file": {"type": "string", "format": "binary", "description": "An ELMO file."},
            "elmo": {
                "type": "string",
                "description": "The value of the form field elmo.",
                "example": "H4sIAAAAAAAA…",
            },
        },
    }

    @routes.post(
        VALIDATIONS,
        responses={400: {"description": "No form, or nothing in it", **problem}},
        operation_id="validateElmo",
        summary="What an ELMO document is worth; nothing is kept",
        openapi_extra={"requestBody": {"content": {"multipart/form-data": {"schema": form}}}},
    )
    def validate(data: Annotated[bytes | None, Depends(document_in)]) -> ReportAnswer:
        """The signature by the certificates of the registry, and every rule that is broken."""
        if data is None:
            raise PayloadRefused("Send the document in the field file or elmo.", "empty")
        return ReportAnswer.model_validate(told(deps.judge(data)))

    return routes
