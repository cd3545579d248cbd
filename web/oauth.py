"""What every token endpoint takes, gives, and how it refuses (RFC 6749 3.2, 5.1 and 5.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

FORM = "application/x-www-form-urlencoded"
MAX_FIELDS = 20
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
"""RFC 7523 2.2: the one way in which programs prove who they are here."""
_ALWAYS = ("grant_type", "client_assertion_type", "client_assertion")
_TEXT = {"type": "string"}
ERROR: Mapping[str, Any] = {
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["error"],
                "properties": {"error": {"type": "string"}},
            },
            "example": {"error": "invalid_client"},
        }
    }
}
"""A refusal, for the description of the API."""


class TokenAnswer(BaseModel):
    """RFC 6749 5.1."""

    model_config = ConfigDict(frozen=True)

    access_token: str = Field(examples=["vN3x…"])
    token_type: str = Field(examples=["Bearer"])
    expires_in: int = Field(description="Seconds", examples=[600])
    scope: str = Field(description="What the token opens", examples=["verification-jobs"])


@dataclass(frozen=True, slots=True)
class Asked:
    """What one token endpoint asks for."""

    grant_type: str
    """The one kind of grant that it knows."""
    own: tuple[str, ...] = ()
    """Parameters that this grant needs beside the proof of who asks."""

    def body(self, **optional: object) -> dict[str, Any]:
        """The request body, for the description of the API."""
        properties = {
            "grant_type": {**_TEXT, "enum": [self.grant_type]},
            "client_assertion_type": {**_TEXT, "enum": [ASSERTION_TYPE]},
            "client_assertion": {**_TEXT, "description": "JWT (RFC 7523 3)"},
            **dict.fromkeys((*self.own, "client_id"), _TEXT),
            **optional,
        }
        schema = {"type": "object", "required": [*_ALWAYS, *self.own], "properties": properties}
        example = {
            "grant_type": self.grant_type,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": "eyJhbGciOiJFUzI1NiIsInR5cCI6IkpXVCJ9…",
            **dict.fromkeys(self.own, "…"),
        }
        return {"required": True, "content": {FORM: {"schema": schema, "example": example}}}

    def fault(self, form: Mapping[str, str]) -> str:
        """What is wrong with a request, in the words of RFC 6749 5.2; nothing if it can do."""
        if not form.get("grant_type"):
            return "invalid_request"
        if form["grant_type"] != self.grant_type:
            return "unsupported_grant_type"
        known_proof = form.get("client_assertion_type") == ASSERTION_TYPE
        whole = all(map(form.get, (*_ALWAYS, *self.own)))
        return "" if known_proof and whole else "invalid_request"


async def token_form(request: Request) -> dict[str, str]:
    """The parameters of a token request; empty where it is no form, or says something twice."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        return {}
    try:
        form = await request.form(max_files=0, max_fields=MAX_FIELDS)
    except (HTTPException, UnicodeError, LookupError, ValueError):
        return {}
    repeated = len(form.multi_items()) != len(form)
    return {} if repeated else {name: str(value) for name, value in form.items()}


def granted(token: str, lives: timedelta, scope: str) -> TokenAnswer:
    """The answer with a token."""
    return TokenAnswer(
        access_token=token,
        token_type="Bearer",  # noqa: S106 - a word of RFC 6750
        expires_in=int(lives.total_seconds()),
        scope=scope,
    )


def refusal(error: str, status: int, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """An error in the words of RFC 6749 5.2, and no other word."""
    return JSONResponse({"error": error}, status, headers)
