"""The pages of a transfer: who asks, log in, choose, look, say yes, and on to the client.

Every page works without a script. A transfer belongs to the browser that began it, by a cookie
of its own, so two tabs are two transfers; and every way out of it answers the client.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from emrex.errors import RequestRefused, WrongState
from emrex.exchange.clients import known_clients
from emrex.exchange.exchanging import Exchange
from emrex.exchange.showing import Diploma, Translate, diploma
from emrex.exchange.states import State
from emrex.exchange.transaction import TOTAL, Holder, Transaction
from web.headers import POLICY, policy
from web.i18n import Language
from web.login_pages import LoginDesk
from web.templates import Pages, language_of
from web.visit import MAX_FIELDS, CheckedForm, visit_of

INIT = "/emrex/init"
TRANSFER = "/{lang}/emrex/t/{tid}"
FORM = "application/x-www-form-urlencoded"
_SHOWN_ID = 8
STOPS = {
    "cancel": State.CANCELLED,
    "failed": State.FAILED,
    "nothing": State.NO_RESULTS,
}
"""Why the holder goes back: of their own will, or because the login did not work."""


@dataclass(frozen=True, slots=True)
class Deps:
    """What the pages need."""

    exchange: Exchange
    pages: Pages
    login: LoginDesk
    secure: bool
    """Whether the site stands on https."""

    def cookie(self, tid: str) -> str:
        """The name of the cookie of one transfer."""
        return f"{'__Host-' if self.secure else ''}echt-transfer-{tid[:_SHOWN_ID]}"

    def transfer(self, request: Request, tid: str) -> Transaction:
        """The transfer of this browser; raises as `Exchange.find`."""
        return self.exchange.find(tid, request.cookies.get(self.cookie(tid), ""))


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who gets the answer, as every page of a transfer says it."""

    host: str
    name: str
    """Empty where nobody verified who it is."""


def router(deps: Deps) -> APIRouter:
    """The provider's side of EMREX 1.x."""
    routes = APIRouter()

    @routes.post(INIT)
    def begin(
        request: Request, fields: Annotated[list[tuple[str, str]], Depends(_fields)]
    ) -> Response:
        """emrex.md 3.1: a client's form, and from here on an address without data."""
        tid, secret = deps.exchange.begin(fields)
        asked = dict(fields).get("lang", "")
        lang = asked if asked in set(Language) else language_of(request)
        answer = RedirectResponse(TRANSFER.format(lang=lang, tid=tid), 303)
        answer.set_cookie(
            deps.cookie(tid),
            secret,
            max_age=int(TOTAL.total_seconds()),
            secure=deps.secure,
            httponly=True,
            samesite="lax",
        )
        return answer

    @routes.get(TRANSFER)
    def now(request: Request, lang: Language, tid: str) -> Response:
        """Whatever page belongs to where the transfer is."""
        return _page(deps, request, lang, deps.transfer(request, tid))

    @routes.get(TRANSFER + "/handover")
    def hand_over(request: Request, lang: Language, tid: str) -> Response:  # noqa: ARG001 - bounds the path
        return _handover(deps, request, deps.transfer(request, tid))

    _add_steps(routes, deps)
    return routes


def _add_steps(routes: APIRouter, deps: Deps) -> None:
    """What the holder does: each a form of ours, and back to the page of the transfer."""
    exchange = deps.exchange

    @routes.post(TRANSFER + "/login")
    def log_in(request: Request, lang: Language, tid: str, form: CheckedForm) -> Response:
        transfer = exchange.send_to_log_in(deps.transfer(request, tid))
        here = TRANSFER.format(lang=lang, tid=transfer.tid)
        visit = visit_of(request)
        return RedirectResponse(
            deps.login.leave(visit, lang, str(form.get("choice", "")), here), 303
        )

    @routes.post(TRANSFER + "/selection")
    def choose(request: Request, lang: Language, tid: str, form: CheckedForm) -> Response:
        transfer = deps.transfer(request, tid)
        chosen = [str(one) for one in form.getlist("record")]
        if transfer.may_choose and not chosen:
            return _choosing(deps, request, lang, transfer, missing=True)
        return _back(exchange.choose(transfer, chosen), lang)

    @routes.post(TRANSFER + "/again")
    def choose_again(request: Request, lang: Language, tid: str, form: CheckedForm) -> Response:  # noqa: ARG001 - the form proves that it is ours
        return _back(exchange.choose_again(deps.transfer(request, tid)), lang)

    @routes.post(TRANSFER + "/consent")
    def consent(request: Request, lang: Language, tid: str, form: CheckedForm) -> Response:
        transfer = deps.transfer(request, tid)
        if transfer.state is State.CONSENTED:  # said yes before, and then we were interrupted
            return _back(exchange.finish(transfer, lang), lang)
        if not _said_yes(form.getlist("yes"), _receiver(transfer, lang)):
            return _previewing(deps, request, lang, transfer, missing=True)
        return _back(exchange.consent(transfer, lang), lang)

    @routes.post(TRANSFER + "/stop")
    def stop(request: Request, lang: Language, tid: str, form: CheckedForm) -> Response:
        reason = STOPS.get(str(form.get("reason", "")), State.CANCELLED)
        return _back(exchange.stop(deps.transfer(request, tid), reason), lang)


async def _fields(request: Request) -> list[tuple[str, str]]:
    """The fields of a client's form, in their order, doubled ones too.

    Raises:
        RequestRefused: not the one kind of form that EMREX 1.x has.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        raise RequestRefused("Send a form, not JSON or a file.", "not-a-form")
    form = await request.form(max_files=0, max_fields=MAX_FIELDS)
    return [(name, value) for name, value in form.multi_items() if isinstance(value, str)]


def _back(transfer: Transaction, lang: Language) -> Response:
    return RedirectResponse(TRANSFER.format(lang=lang, tid=transfer.tid), 303)


def _page(deps: Deps, request: Request, lang: Language, transfer: Transaction) -> Response:
    if transfer.state in {State.RECEIVED, State.AUTHENTICATING}:
        return _arriving(deps, request, lang, transfer)
    if transfer.state is State.SELECTING:
        return _choosing(deps, request, lang, transfer)
    if transfer.state in {State.PREVIEW, State.CONSENTED}:
        return _previewing(deps, request, lang, transfer)
    if transfer.state is State.HANDED_OVER:
        return _sent(deps, request, transfer)
    return RedirectResponse(TRANSFER.format(lang=lang, tid=transfer.tid) + "/handover", 303)


def _arriving(deps: Deps, request: Request, lang: Language, transfer: Transaction) -> Response:
    """Who asks, and the way to log in; somebody who just did goes on."""
    holder = _fresh(request, transfer)
    if holder is not None:
        return _back(deps.exchange.let_in(transfer, holder), lang)
    return deps.pages.render(
        request,
        "transfer_start.html",
        tid=transfer.tid,
        receiver=_receiver(transfer, lang),
        choices=deps.login.provider.choices,
        refused=request.query_params.get("login", ""),
    )


def _fresh(request: Request, transfer: Transaction) -> Holder | None:
    """Who logged in for this transfer; somebody who was logged in before is asked again."""
    visit = visit_of(request)
    who, session = visit.signed_in, visit.session
    if transfer.state is not State.AUTHENTICATING or who is None or session is None:
        return None
    return Holder(who.person_id, who.level) if session.created >= transfer.touched else None


def _choosing(
    deps: Deps, request: Request, lang: Language, transfer: Transaction, *, missing: bool = False
) -> HTMLResponse:
    return deps.pages.render(
        request,
        "transfer_choose.html",
        status=400 if missing else 200,
        tid=transfer.tid,
        receiver=_receiver(transfer, lang),
        diplomas=_diplomas(deps, lang, transfer, only_chosen=False),
        may_choose=transfer.may_choose,
        missing=missing,
    )


def _previewing(
    deps: Deps, request: Request, lang: Language, transfer: Transaction, *, missing: bool = False
) -> HTMLResponse:
    return deps.pages.render(
        request,
        "transfer_preview.html",
        status=400 if missing else 200,
        tid=transfer.tid,
        receiver=_receiver(transfer, lang),
        diplomas=_diplomas(deps, lang, transfer, only_chosen=True),
        interrupted=transfer.state is State.CONSENTED,
        missing=missing,
    )


def _handover(deps: Deps, request: Request, transfer: Transaction) -> Response:
    """The form that takes the answer to the client: once, and once more within two minutes."""
    try:
        answer = deps.exchange.hand_over(transfer)
    except WrongState:
        if transfer.state is not State.HANDED_OVER:
            raise
        return _sent(deps, request, transfer)
    page = deps.pages.render(
        request,
        "transfer_answer.html",
        answer=answer,
        state=transfer.state,
        receiver=_receiver(transfer, Language(language_of(request))),
    )
    page.headers[POLICY] = policy((answer.to.origin,))
    return page


def _sent(deps: Deps, request: Request, transfer: Transaction) -> HTMLResponse:
    receiver = _receiver(transfer, Language(language_of(request)))
    return deps.pages.render(request, "transfer_sent.html", receiver=receiver)


def _receiver(transfer: Transaction, lang: Language) -> Receiver:
    address = transfer.request.return_url
    known = known_clients().get(address.origin)
    return Receiver(address.host, known.name(lang) if known else "")


def _said_yes(ticked: list[object], receiver: Receiver) -> bool:
    """To the sending; and to an unknown receiver once more."""
    return {"send"} | ({"unknown"} if not receiver.name else set()) <= set(map(str, ticked))


def _diplomas(
    deps: Deps, lang: Language, transfer: Transaction, *, only_chosen: bool
) -> list[Diploma]:
    translate: Translate = deps.pages.translate(lang)
    exchange = deps.exchange
    records = exchange.chosen(transfer) if only_chosen else exchange.offered(transfer)
    return [diploma(one, lang, exchange.clock(), translate) for one in records]
