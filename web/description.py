"""The description of the API says what is really sent: 400 and never 422, headers, problems."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from web.problems import MEDIA_TYPE

METHODS = ("get", "put", "post", "delete", "patch")
PROBLEM = "Problem"
_REF = {"$ref": f"#/components/schemas/{PROBLEM}"}
_UNREADABLE = {"description": "What was sent cannot be read", "content": {MEDIA_TYPE: {}}}
_SCHEMA = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457. No value of the request comes back.",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"field": {"type": "string"}, "reason": {"type": "string"}},
            },
        },
    },
    "example": {
        "type": "https://echt.voorbeeld.nl/problems/invalid-input",
        "title": "We cannot read what you sent",
        "status": 400,
        "detail": "Something in what you sent is missing or has the wrong form.",
        "instance": "urn:echt:request:7K2M-0QDX-9RTA",
        "errors": [{"field": "body.sha256", "reason": "This is missing."}],
    },
}


def honest(framework: Callable[[], dict[str, Any]], version: str) -> Callable[[], dict[str, Any]]:
    """Wrap the framework's own description; the result is made once."""
    made: dict[str, Any] = {}

    def describe() -> dict[str, Any]:
        if not made:
            description = framework()
            for path, operation in _operations(description):
                _correct(operation, path, version)
            schemas = description.setdefault("components", {}).setdefault("schemas", {})
            for gone in ("HTTPValidationError", "ValidationError"):
                schemas.pop(gone, None)
            schemas[PROBLEM] = _SCHEMA
            made.update(description)
        return made

    return describe


def _operations(description: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in description.get("paths", {}).items():
        for method in METHODS:
            if method in item:
                yield path, item[method]


def _correct(operation: dict[str, Any], path: str, version: str) -> None:
    responses = operation.setdefault("responses", {})
    if responses.pop("422", None):
        responses.setdefault("400", {**_UNREADABLE, "content": {MEDIA_TYPE: {}}})
    for response in responses.values():
        if MEDIA_TYPE in response.get("content", {}):
            response["content"][MEDIA_TYPE] = {"schema": _REF}
        if path.startswith("/api/"):
            example = {"schema": {"type": "string"}, "example": version}
            response.setdefault("headers", {})["API-Version"] = example
