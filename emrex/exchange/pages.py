"""The pages of a transfer: who asks, log in, choose, look, say yes, and on to the client.

Every page works without a script. A transfer belongs to the browser that began it, by a cookie
of its own, so two tabs are two transfers; and every way out of it answers the client.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import HTMLResponse, RedirectResponse, Response

from emrex.errors import NoSuchTransfer, NotAForm, ShownOtherwise, WrongState
from emrex.exchange.browser.pages import Browser, answering, tell
from emrex.exchange.exchanging import Exchange, Offer, mark
from emrex.exchange.ports import Redirects
from emrex.exchange.request import INIT, fields_of, request_of
from emrex.exchange.showing import Diploma, Receiver, Translate, diploma, receiver_of
from emrex.exchange.states import State
from emrex.exchange.transaction import Holder, Transaction
from emrex.exchange.wayback import Way
from emrex.making import has_overview
from register.records import AwardRecord
from storage.errors import StorageUnavailable
from web.errors import LoginUnavailable
from web.headers import POLICY, policy
from web.i18n import Language
from web.login_pages import LoginDesk
from web.templates import Pages, language_of
from web.visit import CheckedForm, visit_of

TRANSFER = "/{lang}/emrex/t/{tid}"
FORM = "application/x-www-form-urlencoded"
STOPS = {
    "cancel": State.CANCELLED,
    "failed": State.FAILED,
    "nothing": State.NO_RESULTS,
}
"""Why the holder goes back: of their own will, or because the login did not work."""
FAULTS = {"missing": 400, "changed": 409}
"""Why a preview is shown again, and the status that says so to a program."""


@dataclass(frozen=True, slots=True)
class Deps:
    """What the pages need."""

    exchange: Exchange
    pages: Pages
    login: LoginDesk
    browser: Browser
    redirects: Redirects | None = None
    """The answers of EMREX 2.0, where that is on."""

    def transfer(self, request: Request, tid: str) -> Transaction:
        """The transfer of this browser; raises as `Exchange.find`."""
        return self.exchange.find(tid, self.browser.secret(request, tid))

    def enter(self, tid: str, secret: str, lang: str, way: Way) -> Response:
        """To the first page of a new transfer, which is this browser's from here on."""
        answer = RedirectResponse(TRANSFER.format(lang=lang, tid=tid), 303)
        self.browser.give(answer, tid, secret, way)
        return answer


def router(deps: Deps) -> APIRouter:
    """The provider's side of EMREX 1.x."""
    routes = APIRouter(route_class=answering(deps.browser))

    @routes.post(INIT)
    def begin(
        request: Request, fields: Annotated[list[tuple[str, str]], Depends(_fields)]
    ) -> Response:
        """emrex.md 3.1: a client's form, and from here on an address without data."""
        asked = request_of(fields, local=deps.exchange.local)
        wanted = asked.wishes.get("lang", "")
        request.state.language = Language(wanted) if wanted in set(Language) else None
        try:
            tid, secret = deps.exchange.open(asked)
        except StorageUnavailable as cause:
            tell(request, cause)
            return deps.browser.asked_in_vain(request, asked)
        way = Way(asked.return_url.address, asked.session_id)
        return deps.enter(tid, secret, language_of(request), way)

    @routes.get(TRANSFER)
    def now(request: Request, lang: Language, tid: str) -> Response:
        """Whatever page belongs to where the transfer is."""
        return _page(deps, request, lang, deps.transfer(request, tid))

    @routes.get(TRANSFER + "/handover")
    def hand_over(request: Request, lang: Language, tid: str) -> Response:
        return _handover(deps, request, lang, deps.transfer(request, tid))

    _add_steps(routes, deps)
    _add_more_time(routes, deps)
    return routes


def _add_steps(routes: APIRouter, deps: Deps) -> None:
    """What the holder does: each a form of ours, and back to the page of the transfer."""
    exchange = deps.exchange

    @routes.post(TRANSFER + "/login")
    def log_in(request: Request, lang: Language, tid: str, form: CheckedForm) -> Response:
        def leave(transfer: Transaction) -> Response:
            here = TRANSFER.format(lang=lang, tid=exchange.send_to_log_in(transfer).tid)
            choice, visit = str(form.get("choice", "")), visit_of(request)
            try:
                return deps.login.leave_and_return(visit, lang, choice, here)
            except LoginUnavailable as error:
                return RedirectResponse(f"{here}?login={error.kind}", 303)

        return _step(deps, request, lang, tid, leave)

    @routes.post(TRANSFER + "/selection")
    def choose(request: Request, lang: Language, tid: str, form: CheckedForm) -> Response:
        def take(transfer: Transaction) -> Response:
            chosen = [str(one) for one in form.getlist("record")]
            if transfer.state is State.SELECTING and transfer.may_choose and not chosen:
                return _choosing(deps, request, lang, transfer)
            return _back(exchange.choose(transfer, chosen), lang)

        return _step(deps, request, lang, tid, take)

    @routes.post(TRANSFER + "/again")
    def choose_again(request: Request, lang: Language, tid: str, form: CheckedForm) -> Response:  # noqa: ARG001 - the form proves that it is ours
        return _step(deps, request, lang, tid, lambda one: _back(exchange.choose_again(one), lang))

    @routes.post(TRANSFER + "/consent")
    def consent(request: Request, lang: Language, tid: str, form: CheckedForm) -> Response:
        return _step(deps, request, lang, tid, partial(_consent, deps, request, lang, form))

    @routes.post(TRANSFER + "/stop")
    def stop(request: Request, lang: Language, tid: str, form: CheckedForm) -> Response:
        reason = STOPS.get(str(form.get("reason", "")), State.CANCELLED)
        return _step(deps, request, lang, tid, lambda one: _back(exchange.stop(one, reason), lang))


def _add_more_time(routes: APIRouter, deps: Deps) -> None:
    @routes.post(TRANSFER + "/more-time")
    def more_time(request: Request, lang: Language, tid: str, form: CheckedForm) -> Response:  # noqa: ARG001 - the form proves that it is ours
        """WCAG 2.2.1: for as long as the whole lets."""
        give = deps.exchange.give_time
        return _step(deps, request, lang, tid, lambda one: _back(give(one), lang))


def _step(
    deps: Deps, request: Request, lang: Language, tid: str, take: Callable[[Transaction], Response]
) -> Response:
    """Take a step; a page of before, sent once more, only shows where the transfer is now."""
    transfer = deps.transfer(request, tid)
    try:
        return take(transfer)
    except WrongState:
        return _back(transfer, lang)


def _consent(
    deps: Deps, request: Request, lang: Language, form: FormData, transfer: Transaction
) -> Response:
    if transfer.state is State.CONSENTED:  # said yes before, and then we were interrupted
        return _back(deps.exchange.finish(transfer, lang), lang)
    receiver = _receiver(deps, transfer, lang)
    if transfer.state is State.PREVIEW and form.get("named") != receiver.name:
        return _previewing(deps, request, lang, transfer, fault="changed")
    ticked = _said_yes(form.getlist("yes"), receiver)
    if transfer.state is State.PREVIEW and not ticked:
        return _previewing(deps, request, lang, transfer, fault="missing")
    try:
        return _back(deps.exchange.consent(transfer, lang, str(form.get("shown", ""))), lang)
    except ShownOtherwise:
        return _previewing(deps, request, lang, transfer, fault="changed")


async def _fields(request: Request) -> list[tuple[str, str]]:
    """The fields of a client's form, in their order, doubled ones too.

    Raises:
        NotAForm: not the one kind of form that EMREX 1.x has.
        RequestRefused: as for `fields_of`.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM:
        raise NotAForm("Send a form, not JSON or a file.")
    return fields_of(await request.body())


def _back(transfer: Transaction, lang: Language) -> Response:
    """To where the transfer is now; what has no page of its own is on its way to the client."""
    here = TRANSFER.format(lang=lang, tid=transfer.tid)
    return RedirectResponse(here if transfer.state in _PAGES else here + "/handover", 303)


def _page(deps: Deps, request: Request, lang: Language, transfer: Transaction) -> Response:
    show = _PAGES.get(transfer.state)
    return show(deps, request, lang, transfer) if show else _back(transfer, lang)


def _arriving(deps: Deps, request: Request, lang: Language, transfer: Transaction) -> Response:
    """Who asks, and the way to log in; somebody who just did goes on."""
    holder = _fresh(request, transfer)
    if holder is not None:
        known, offer = deps.exchange.let_in(transfer, holder)
        if known.state is State.SELECTING:
            return _choosing(deps, request, lang, known, offer)
        return _page(deps, request, lang, known)
    return deps.pages.render(
        request,
        "transfer_start.html",
        tid=transfer.tid,
        receiver=_receiver(deps, transfer, lang),
        time=deps.exchange.time_left(transfer),
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
    deps: Deps,
    request: Request,
    lang: Language,
    transfer: Transaction,
    offer: Offer | None = None,
) -> HTMLResponse:
    """The choice; shown as the answer to a form, nothing was chosen in it."""
    offer = offer or deps.exchange.offered(transfer)
    missing = request.method == "POST"
    return deps.pages.render(
        request,
        "transfer_choose.html",
        status=400 if missing else 200,
        tid=transfer.tid,
        receiver=_receiver(deps, transfer, lang),
        time=deps.exchange.time_left(transfer),
        diplomas=_diplomas(deps, lang, offer.records),
        sendable=offer.sendable,
        may_choose=transfer.may_choose,
        missing=missing,
    )


def _previewing(
    deps: Deps, request: Request, lang: Language, transfer: Transaction, *, fault: str = ""
) -> HTMLResponse:
    chosen = deps.exchange.chosen(transfer)
    return deps.pages.render(
        request,
        "transfer_preview.html",
        status=FAULTS.get(fault, 200),
        tid=transfer.tid,
        receiver=_receiver(deps, transfer, lang),
        time=deps.exchange.time_left(transfer),
        diplomas=_diplomas(deps, lang, chosen),
        has_overview=has_overview(chosen),
        shown=mark(chosen),
        interrupted=transfer.state is State.CONSENTED,
        fault=fault,
    )


def _handover(deps: Deps, request: Request, lang: Language, transfer: Transaction) -> Response:
    """What takes the answer to the client: once, and once more within two minutes."""
    if deps.exchange.waited_too_long(transfer):
        return deps.pages.render(request, "transfer_late.html", status=410)
    try:
        return _answer(deps, request, lang, transfer)
    except WrongState:
        if transfer.state is not State.HANDED_OVER:
            raise
        return _sent(deps, request, lang, transfer)


def _answer(deps: Deps, request: Request, lang: Language, transfer: Transaction) -> Response:
    if not transfer.request.by_form:
        return _redirect(deps, request, lang, transfer)
    answer = deps.exchange.hand_over(transfer)
    page = deps.pages.render(
        request,
        "transfer_answer.html",
        answer=answer,
        state=transfer.state,
        receiver=_receiver(deps, transfer, lang),
    )
    page.headers[POLICY] = policy((answer.to.origin,))
    _no_other(deps, request, page, transfer)
    return page


def _redirect(deps: Deps, request: Request, lang: Language, transfer: Transaction) -> Response:
    """A page that goes on by itself: after a form, Chromium holds a redirect to its policy."""
    if deps.redirects is None:
        raise NoSuchTransfer("There is no transfer here. Start again at the university.")
    address = deps.redirects.address(transfer, deps.browser.secret(request, transfer.tid))
    page = deps.pages.render(
        request,
        "transfer_redirect.html",
        address=address,
        state=transfer.state,
        receiver=_receiver(deps, transfer, lang),
    )
    _no_other(deps, request, page, transfer)
    return page


def _no_other(deps: Deps, request: Request, page: Response, transfer: Transaction) -> None:
    """Results are on their way: an outage may no longer tell the client that there are none."""
    if transfer.state in {State.SIGNED, State.HANDED_OVER}:
        secret = deps.browser.secret(request, transfer.tid)
        deps.browser.give_no_other(page, transfer.tid, secret)


def _sent(deps: Deps, request: Request, lang: Language, transfer: Transaction) -> HTMLResponse:
    receiver = _receiver(deps, transfer, lang)
    return deps.pages.render(request, "transfer_sent.html", receiver=receiver)


_PAGES: Mapping[State, Callable[[Deps, Request, Language, Transaction], Response]] = {
    State.RECEIVED: _arriving,
    State.AUTHENTICATING: _arriving,
    State.SELECTING: _choosing,
    State.PREVIEW: _previewing,
    State.CONSENTED: _previewing,
    State.HANDED_OVER: _sent,
}
"""The states in which there is something to see."""


def _receiver(deps: Deps, transfer: Transaction, lang: Language) -> Receiver:
    return receiver_of(deps.exchange.clients, transfer.request.return_url, lang)


def _said_yes(ticked: Sequence[object], receiver: Receiver) -> bool:
    """To the sending; and to an unknown receiver once more."""
    return {"send"} | ({"unknown"} if receiver.is_unknown else set()) <= set(map(str, ticked))


def _diplomas(deps: Deps, lang: Language, records: Sequence[AwardRecord]) -> list[Diploma]:
    translate: Translate = deps.pages.translate(lang)
    return [diploma(one, lang, deps.exchange.clock(), translate) for one in records]
