"""The verifier's own pages and API as a site, over any verifier."""

from __future__ import annotations

from fastapi import FastAPI

from tests.verifier.sealed import NOW
from verifier import api, bucket_api, pages
from verifier.errors import VerifierError
from verifier.receipts import api as receipt_api
from verifier.receipts import pages as receipt_pages
from verifier.receipts.desk import Receipts
from verifier.verifying import Verifier
from web.app import Shell, create_app
from web.errors import WebError
from web.i18n import Language, translations
from web.problems import kinds_of
from web.sessions import MemorySessions, Sessions
from web.static import JOINED, OWN, StaticTree
from web.templates import Pages, Site

SITE = Site(
    address="echt.voorbeeld.nl",
    words=dict.fromkeys(Language, "echt punt voorbeeld punt nl"),
    contact="mailto:hallo@echt.voorbeeld.nl",
    operator="Echt",
)


def a_site(
    verifier: Verifier,
    public_url: str = "https://testserver",
    *,
    desk: Receipts | None = None,
    buckets: bucket_api.Deps | None = None,
) -> FastAPI:
    """A site that asks this verifier, at that address; with a desk receipts, with buckets those."""
    shown = Pages(
        SITE,
        translations(),
        folders=[pages.TEMPLATES],
        static=StaticTree((OWN, pages.STATIC), joined=(*JOINED, *pages.JOINED)),
        known=pages.known(),
    )
    shell = Shell(
        site=SITE,
        pages=shown,
        sessions=Sessions(MemorySessions(), clock=lambda: NOW),
        kinds=kinds_of(WebError, VerifierError),
        clock=lambda: NOW,
        public_url=public_url,
        version="1.0.0",
        secure_cookies=public_url.startswith("https:"),
    )
    deps = pages.Deps(verifier, shown, SITE, desk)
    rooms = [pages.router(deps)]
    apis = [api.router(api.Deps(verifier)), pages.record_api(deps)]
    if desk is not None:
        rooms.append(receipt_pages.router(receipt_pages.Deps(desk, shown)))
        apis.append(receipt_api.router(receipt_api.Deps(verifier, desk)))
    if buckets is not None:
        apis.append(bucket_api.router(buckets))
    return create_app(shell, rooms, apis)
