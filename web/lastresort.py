"""The one place where an error becomes an answer, whatever it was and wherever it began."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from web.logs import place_of
from web.problems import FamilyError, family_error

Respond = Callable[[Request, FamilyError], Response]
"""How an error is told: as a page or problem document, or to another process of ours."""


class LastResort:
    """Turns any error into an answer.

    An error after the answer has begun cannot be told any more: it is logged, and the
    server cuts the connection, so that half a document never looks whole.
    """

    def __init__(self, app: ASGIApp, respond: Respond) -> None:
        self._app = app
        self._respond = respond

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on."""
        started = False

        async def watch(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, watch)
        except Exception as cause:
            error = family_error(cause)
            _log(scope, cause, error)
            if started or scope["type"] != "http":
                raise
            response = await run_in_threadpool(self._respond, Request(scope), error)
            await response(scope, receive, send)


async def raise_on(_request: Request, error: Exception) -> Response:
    """The framework answers nothing itself: its own words may quote the request."""
    raise error


def _log(scope: Scope, cause: Exception, error: FamilyError) -> None:
    """Only what an operator can act on: our own faults and what we depend on."""
    if error.status >= 500:  # noqa: PLR2004 - RFC 9110 section 15.6: faults of the server
        request_id = scope.get("state", {}).get("request_id", "")
        structlog.get_logger().error(
            "fault", kind=error.kind, request_id=request_id, **place_of(cause)
        )
