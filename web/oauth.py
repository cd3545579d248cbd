"""What every token endpoint takes and how it refuses (RFC 6749 3.2 and 5.2)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse

FORM = "application/x-www-form-urlencoded"
MAX_FIELDS = 20
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


def refusal(error: str, status: int, headers: Mapping[str, str] | None = None) -> JSONResponse:
    """An error in the words of RFC 6749 5.2, and no other word."""
    return JSONResponse({"error": error}, status, headers)
