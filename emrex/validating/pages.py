"""The validator for people: a form, and under it what the document is worth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse

from emrex.elmo.rules import Finding
from emrex.validating import texts
from emrex.validating.report import Report
from emrex.validating.upload import document_in
from web.i18n import Language, Translate
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


@dataclass(frozen=True, slots=True)
class Worth:
    """A report as `elmo_worth.html` shows it, in the language of the page."""

    report: Report
    signature: str
    reason: str
    findings: tuple[tuple[Finding, str], ...]
    """With what to do about each."""


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
    return deps.pages.render(
        request,
        "elmo_validate.html",
        status=400 if missing else 200,
        missing=missing,
        as_of=deps.registry_as_of(),
        worth=in_words(found, deps.pages.translate(lang)),
    )


def in_words(found: Report | None, translate: Translate) -> Worth | None:
    """What there is to show of a report, where there is one."""
    if found is None:
        return None
    return Worth(
        found,
        translate(texts.SIGNATURES[found.signature]),
        translate(texts.REASONS[found.reason]) if found.reason else "",
        tuple((one, translate(one.advice)) for one in found.findings),
    )
