"""The holder's sharing history: to whom, what and when, and taking a yes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse

from credentials.lines import Part
from emrex.exchange.exchanging import Exchange
from emrex.exchange.receipt import Fate, Receipt
from emrex.exchange.showing import diploma
from web.i18n import Language
from web.templates import Pages
from web.visit import CheckedForm, Holder

RECEIPTS = "/{lang}/emrex/receipts"


@dataclass(frozen=True, slots=True)
class Deps:
    """What the pages need."""

    exchange: Exchange
    pages: Pages


@dataclass(frozen=True, slots=True)
class Shared:
    """One transfer as the holder reads it."""

    receipt_id: str
    receiver: str
    name: str
    agreed_at: datetime
    fate: Fate
    titles: tuple[Part, ...]
    """Of diplomas that are still here."""
    sha256: str
    withdrawn_at: datetime | None


def router(deps: Deps) -> APIRouter:
    """The holder's own receipts."""
    routes = APIRouter()
    exchange, pages = deps.exchange, deps.pages

    @routes.get(RECEIPTS)
    def receipts(request: Request, lang: Language, holder: Holder) -> HTMLResponse:
        titles = _titles(deps, holder.person_id, lang)
        found = exchange.transfers.receipts(holder.person_id)
        return pages.render(
            request, "shared.html", shared=[_shared(deps, one, titles, lang) for one in found]
        )

    @routes.post(RECEIPTS + "/{receipt_id}/withdraw")
    def withdraw(
        lang: Language,
        receipt_id: str,
        holder: Holder,
        form: CheckedForm,  # noqa: ARG001 - the form proves that it is ours
    ) -> RedirectResponse:
        exchange.transfers.withdraw(holder.person_id, receipt_id, exchange.clock())
        return RedirectResponse(RECEIPTS.format(lang=lang), 303)

    return routes


def _titles(deps: Deps, person_id: str, lang: Language) -> Mapping[str, Part]:
    """The titles of what the register has of the holder today, by award."""
    exchange, translate = deps.exchange, deps.pages.translate(lang)
    shown = (
        diploma(one, lang, exchange.clock(), translate)
        for one in exchange.register.awards_of(person_id)
    )
    return {one.award_id: one.title for one in shown}


def _shared(deps: Deps, receipt: Receipt, titles: Mapping[str, Part], lang: Language) -> Shared:
    known = deps.exchange.clients.get(receipt.origin)
    return Shared(
        receipt.receipt_id,
        receipt.receiver,
        known.name(lang) if known else "",
        receipt.signed_at,
        receipt.fate(deps.exchange.clock()),
        tuple(titles[one] for one in receipt.records if one in titles),
        receipt.sha256,
        receipt.withdrawn_at,
    )
