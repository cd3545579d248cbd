"""The verifier's own pages and API as a site, over any verifier."""

from __future__ import annotations

from fastapi import FastAPI

from tests.verifier.sealed import NOW
from verifier import api, pages
from verifier.errors import VerifierError
from verifier.verifying import Verifier
from web.app import Shell, create_app
from web.errors import WebError
from web.i18n import Language, translations
from web.problems import kinds_of
from web.sessions import MemorySessions, Sessions
from web.static import OWN, StaticTree
from web.templates import Pages, Site

SITE = Site(
    address="echt.voorbeeld.nl",
    words=dict.fromkeys(Language, "echt punt voorbeeld punt nl"),
    contact="mailto:hallo@echt.voorbeeld.nl",
    operator="Echt",
)


def a_site(verifier: Verifier, public_url: str = "https://testserver") -> FastAPI:
    """A site that asks this verifier, at that address."""
    shown = Pages(
        SITE,
        translations(),
        folders=[pages.TEMPLATES],
        static=StaticTree((OWN, pages.STATIC)),
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
    deps = pages.Deps(verifier, shown, SITE)
    apis = [api.router(api.Deps(verifier)), pages.record_api(deps)]
    return create_app(shell, [pages.router(deps)], apis)
