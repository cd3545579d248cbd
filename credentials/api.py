"""The signer's side of the socket: use cases, and nothing that signs what it is given.

Whoever has taken over a web process can ask here for a genuine extract of a registered
award, and each one is recorded. There is no way to have other bytes sealed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from credentials.ports import Extracts
from credentials.wire import EXTRACTS, NUMBER, READY, Wanted, crossing
from register.errors import NotRegistered
from register.ports import Register
from web.bodylimit import BodyLimit
from web.lastresort import LastResort, raise_on
from web.problems import FamilyError
from web.requestlog import RequestLog


@dataclass(frozen=True, slots=True)
class Signer:
    """What the signer process does."""

    register: Register
    extracts: Extracts
    ready: Callable[[], object]
    """Raises whatever keeps it from sealing."""


def signer_app(signer: Signer, rooms: Iterable[APIRouter] = ()) -> FastAPI:
    """The application behind the socket; it has no pages and describes itself to nobody.

    `rooms` are the use cases of rooms above this one.
    """
    app = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        middleware=[
            Middleware(RequestLog),
            Middleware(LastResort, _crossed),
            Middleware(BodyLimit, ()),
        ],
    )
    for error in (RequestValidationError, HTTPException):
        app.add_exception_handler(error, raise_on)

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

    for room in rooms:
        app.include_router(room)
    return app


def _crossed(_request: Request, error: FamilyError) -> Response:
    """Send an error to the other side as its kind; the log alone says where it was raised."""
    return Response(json.dumps(crossing(error)), error.status, media_type="application/json")
