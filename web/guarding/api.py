"""What a check costs now, for pages and programs that want to know before they send a file."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from web.guarding.work import ProofOfWork


class Price(BaseModel):
    """Work that a check costs at this moment."""

    model_config = ConfigDict(frozen=True)

    bits: int = Field(ge=0, examples=[0])
    challenge: str | None = Field(default=None, examples=[None])


def router(work: ProofOfWork) -> APIRouter:
    """`GET /api/v1/challenges`."""
    routes = APIRouter(prefix="/api/v1", tags=["verification"])

    @routes.get(
        "/challenges",
        operation_id="workNow",
        summary="What a check costs now",
        response_model=Price,
    )
    def now() -> Price:
        """Mostly nothing: `bits` is 0.

        While many check at the same time, find a number so that the SHA-256 of
        `challenge:number` begins with `bits` zero bits, and send `challenge:number` in the
        header `Echt-Work` along with the file, within two minutes.
        """
        bits = work.bits
        return Price(bits=bits, challenge=work.challenge() if bits else None)

    return routes
