"""The holder's sharing history: to whom, what and when, and taking a yes back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from credentials.lines import Part
from emrex.elmo.attached import attached
from emrex.errors import NoSuchReceipt
from emrex.exchange.exchanging import Exchange
from emrex.exchange.receipt import Fate, Receipt, ShownReceiver
from emrex.exchange.showing import diploma
from emrex.history.withdrawing import Facts, letter, mail, subject
from emrex.making import extract_name
from web.i18n import Language, long_moment
from web.templates import Pages, language_of
from web.visit import CheckedForm, Holder

ANY_LANGUAGE = "/emrex/receipts"
RECEIPTS = "/{lang}" + ANY_LANGUAGE
RECEIPT = RECEIPTS + "/{receipt_id}"
GONE = "There is no such receipt, or its file is not kept any more."


@dataclass(frozen=True, slots=True)
class Deps:
    """What the pages need."""

    exchange: Exchange
    pages: Pages

    def receipt(self, person_id: str, receipt_id: str) -> Receipt:
        """The holder's own receipt.

        Raises:
            NoSuchReceipt: there is none by that id of theirs.
        """
        for one in self.exchange.transfers.receipts(person_id):
            if one.receipt_id == receipt_id:
                return one
        raise NoSuchReceipt(GONE)

    def document(self, person_id: str, receipt_id: str) -> bytes:
        """What was sent with it; raises `NoSuchReceipt` also once that is erased."""
        found = self.exchange.transfers.document(self.receipt(person_id, receipt_id).tid)
        if found is None:
            raise NoSuchReceipt(GONE)
        return found


@dataclass(frozen=True, slots=True)
class Shared:
    """One transfer as the holder reads it."""

    receipt_id: str
    receiver: str
    name: str
    """As it was shown; of a receipt that did not keep it, the one of today."""
    agreed_at: datetime
    fate: Fate
    titles: tuple[Part, ...]
    """Of diplomas that are still here."""
    sha256: str
    withdrawn_at: datetime | None
    shown: ShownReceiver
    tid: str
    certificate: str
    handed_over: datetime | None


def router(deps: Deps) -> APIRouter:
    """The holder's own receipts."""
    routes = APIRouter()
    exchange, pages = deps.exchange, deps.pages

    @routes.get(ANY_LANGUAGE)
    def in_any_language(request: Request) -> RedirectResponse:
        """The address as somebody may have written it down."""
        address = RECEIPTS.format(lang=language_of(request))
        return RedirectResponse(address, 303, {"Vary": "Accept-Language"})

    @routes.get(RECEIPTS)
    def receipts(request: Request, lang: Language, holder: Holder) -> HTMLResponse:
        titles = _titles(deps, holder.person_id, lang)
        found = exchange.transfers.receipts(holder.person_id)
        return pages.render(
            request, "shared.html", shared=[_shared(deps, one, titles, lang) for one in found]
        )

    @routes.get(RECEIPT)
    def receipt(request: Request, lang: Language, receipt_id: str, holder: Holder) -> HTMLResponse:
        return _receipt(deps, request, lang, deps.receipt(holder.person_id, receipt_id))

    @routes.post(RECEIPT + "/withdraw")
    def withdraw(
        lang: Language,
        receipt_id: str,
        holder: Holder,
        form: CheckedForm,  # noqa: ARG001 - the form proves that it is ours
    ) -> RedirectResponse:
        mine = deps.receipt(holder.person_id, receipt_id).receipt_id
        exchange.transfers.withdraw(holder.person_id, mine, exchange.clock())
        return RedirectResponse(RECEIPT.format(lang=lang, receipt_id=mine), 303)

    _add_files(routes, deps)
    return routes


def _add_files(routes: APIRouter, deps: Deps) -> None:
    """What was sent, for as long as it is kept."""

    @routes.get(RECEIPT + "/elmo")
    def elmo(lang: Language, receipt_id: str, holder: Holder) -> Response:  # noqa: ARG001 - bounds the path
        document = deps.document(holder.person_id, receipt_id)
        return _file(document, "application/xml", "elmo.xml")

    @routes.get(RECEIPT + "/pdf/{number}")
    def pdf(lang: Language, receipt_id: str, number: int, holder: Holder) -> Response:  # noqa: ARG001 - bounds the path
        found = list(attached(deps.document(holder.person_id, receipt_id)))
        if not 0 < number <= len(found):
            raise NoSuchReceipt(GONE)
        return _file(found[number - 1].content, "application/pdf", f"elmo-{number}.pdf")


def _file(content: bytes, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)


def _receipt(deps: Deps, request: Request, lang: Language, receipt: Receipt) -> HTMLResponse:
    document = deps.exchange.transfers.document(receipt.tid)
    titles = _titles(deps, receipt.person_id, lang)
    letters = _letters(deps, receipt, lang) if receipt.withdrawn_at else {}
    return deps.pages.render(
        request,
        "receipt_sent.html",
        one=_shared(deps, receipt, titles, lang),
        pdfs=list(_inside(document, titles, lang)) if document else [],
        is_kept=document is not None,
        letters=letters,
        mail=mail(subject(deps.pages.translate(lang)), letters),
    )


def _inside(
    document: bytes, titles: Mapping[str, Part], lang: Language
) -> Iterator[tuple[str, Part | None]]:
    """What each PDF is called, and the diploma that it is about, where that is one."""
    diplomas = {extract_name(award_id): title for award_id, title in titles.items()}
    for one in attached(document):
        yield one.title(lang), diplomas.get(one.pdf_id)


def _letters(deps: Deps, receipt: Receipt, lang: Language) -> Mapping[str, str]:
    """In the holder's language, and in the one that every receiver reads."""
    languages = dict.fromkeys((lang, Language.EN))
    return {str(one): letter(_facts(receipt, one), deps.pages.translate(one)) for one in languages}


def _facts(receipt: Receipt, lang: Language) -> Facts:
    sent = receipt.handed_over or receipt.signed_at
    withdrawn = receipt.withdrawn_at or receipt.signed_at
    moments = (long_moment(one, lang) for one in (sent, withdrawn))
    return Facts(receipt.receiver, receipt.tid, receipt.sha256, *moments)


def _titles(deps: Deps, person_id: str, lang: Language) -> Mapping[str, Part]:
    """The titles of what the register has of the holder today, by award."""
    exchange, translate = deps.exchange, deps.pages.translate(lang)
    shown = (
        diploma(one, lang, exchange.clock(), translate)
        for one in exchange.register.awards_of(person_id)
    )
    return {one.award_id: one.title for one in shown}


def _shared(deps: Deps, receipt: Receipt, titles: Mapping[str, Part], lang: Language) -> Shared:
    return Shared(
        receipt.receipt_id,
        receipt.receiver,
        _name(deps, receipt, lang),
        receipt.signed_at,
        receipt.fate(deps.exchange.clock()),
        tuple(titles[one] for one in receipt.records if one in titles),
        receipt.sha256,
        receipt.withdrawn_at,
        receipt.shown,
        receipt.tid,
        receipt.certificate,
        receipt.handed_over,
    )


def _name(deps: Deps, receipt: Receipt, lang: Language) -> str:
    if receipt.shown.warned is not None:
        return receipt.shown.name
    known = deps.exchange.clients.get(receipt.origin)
    return known.name(lang) if known else ""
