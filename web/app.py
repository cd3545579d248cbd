"""The application that every page and every API call stands in.

The order of the layers is the safety property. From the outside in: the log line and
its number; the headers; the one place where errors become answers; who may ask again
already; how much may come in; who may ask for a change; whose session it is; the routes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from web import health
from web import pages as fixed_pages
from web.bodylimit import BodyLimit
from web.crosssite import CrossSite
from web.description import honest
from web.guarding import api as guarding_api
from web.guarding.guard import Guard, Guarding
from web.headers import SecurityHeaders
from web.heads import Heads
from web.health import Check, Warn
from web.lastresort import LastResort, raise_on
from web.problems import ProblemKind, Problems
from web.requestlog import RequestLog
from web.sessions import Sessions
from web.templates import Pages, Site
from web.visit import VisitMiddleware

OPENAPI = "/api/v1/openapi.json"
UPLOADS = ("/{lang}/verify", "/api/v1/verifications", "/api/v1/receipts")
"""The only addresses that take a file."""


@dataclass(frozen=True, slots=True)
class Shell:
    """Everything that the pages around the pages need; made once, in `main.py`."""

    site: Site
    pages: Pages
    sessions: Sessions
    kinds: Mapping[str, ProblemKind]
    """From `problems.kinds_of(WebError, RegisterError, …)`."""
    clock: Callable[[], datetime]
    public_url: str
    """`https://echt.voorbeeld.nl`, without a slash at the end."""
    version: str
    """Full version of the API, for its header and its description."""
    secure_cookies: bool = True
    """False only on plain http at loopback, where `__Host-` cannot be."""
    form_targets: tuple[str, ...] = ()
    """`LoginProvider.origins`."""
    checks: Mapping[str, Check] = field(default_factory=dict)
    warnings: Mapping[str, Warn] = field(default_factory=dict)
    """What readiness tells beside the checks; nothing of it makes the service unready."""
    uploads: tuple[str, ...] = UPLOADS
    guarding: Guarding | None = None
    """Without it nobody is counted: for tests of other things, and behind a guard of your own."""
    larger: Mapping[str, int] = field(default_factory=dict)
    """Addresses that take more than one file, and how many bytes."""
    open_to_all: tuple[str, ...] = ()
    """Addresses that other sites send people to with a form."""


def create_app(shell: Shell, pages: Sequence[APIRouter], apis: Sequence[APIRouter] = ()) -> FastAPI:
    """Put the routers of all rooms into the shell.

    Args:
        shell: what the shell itself needs.
        pages: routers of pages; they stay out of the description of the API.
        apis: routers of `/api/v1/…`; every one of them is described.
    """
    app = FastAPI(
        title="Echt",
        summary="Verifiable diplomas: check a document, or read about an error.",
        version=shell.version,
        contact={"name": shell.site.operator, "url": f"{shell.public_url}/en/contact"},
        license_info={"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
        servers=[{"url": shell.public_url}],
        openapi_url=OPENAPI,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        middleware=_layers(shell),
    )
    for error in (RequestValidationError, HTTPException):
        app.add_exception_handler(error, raise_on)
    # Routes are tried one by one: programs ask the most, and their addresses are nobody else's.
    for router in (*_guards(shell), *apis):
        app.include_router(router)
    for router in (health.router(shell.checks, shell.warnings), *_own(shell), *pages):
        app.include_router(router, include_in_schema=False)
    # The framework describes a 422 that we never send; this is its own way to extend it.
    app.openapi = honest(app.openapi, shell.version)  # type: ignore[method-assign]
    return app


def _own(shell: Shell) -> Iterable[APIRouter]:
    yield fixed_pages.files(shell.pages.static, shell.site, shell.public_url, shell.clock)
    yield fixed_pages.router(shell.pages, shell.kinds)


def _guards(shell: Shell) -> Iterable[APIRouter]:
    if shell.guarding is not None:
        yield guarding_api.router(shell.guarding.work)


def _layers(shell: Shell) -> list[Middleware]:
    problems = Problems(shell.pages, shell.kinds, shell.public_url)
    return [
        Middleware(RequestLog),
        Middleware(Heads),
        Middleware(SecurityHeaders, shell.form_targets, shell.version),
        Middleware(LastResort, problems.respond),
        *([Middleware(Guard, shell.guarding)] if shell.guarding else []),
        Middleware(BodyLimit, shell.uploads, shell.larger),
        Middleware(CrossSite, shell.open_to_all),
        Middleware(VisitMiddleware, shell.sessions, secure=shell.secure_cookies),
    ]
