"""Where a client of EMREX 2.0 sends the holder's browser; the pages after it are those of 1.x."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from emrex.exchange.pages import Deps as Transfers
from emrex.exchange.wayback import Way
from emrex.two.authorising import Authorising
from web.i18n import Language
from web.templates import language_of

AUTHORIZE = "/oauth2/authorize"


@dataclass(frozen=True, slots=True)
class Deps:
    """What the entrance needs."""

    authorising: Authorising
    transfers: Transfers


def router(deps: Deps) -> APIRouter:
    """The authorisation endpoint."""
    routes = APIRouter()

    @routes.get(AUTHORIZE)
    def authorize(request: Request) -> Response:
        """RFC 6749 4.1.1: begin a transfer, or tell the client what is wrong with the request."""
        begun = deps.authorising.begin(request.query_params.multi_items())
        if isinstance(begun, str):
            return RedirectResponse(begun, 303)
        return deps.transfers.enter(begun.tid, begun.secret, _language(request), Way(begun.failure))

    return routes


def _language(request: Request) -> str:
    """The first of `ui_locales` that we speak (OpenID Connect Core 3.1.2.1); else the browser's."""
    asked = request.query_params.get("ui_locales", "").split(" ")
    spoken = [one[:2].lower() for one in asked if one[:2].lower() in set(Language)]
    return spoken[0] if spoken else str(language_of(request))
