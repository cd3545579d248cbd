"""A site that checks QR codes, on a loopback address, with statuses that a test sets itself.

The role `verifier` is served: the published trust list and nothing else of ours. The two
addresses for statuses are a stand-in that follows the contract of `docs/verify/status.md`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, HTTPException

import serving
from checking import lone_verifier
from credentials.extract import Language
from credentials.facts import sign_facts
from settings import Settings
from tests.credentials.people import extract
from tests.listening import a_place, served
from verifier.buckets import FRESH, prefix_of
from verifier.sandbox import Sandbox
from wiring import Instance

BITS = 9
FILLERS = 160
"""Entries of other documents in a bucket: what a real one holds."""


@dataclass
class Statuses:
    """What the register says, and how badly it says it today."""

    bits: int = BITS
    known: dict[str, str] = field(default_factory=dict)
    as_of: datetime | None = None
    spoil: dict[str, Any] = field(default_factory=dict)
    """Members of the bucket's answer that are replaced."""
    down: bool = False

    def width(self) -> dict[str, Any]:
        return {"bits": self.bits, "count": len(self.known), "asOf": self._moment()}

    def bucket(self, prefix: str) -> dict[str, Any]:
        if self.down:
            raise HTTPException(503)
        others = [hashlib.sha256(b"%d" % n).hexdigest() for n in range(FILLERS)]
        entries = [[one[self.bits // 4 : 32], "good"] for one in others]
        for number, status in self.known.items():
            key = hashlib.sha256(number.encode()).hexdigest()
            if prefix_of(key, self.bits) == prefix:
                entries.append([key[self.bits // 4 : 32], status])
        answer = {"prefix": prefix, "bits": self.bits, "asOf": self._moment()}
        return answer | {"entries": sorted(entries), "padding": "0" * 100} | self.spoil

    def _moment(self) -> str:
        return (self.as_of or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Site:
    """Where the site listens, what it says of documents, and codes that it signed."""

    address: str
    instance: Instance
    statuses: Statuses

    def code(
        self, person: str = "hbo", language: str = "nl", number: str = "K7QD-3MXF-9TRA"
    ) -> str:
        """The text of a QR code about one of the ten hard people, issued just now."""
        now = datetime.now(UTC).replace(microsecond=0)
        made = replace(extract(person, Language(language)), issued_at=now, number=number)
        signer = self.instance.keyring.signer("facts")
        return sign_facts(made, signer, address=self.instance.settings.address)

    def link(self, code: str, path: str = "/") -> str:
        """The address that a phone opens, on the loopback host of this site."""
        return f"{self.address}{path}#{code.partition('#')[2]}"


def stand_in(statuses: Statuses) -> APIRouter:
    """The two addresses for statuses."""
    routes = APIRouter(prefix="/api/v1/status-buckets")

    @routes.get("")
    def width() -> dict[str, Any]:
        return statuses.width()

    @routes.get("/{prefix}")
    def bucket(prefix: str) -> dict[str, Any]:
        return statuses.bucket(prefix)

    return routes


@contextmanager
def scanning_site(home: Path) -> Iterator[Site]:
    """Serve the verifier with statuses of our own until the end of the block."""
    with a_place() as (listener, address), Sandbox(size=1) as room:
        instance = Instance(Settings(home=home, port=listener.getsockname()[1]))
        instance.keyring.make()
        statuses = Statuses()
        app = serving.verifier_site(instance, lone_verifier(instance.settings, room))
        _first(app, stand_in(statuses))
        with served(app, listener):
            yield Site(address, instance, statuses)


def _first(app: FastAPI, router: APIRouter) -> None:
    """Ahead of the house's own routes of that name, so that a test decides what they say."""
    before = len(app.router.routes)
    app.include_router(router)
    app.router.routes[:] = app.router.routes[before:] + app.router.routes[:before]


STALE = FRESH + timedelta(minutes=1)
