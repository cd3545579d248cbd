"""The signer's side of the line for receipts: one route, for the socket and for nothing else."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body
from starlette.responses import Response

from verifier.receipts.vouching import RECEIPTS, Vouching


def router(vouching: Vouching) -> APIRouter:
    """Receipts of checks that the web role made."""
    routes = APIRouter()

    @routes.post(RECEIPTS)
    def receipt(payload: Annotated[dict[str, Any], Body()]) -> Response:
        return Response(vouching.signed(payload), media_type="application/json")

    return routes
