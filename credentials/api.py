"""The signer's side of the socket: one use case, and nothing that signs what it is given.

Whoever has taken over a web process can ask here for a genuine extract of a registered
award, and each one is recorded. There is no way to have other bytes sealed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from credentials.ports import Extracts
from credentials.wire import EXTRACTS, NUMBER, READY, Wanted, crossing
from register.errors import NotRegistered
from register.ports import Register
from web.bodylimit import BodyLimit
from web.logs import place_of
from web.problems import family_error
from web.requestlog import RequestLog

FAULTS = 500
"""From here on it is ours, or something we depend on (RFC 9110 section 15.6)."""


@dataclass(frozen=True, slots=True)
class Signer:
    """What the signer process does."""

    register: Register
    extracts: Extracts
    ready: Callable[[], object]
    """Raises whatever keeps it from sealing."""


def signer_app(signer: Signer) -> FastAPI:
    """The application behind the socket; it has no pages and describes itself to nobody."""
    app = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        middleware=[Middleware(RequestLog), Middleware(Crossing), Middleware(BodyLimit, ())],
    )
    for error in (RequestValidationError, HTTPException):
        app.add_exception_handler(error, _raise_on)

    @app.post(EXTRACTS)
    def extract(wanted: Wanted) -> Response:
        record = signer.register.award(wanted.award_id)
        if record.person.person_id != wanted.person_id:
            raise NotRegistered("The register holds no award with this id.")
        issued = signer.extracts.extract(record, wanted.language, wanted.purpose)
        headers = {NUMBER: issued.number}
        return Response(issued.document, media_type="application/pdf", headers=headers)

    @app.get(READY, status_code=204)
    def ready() -> None:
        signer.ready()

    return app


async def _raise_on(_request: Request, error: Exception) -> Response:
    """The framework answers nothing itself: its own words may quote the request."""
    raise error


class Crossing:
    """Sends any error to the other side as its kind; the log alone says where it was raised."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

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
            if error.status >= FAULTS:
                structlog.get_logger().error("fault", kind=error.kind, **place_of(cause))
            if started or scope["type"] != "http":
                raise
            body = json.dumps(crossing(error))
            await Response(body, error.status, media_type="application/json")(scope, receive, send)
