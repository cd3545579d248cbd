"""The signer's side of the line for EMREX 2.0: one route, for the application behind the socket."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from emrex.two.signing import SIGNATURES, OfOurOwn, Wanted


def router(own: OfOurOwn) -> APIRouter:
    """Signatures over results."""
    routes = APIRouter()

    @routes.post(SIGNATURES)
    def signature(wanted: Wanted) -> Response:
        return Response(own.signature(wanted), media_type="text/plain")

    return routes
