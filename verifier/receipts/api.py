"""Receipts for programs: make one for a check, and check one (`spec/verifier.md` 3.6, 3.9)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from verifier.receipts.desk import IssuedReceipt, Receipts
from verifier.receipts.form import payload_of
from verifier.receipts.judging import Standing
from verifier.upload import asked_in
from verifier.verdict import VerdictCode

if TYPE_CHECKING:
    from verifier.verifying import Verifier

_FILE = {"type": "string", "format": "binary", "description": "The document, exactly as received"}
_FINGERPRINT = "5feceb66ffc86f38d952786c6d696c79c2dbc239dd4e91b46729d73a27fb57e9"
_TOKEN = "eyJhbGciOiJFUzI1NiIsImtpZCI6Iu…"  # noqa: S105 - the beginning of an example
MULTIPART = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Deps:
    """What these routes need."""

    verifier: Verifier
    receipts: Receipts


class Fingerprint(BaseModel):
    """A file by its SHA-256; the file itself stays where it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    sha256: str = Field(pattern="^[0-9a-f]{64}$", examples=[_FINGERPRINT])


class ReceiptToCheck(BaseModel):
    """A receipt as it was handed out: a compact JWS."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    receipt: str = Field(min_length=1, max_length=16_384, examples=[_TOKEN])


class ReceiptContent(BaseModel):
    """What a receipt says. Nothing in it says who somebody is."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: str = Field(examples=["7K2M-0QDX-9RTA-55VW"])
    checkedAt: str = Field(examples=["2026-11-21T14:05:00Z"])  # noqa: N815 - the API's own name
    verdict: VerdictCode
    sha256: str = Field(examples=[_FINGERPRINT])
    documentType: str = Field(examples=["pdf"])  # noqa: N815 - the API's own name
    trustListSerial: int = Field(examples=[12])  # noqa: N815 - the API's own name
    ledgerCount: int | None = Field(examples=[2_500_000])  # noqa: N815 - the API's own name
    verifierVersion: str = Field(examples=["1.0"])  # noqa: N815 - the API's own name


class NewReceipt(BaseModel):
    """A signed receipt; keep `receipt` exactly as it is."""

    model_config = ConfigDict(frozen=True)

    receipt: str = Field(description="Compact JWS", examples=[_TOKEN])
    shortCode: str = Field(examples=["3KQ7-X0MD"])  # noqa: N815 - the API's own name
    content: ReceiptContent


class ReceiptVerdict(BaseModel):
    """What is true of a receipt, and of its verdict today."""

    model_config = ConfigDict(frozen=True)

    standing: Standing
    reason: str = Field(examples=["signed_by_us"])
    content: ReceiptContent | None = Field(description="Only when the receipt is ours")
    today: VerdictCode | None = Field(
        description="What the same file would be told now, if known", examples=["GENUINE_CURRENT"]
    )
    stillHolds: bool | None = Field(  # noqa: N815 - the API's own name
        description="Null where only the file itself could tell"
    )


_PROBLEM: dict[str, Any] = {"content": {"application/problem+json": {"schema": {"type": "object"}}}}
_BODY = {
    "required": True,
    "content": {
        MULTIPART: {
            "schema": {"type": "object", "required": ["file"], "properties": {"file": _FILE}},
            "example": {"file": "diploma.pdf"},
        },
        "application/json": {
            "schema": Fingerprint.model_json_schema(),
            "example": {"sha256": _FINGERPRINT},
        },
    },
}
_BAD: dict[int | str, dict[str, Any]] = {
    400: {"description": "What was sent cannot be read", **_PROBLEM}
}


def router(deps: Deps) -> APIRouter:
    """The routes of receipts."""
    routes = APIRouter(prefix="/api/v1/receipts", tags=["receipts"])

    @routes.post(
        "",
        status_code=201,
        response_model=NewReceipt,
        operation_id="createReceipt",
        summary="Check a document and get a signed receipt",
        responses={
            **_BAD,
            404: {"description": "No file with this fingerprint was issued", **_PROBLEM},
            413: {"description": "Far more than any document of ours", **_PROBLEM},
            415: {"description": "Neither a form nor JSON", **_PROBLEM},
            503: {"description": "This service has no key for receipts", **_PROBLEM},
        },
        openapi_extra={"requestBody": _BODY},
    )
    def create(asked: Annotated[bytes | Fingerprint, Depends(_asked)]) -> dict[str, Any]:
        """Send the file again, or its SHA-256 when we issued it. We keep neither."""
        if isinstance(asked, Fingerprint):
            return _new(deps.receipts.issue_by_fingerprint(asked.sha256))
        return _new(deps.receipts.issue(asked, deps.verifier.verify(asked)))

    @routes.post(
        "/_check",
        response_model=ReceiptVerdict,
        operation_id="checkReceipt",
        summary="Check a receipt",
        responses=_BAD,
    )
    def check(sent: ReceiptToCheck) -> dict[str, Any]:
        """Say whether a receipt is ours, and whether its verdict still holds today."""
        return deps.receipts.check(sent.receipt).to_json()

    return routes


async def _asked(request: Request) -> bytes | Fingerprint:
    return await asked_in(request, Fingerprint)


def _new(issued: IssuedReceipt) -> dict[str, Any]:
    content = payload_of(issued.receipt)
    return {"receipt": issued.token, "shortCode": issued.short_code, "content": content}
