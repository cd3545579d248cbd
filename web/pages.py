"""Pages that are the same for everybody: start, texts, problems, and the files around them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, PlainTextResponse, RedirectResponse, Response

from web.errors import NotFound
from web.i18n import Language
from web.problems import ProblemKind
from web.static import StaticFile, StaticTree, packed
from web.templates import Pages, Site, language_of
from web.visit import visit_of

TEXTS = ("privacy", "accessibility", "check-without-us", "contact")
SECURITY_TXT_LIFE = timedelta(days=180)
"""RFC 9116 2.5.5 asks for an end less than a year away."""
ONE_YEAR = "public, max-age=31536000, immutable"
ROBOTS = "User-agent: *\nDisallow: /login\nDisallow: /api/\n"


def router(pages: Pages, kinds: Mapping[str, ProblemKind]) -> APIRouter:
    """Start page, fixed texts and a page for every kind of problem."""
    routes = APIRouter(include_in_schema=False)
    for name in TEXTS:  # before the routes that take any word for a language
        _add_text(routes, pages, name)

    @routes.get("/")
    def start_in_any_language(request: Request) -> Response:
        """The start page itself: a scanned code opens it, and a phone need not ask twice."""
        page = _start(pages, request)
        page.headers.add_vary_header("Accept-Language")
        return page

    for language in Language:
        _add_start(routes, language)

    @routes.get("/{lang}/")
    def start(request: Request, lang: Language) -> Response:  # noqa: ARG001 - bounds the path
        return _start(pages, request)

    @routes.get("/{lang}/problems/{kind}")
    def problem(request: Request, lang: Language, kind: str) -> HTMLResponse:  # noqa: ARG001 - bounds the path
        if kind not in kinds:
            raise NotFound
        return pages.render(request, "problem.html", problem=kinds[kind])

    @routes.get("/problems/{kind}")
    def problem_in_any_language(request: Request, kind: str) -> RedirectResponse:
        if kind not in kinds:
            raise NotFound
        return RedirectResponse(f"/{language_of(request)}/problems/{kind}", 303)

    return routes


def _start(pages: Pages, request: Request) -> Response:
    """The start page, packed for who has no session.

    Whoever has one gets the token of a form in it, and a length must not tell of that (BREACH,
    CVE-2013-3587).
    """
    page = pages.render(request, "start.html")
    if visit_of(request).has_secret:
        return page
    found = _packed(bytes(page.body), page.headers["content-type"])
    content, headers = found.answer_for(request.headers.get("accept-encoding", ""))
    language = {"Content-Language": page.headers["content-language"]}
    return Response(content, 200, {**language, **headers}, found.media_type)


@lru_cache(maxsize=len(Language))
def _packed(content: bytes, media_type: str) -> StaticFile:
    """A page without a session is the same for everybody, so it is packed once."""
    return packed(content, media_type)


def _add_start(routes: APIRouter, language: Language) -> None:
    @routes.get(f"/{language}")
    def without_slash() -> RedirectResponse:
        """The start page as people type it; any other word may be an address of a room."""
        return RedirectResponse(f"/{language}/", 308)


def _add_text(routes: APIRouter, pages: Pages, name: str) -> None:
    @routes.get(f"/{name}")
    def in_any_language(request: Request) -> RedirectResponse:
        """The address as it stands on paper, where no language can be chosen."""
        headers = {"Vary": "Accept-Language"}
        return RedirectResponse(f"/{language_of(request)}/{name}", 303, headers)

    @routes.get(f"/{{lang}}/{name}")
    def text(request: Request, lang: Language) -> HTMLResponse:  # noqa: ARG001 - bounds the path
        return pages.render(request, f"{name}.html")


def files(
    tree: StaticTree, site: Site, public_url: str, clock: Callable[[], datetime]
) -> APIRouter:
    """Static files, robots.txt and security.txt."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/static/{version}/{name:path}")
    def static(request: Request, version: str, name: str) -> Response:
        found = tree.find(version, name)
        if found is None:
            raise NotFound
        content, headers = found.answer_for(request.headers.get("accept-encoding", ""))
        return Response(content, 200, {"Cache-Control": ONE_YEAR, **headers}, found.media_type)

    @routes.get("/robots.txt")
    def robots() -> PlainTextResponse:
        return PlainTextResponse(ROBOTS)

    @routes.get("/.well-known/security.txt")
    def security_txt() -> PlainTextResponse:
        return PlainTextResponse(_security_txt(site, public_url, clock() + SECURITY_TXT_LIFE))

    return routes


def _security_txt(site: Site, public_url: str, expires: datetime) -> str:
    """RFC 9116: whom to tell about a weakness."""
    fields = (
        f"Contact: {site.contact}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: nl, en, de",
        f"Canonical: {public_url}/.well-known/security.txt",
    )
    return "\n".join(fields) + "\n"
