"""The validator for people: a form, and under it what the document is worth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse

from emrex.validating import texts
from emrex.validating.report import Report
from emrex.validating.upload import document_in
from web.i18n import Language
from web.templates import Pages, language_of

VALIDATE = "/{lang}/emrex/validate"


@dataclass(frozen=True, slots=True)
class Deps:
    """What the page needs."""

    pages: Pages
    judge: Callable[[bytes], Report]
    """By the certificates of every provider that we know."""
    registry_as_of: Callable[[], datetime | None]
    """How old our knowledge of other providers is; None where we know only ourselves."""


def router(deps: Deps) -> APIRouter:
    """The page, and the answer on the same page."""
    routes = APIRouter()

    @routes.get("/emrex/validate")
    def in_any_language(request: Request) -> RedirectResponse:
        return RedirectResponse(VALIDATE.format(lang=language_of(request)), 303)

    @routes.get(VALIDATE)
    def ask(request: Request, lang: Language) -> HTMLResponse:
        return _page(deps, request, lang, None)

    @routes.post(VALIDATE)
    def judge(
        request: Request, lang: Language, data: Annotated[bytes | None, Depends(document_in)]
    ) -> HTMLResponse:
        if data is None:
            return _page(deps, request, lang, None, missing=True)
        return _page(deps, request, lang, deps.judge(data))

    return routes


def _page(
    deps: Deps, request: Request, lang: Language, found: Report | None, *, missing: bool = False
) -> HTMLResponse:
    translate = deps.pages.translate(lang)
    return deps.pages.render(
        request,
        "elmo_validate.html",
        status=400 if missing else 200,
        missing=missing,
        report=found,
        as_of=deps.registry_as_of(),
        signature=translate(texts.SIGNATURES[found.signature]) if found else "",
        reason=translate(texts.REASONS[found.reason]) if found and found.reason else "",
        findings=[(one, translate(one.advice)) for one in found.findings] if found else [],
    )
