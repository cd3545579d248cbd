"""Whether the process lives, and whether it can do its work (platform.md 3.10)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import structlog
from fastapi import APIRouter
from starlette.responses import JSONResponse

from web.logs import place_of

Check = Callable[[], None]
"""Returns when all is well and raises anything when not."""
Warn = Callable[[], str]
"""What an operator should look at, in one word; empty when all is well."""


def router(checks: Mapping[str, Check], warnings: Mapping[str, Warn] | None = None) -> APIRouter:
    """`/livez` and `/readyz`. The answer names the checks, and of a cause its class at most.

    `warnings` are told beside them, and never make the service unready.
    """
    routes = APIRouter(include_in_schema=False)

    @routes.get("/livez")
    def livez() -> JSONResponse:
        return JSONResponse({"status": "ok"})

    @routes.get("/readyz")
    def readyz() -> JSONResponse:
        found = {name: _reason(name, check) for name, check in checks.items()}
        ready = not any(found.values())
        body: dict[str, object] = {
            "status": "ok" if ready else "failed",
            "checks": {name: reason or "ok" for name, reason in found.items()},
        }
        if warnings:
            body["warnings"] = {name: warn() or "ok" for name, warn in warnings.items()}
        return JSONResponse(body, 200 if ready else 503)

    return routes


def _reason(name: str, check: Check) -> str:
    """Empty when all is well, else `failed`, with the kind of an error of our own behind it."""
    try:
        check()
    except Exception as cause:  # noqa: BLE001 - a check may fail in any way; that is its answer
        structlog.get_logger().error("not-ready", check=name, **place_of(cause))
        kind = getattr(cause, "kind", "")
        return f"failed: {kind}" if kind else "failed"
    return ""
