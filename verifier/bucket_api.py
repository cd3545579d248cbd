"""Buckets of hashes for programs: two kinds, one contract (`spec/verifier.md` 3.4, 3.6).

An answer is the same in length and headers whoever is in the bucket, and it is kept by
nobody: what a browser stores would tell the next user which bucket was asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Literal

from fastapi import APIRouter, Path
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from verifier.errors import IndexUnavailable

if TYPE_CHECKING:
    from verifier.buckets import Buckets

HEADERS = {"Cache-Control": "no-store, no-transform"}
"""`no-transform`: what a proxy compresses would show how full a bucket is."""
_PROBLEM = {"content": {"application/problem+json": {"schema": {"type": "object"}}}}
_AWAY: dict[int | str, dict[str, Any]] = {
    503: {"description": "The list of issued documents cannot be asked now", **_PROBLEM}
}
_WRONG: dict[int | str, dict[str, Any]] = {
    400: {"description": "Not the beginning of a hash in the width of today", **_PROBLEM}
}
_SECOND = ["d4735e3a265e16eee03f59718b9b5", "withdrawn"]
Prefix = Annotated[
    str, Path(description="The first `bits` bits of the hash, as lower-case hex.", examples=["0a3"])
]


@dataclass(frozen=True, slots=True)
class Deps:
    """The buckets of this process; None where there is no list to make them of."""

    files: Buckets | None = None
    numbers: Buckets | None = None


class WidthAnswer(BaseModel):
    """How the hashes are divided now."""

    model_config = ConfigDict(frozen=True)

    bits: int = Field(
        description="Bits of a hash that name its bucket; 0 means one bucket, `0`.", examples=[12]
    )
    count: int = Field(description="Hashes in all.", examples=[1_000_000])
    asOf: str = Field(examples=["2026-11-21T14:05:00Z"])  # noqa: N815 - the API's own name


class BucketAnswer(BaseModel):
    """One whole bucket. Compare your own hash with every entry."""

    model_config = ConfigDict(frozen=True)

    prefix: str = Field(examples=["0a3"])
    bits: int = Field(examples=[12])
    asOf: str = Field(  # noqa: N815 - as above
        description="The statuses hold for this moment.", examples=["2026-11-21T14:05:00Z"]
    )
    entries: list[tuple[str, Literal["good", "superseded", "withdrawn"]]] = Field(
        description="Hex digits `bits // 4` to 32 of the hash, and the status of its document.",
        examples=[[["b66ffc86f38d952786c6d696c79c2", "good"], _SECOND]],
    )
    padding: str = Field(
        description="Random, to make every answer as long as the others.", examples=["9c41…"]
    )


def router(deps: Deps) -> APIRouter:
    """The routes of both kinds of buckets."""
    routes = APIRouter(prefix="/api/v1", tags=["buckets"])
    _add(routes, "hash-buckets", deps.files, "the SHA-256 of a whole file")
    _add(routes, "status-buckets", deps.numbers, "the SHA-256 over a document number (UTF-8)")
    return routes


def _add(routes: APIRouter, name: str, buckets: Buckets | None, key: str) -> None:
    kind = name.partition("-")[0]

    @routes.get(
        f"/{name}",
        response_model=WidthAnswer,
        responses=_AWAY,
        operation_id=f"{kind}BucketWidth",
        summary=f"How {name} are divided now; the key is {key}",
    )
    def width() -> dict[str, object]:
        """The server says how wide buckets are. Ask again when a bucket answers with 400."""
        return _there(buckets).about()

    @routes.get(
        f"/{name}/{{prefix}}",
        response_model=BucketAnswer,
        responses=_AWAY | _WRONG,
        operation_id=f"{kind}Bucket",
        summary=f"One whole bucket; the key is {key}",
    )
    def bucket(prefix: Prefix) -> Response:
        """Every hash that begins with these bits. Whether yours is among them stays with you."""
        return Response(_there(buckets).bucket(prefix), 200, HEADERS, "application/json")


def _there(buckets: Buckets | None) -> Buckets:
    if buckets is None:
        raise IndexUnavailable("The list of issued documents cannot be asked now.")
    return buckets
