"""The simulator for people: what to send, off with it, and what came back. Not in production.

Nothing is kept between the two: what is needed to judge an answer stands in its return address.
The answer comes from a page of our own, so other sites are refused here as everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse

from credentials.extract import Language as InWords
from emrex.exchange.request import INIT
from emrex.receiving.answer import Answer, answer_in, body_of
from emrex.receiving.showing import day, sections
from emrex.simulator import texts
from emrex.simulator.faults import ALLOWANCES, VERSIONS, returned, sending
from emrex.simulator.judging import Judged, Waiting
from emrex.validating.pages import in_words
from web.i18n import Language, Translate
from web.templates import Pages, language_of
from web.visit import CheckedForm

SIMULATOR = "/{lang}/emrex/simulator"
RETURN = SIMULATOR + "/return"


@dataclass(frozen=True, slots=True)
class Deps:
    """What the pages need."""

    pages: Pages
    judge: Callable[[Answer, Waiting], Judged]
    """An answer, and the client that waits for it."""
    url: str
    """Of this service: its provider is asked, and its return page answered."""


def router(deps: Deps) -> APIRouter:
    """The client's side of a transfer, in a browser."""
    routes = APIRouter()

    @routes.get("/emrex/simulator")
    def in_any_language(request: Request) -> RedirectResponse:
        return RedirectResponse(SIMULATOR.format(lang=language_of(request)), 303)

    @routes.get(SIMULATOR)
    def ask(request: Request, lang: Language) -> HTMLResponse:
        return _asking(deps, request, lang)

    @routes.post(SIMULATOR)
    def leave(request: Request, lang: Language, form: CheckedForm) -> HTMLResponse:
        """The form as a client's page has it, and everything in it."""
        asked = {name: value for name, value in form.items() if isinstance(value, str)}
        sent = sending(asked, deps.url + RETURN.format(lang=lang), lang)
        return deps.pages.render(request, "simulator_go.html", sent=sent, action=deps.url + INIT)

    @routes.get(RETURN)
    def again(lang: Language) -> RedirectResponse:
        """Where an answer was shown in another language: it is not kept."""
        return RedirectResponse(SIMULATOR.format(lang=lang), 303)

    @routes.post(RETURN)
    def receive(
        request: Request,
        lang: Language,
        body: Annotated[bytes, Depends(_body)],
        session: str = "",
        fault: str = "",
    ) -> HTMLResponse:
        answer, waiting = returned(answer_in(body), fault, session)
        return _showing(deps, request, lang, deps.judge(answer, waiting))

    return routes


async def _body(request: Request) -> bytes:
    return await body_of(request.headers.get("content-type", ""), request.stream())


def _asking(deps: Deps, request: Request, lang: Language) -> HTMLResponse:
    translate = deps.pages.translate(lang)
    return deps.pages.render(
        request,
        "simulator_start.html",
        allowances=ALLOWANCES,
        versions=VERSIONS[::-1],
        sent=_told(texts.SENT, translate),
        returned=_told(texts.RETURNED, translate),
    )


def _told(faults: Mapping[str, str], translate: Translate) -> list[tuple[str, str]]:
    return [(key, translate(text)) for key, text in faults.items()]


def _showing(deps: Deps, request: Request, lang: Language, found: Judged) -> HTMLResponse:
    translate, received = deps.pages.translate(lang), found.received
    return deps.pages.render(
        request,
        "simulator_return.html",
        found=found,
        halted=translate(texts.REASONS[found.reason]) if found.reason else "",
        received=received,
        born=day(received.learner.born, InWords(lang)) if received else "",
        diplomas=sections(received, InWords(lang), translate) if received else [],
        worth=in_words(found.report, translate),
    )
