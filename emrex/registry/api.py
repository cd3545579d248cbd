"""What we publish about ourselves: for registries, for clients, and for whoever watches."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from emrex.elmo.profiles import NEWEST, Version
from emrex.registry.entry import Entry, emreg, manifest, pem

HOUR = {"Cache-Control": "public, max-age=3600"}


@dataclass(frozen=True, slots=True)
class Deps:
    """What is published."""

    entry: Callable[[], Entry]
    protocols: Sequence[str]
    """Versions of EMREX that clients are served in."""


def router(deps: Deps) -> APIRouter:
    """`/emrex/…`: the entry in both forms, the certificates, and what we can do."""
    routes = APIRouter()

    @routes.get("/emrex/emp-list.json")
    def emp_list() -> Response:
        return Response(emreg(deps.entry()), 200, HOUR, "application/json")

    @routes.get("/emrex/manifest.xml")
    def manifest_xml() -> Response:
        return Response(manifest(deps.entry()), 200, HOUR, "application/xml")

    @routes.get("/emrex/certificates.pem")
    def certificates() -> Response:
        return Response(pem(deps.entry().certificates), 200, HOUR, "application/x-pem-file")

    @routes.get("/emrex/metadata.json")
    def metadata() -> Response:
        return Response(_metadata(deps.entry(), deps.protocols), 200, HOUR, "application/json")

    @routes.get("/emrex/ping")
    def ping() -> Response:
        return Response("", 204)

    return routes


def _metadata(entry: Entry, protocols: Sequence[str]) -> bytes:
    told = {
        "name": entry.name,
        "country": entry.country,
        "url": entry.url,
        "protocols": list(protocols),
        "elmoVersions": [version.value for version in Version],
        "elmoVersion": NEWEST.version.value,
        "signature": "RSA-SHA256, inclusive C14N 1.0, enveloped",
    }
    return json.dumps(told, ensure_ascii=False, indent=1).encode()
