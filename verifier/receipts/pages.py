"""Receipts for people: take one along, and check one. Nothing is kept between the two.

The page with a verdict carries its receipt in a form of its own, so that it can be saved
without JavaScript and without any memory on our side.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from verifier import texts as verdict_texts
from verifier.errors import NotAReceipt
from verifier.receipts import texts
from verifier.receipts.desk import Receipts
from verifier.receipts.form import MEDIA_TYPE, short_code
from verifier.receipts.judging import Standing
from verifier.receipts.upload import receipt_in
from web.i18n import Language
from web.templates import Pages

SHAPES = {
    Standing.OURS: "genuine",
    Standing.NOT_OURS: "not_ours",
    Standing.CANNOT_CHECK: "cannot_check",
}
TONES = {Standing.OURS: "genuine", Standing.NOT_OURS: "changed", Standing.CANNOT_CHECK: "unknown"}


@dataclass(frozen=True, slots=True)
class Deps:
    """What these pages need."""

    receipts: Receipts
    pages: Pages


async def _receipt_if_any(request: Request) -> str | None:
    try:
        return await receipt_in(request)
    except NotAReceipt:
        return None


Sent = Annotated[str | None, Depends(_receipt_if_any)]


def router(deps: Deps) -> APIRouter:
    """The routes of the pages about receipts."""
    routes = APIRouter()

    @routes.get("/{lang}/receipt")
    def ask(request: Request, lang: Language) -> HTMLResponse:
        """The page with the place for a receipt."""
        del lang  # the shell takes the language from the path itself
        return deps.pages.render(request, "receipt.html", missing=False)

    @routes.post("/{lang}/receipt")
    def answer(request: Request, lang: Language, token: Sent) -> HTMLResponse:
        """What is true of the receipt; without one, the first page with a word about that."""
        if token is None:
            return deps.pages.render(request, "receipt.html", status=400, missing=True)
        shown = _shown(deps, token, lang)
        return deps.pages.render(request, "receipt_answer.html", status=200, **shown)

    @routes.post("/{lang}/receipt/file")
    def save(request: Request, lang: Language, token: Sent) -> Response:
        """The receipt that the page carried, as a file; only one of ours is handed out."""
        del lang
        judged = deps.receipts.check(token or "", offline=True).judged
        if token is None or judged.receipt is None:
            return deps.pages.render(request, "receipt.html", status=400, missing=True)
        name = f"echt-receipt-{judged.receipt.receipt_id}.jws"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return Response(token, 200, headers, MEDIA_TYPE)

    return routes


def _shown(deps: Deps, token: str, lang: Language) -> dict[str, object]:
    translate = deps.pages.translate(lang)
    answer = deps.receipts.check(token)
    receipt, standing = answer.judged.receipt, answer.judged.standing
    return {
        "standing": standing,
        "shape": SHAPES[standing],
        "tone": TONES[standing],
        "title": translate(texts.TITLES[standing]),
        "why": translate(texts.WHY[answer.judged.reason]),
        "receipt": receipt,
        "code": short_code(token),
        "verdict": translate(verdict_texts.WORDS[receipt.code].title) if receipt else "",
        "today": translate(texts.about_today(answer)),
    }
