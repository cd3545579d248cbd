"""The pages of a fetch: whom to ask and for whom, away and back, compare, decide, look, forget.

Every page works without a script. An answer comes as a form from another site, for which a
browser sends no cookie of ours; so it is looked up by its session, and the pages after it by
two cookies: of the browser that asked and of the browser that brought the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from credentials.extract import Language as InWords
from credentials.wording import country_in_words
from emrex.errors import NoSuchFetch, WrongState
from emrex.exchange.request import return_url
from emrex.packing import inflated
from emrex.receiving import texts
from emrex.receiving.answer import answer_in, body_of
from emrex.receiving.asking import EMPTY, Wish, by_country, wish
from emrex.receiving.document import Received, plain
from emrex.receiving.fetch import LIFE, Fetch, State
from emrex.receiving.person import compared
from emrex.receiving.ports import Listed
from emrex.receiving.receiving import Begun, Receiving
from emrex.receiving.showing import consequences, day, sections
from web.headers import POLICY, policy
from web.i18n import Language
from web.templates import Pages, language_of
from web.visit import CheckedForm

CLIENT = "/{lang}/emrex/client"
FETCH = CLIENT + "/{fid}"
RETURN = "/emrex/client/return"
_SHOWN_ID = 8
_OLD = timedelta(days=7)
"""A list of providers that is older is shown with a warning (emrex.md item 82)."""
_GONE = "There is nothing here any more. You can fetch the results again."


@dataclass(frozen=True, slots=True)
class Deps:
    """What the pages need."""

    receiving: Receiving
    listed: Listed
    pages: Pages
    secure: bool
    """Whether the site stands on https."""
    return_url: str
    """Where providers send the browser back to."""

    def cookie(self, kind: str, fid: str) -> str:
        """The name of a cookie of one fetch."""
        return f"{'__Host-' if self.secure else ''}echt-{kind}-{fid[:_SHOWN_ID]}"

    def fetch(self, request: Request, fid: str) -> Fetch:
        """The fetch of this browser; raises as `Receiving.find`."""
        asked, brought = (
            request.cookies.get(self.cookie(one, fid), "") for one in ("asked", "brought")
        )
        return self.receiving.find(fid, asked, brought)

    def give(self, answer: Response, kind: str, fid: str, secret: str) -> None:
        """Leave one of its two secrets in the browser."""
        answer.set_cookie(
            self.cookie(kind, fid),
            secret,
            max_age=int(2 * LIFE.total_seconds()),
            secure=self.secure,
            httponly=True,
            samesite="lax",
        )


def router(deps: Deps) -> APIRouter:
    """The client's side of EMREX 1.x."""
    routes = APIRouter()

    @routes.get("/emrex/client")
    def in_any_language(request: Request) -> RedirectResponse:
        return RedirectResponse(CLIENT.format(lang=language_of(request)), 303)

    @routes.get(CLIENT)
    def ask(request: Request, lang: Language) -> Response:
        return _asking(deps, request, lang, EMPTY)

    @routes.post(CLIENT)
    def start(request: Request, lang: Language, form: CheckedForm) -> Response:
        """emrex.md 3.1: whom to ask, and whose results are expected."""
        wanted = wish(form, deps.listed())
        if wanted.provider is None or wanted.expected is None:
            return _asking(deps, request, lang, wanted)
        begun = deps.receiving.begin(wanted.provider, wanted.expected, lang)
        return _leaving(deps, request, lang, begun)

    @routes.post(RETURN)
    def receive(body: Annotated[bytes, Depends(_body)]) -> Response:
        """emrex.md 3.7: looked up by its session alone; what it holds is for the redirect."""
        fetch, brought = deps.receiving.receive(answer_in(body))
        answer = RedirectResponse(FETCH.format(lang=fetch.language, fid=fetch.fid), 303)
        deps.give(answer, "brought", fetch.fid, brought)
        return answer

    _add_steps(routes, deps)
    return routes


def _add_steps(routes: APIRouter, deps: Deps) -> None:
    """What somebody does with what came."""

    @routes.get(FETCH)
    def now(request: Request, lang: Language, fid: str) -> Response:
        """Whatever page belongs to where the fetch is."""
        return _page(deps, request, lang, deps.fetch(request, fid))

    @routes.post(FETCH + "/decide")
    def decide(request: Request, lang: Language, fid: str, form: CheckedForm) -> Response:
        fetch = deps.fetch(request, fid)
        said = str(form.get("person", ""))
        if not _is_decided(fetch, said, form):
            return _comparing(deps, request, lang, fetch, missing=True)
        deps.receiving.decide(fetch, is_the_person=said == "same")
        return RedirectResponse(FETCH.format(lang=lang, fid=fetch.fid), 303)

    @routes.get(FETCH + "/file")
    def file(request: Request, lang: Language, fid: str) -> Response:  # noqa: ARG001 - bounds the path
        """The signed file as it came, for whoever decided that it is the right one."""
        fetch = deps.fetch(request, fid)
        if fetch.state is not State.ACCEPTED or fetch.received is None:
            raise NoSuchFetch(_GONE)
        headers = {"Content-Disposition": 'attachment; filename="results.xml"'}
        return Response(inflated(fetch.received.packed), 200, headers, "application/xml")

    @routes.post(FETCH + "/forget")
    def forget(request: Request, lang: Language, fid: str, form: CheckedForm) -> Response:  # noqa: ARG001 - the form proves that it is ours
        deps.receiving.forget(deps.fetch(request, fid))
        return RedirectResponse(CLIENT.format(lang=lang), 303)


async def _body(request: Request) -> bytes:
    return await body_of(request.headers.get("content-type", ""), request.stream())


def _is_decided(fetch: Fetch, said: str, form: FormData) -> bool:
    """A yes to lines that differ takes a second tick; a no never does."""
    if said != "same":
        return said == "other"
    agrees = compared(fetch.expected, _received(fetch).learner).agrees
    return agrees or form.get("looked") == "yes"


def _received(fetch: Fetch) -> Received:
    if fetch.received is None:
        raise WrongState("This step was taken already.", fetch.state)
    return fetch.received


def _asking(deps: Deps, request: Request, lang: Language, wanted: Wish) -> Response:
    listing = deps.listed()
    missing = wanted.missing if wanted is not EMPTY else ()
    is_old = listing.as_of is not None and deps.receiving.clock() - listing.as_of > _OLD
    return deps.pages.render(
        request,
        "fetch_start.html",
        status=400 if missing else 200,
        providers=by_country(listing, InWords(lang)),
        as_of=listing.as_of,
        is_old=is_old,
        typed=wanted.typed,
        missing=missing,
    )


def _leaving(deps: Deps, request: Request, lang: Language, begun: Begun) -> Response:
    """The form that takes the browser to the provider, with a button that says where to.

    Providers send people on to the login of their country, and a browser holds that redirect
    to `form-action` as well; so it names https and not one host. Nothing of a person is sent.
    """
    provider = begun.fetch.provider
    address = return_url(provider.url, local=not deps.secure)
    page = deps.pages.render(
        request,
        "fetch_go.html",
        provider=plain(provider.label),
        country=country_in_words(plain(provider.country), InWords(lang)),
        address=address,
        fields={"sessionId": begun.session_id, "returnUrl": deps.return_url},
    )
    page.headers[POLICY] = policy(("'self'", "https:", address.origin))
    deps.give(page, "asked", begun.fetch.fid, begun.browser)
    return page


def _page(deps: Deps, request: Request, lang: Language, fetch: Fetch) -> Response:
    if fetch.state is State.WAITING:
        return deps.pages.render(request, "fetch_waiting.html", provider=_name(fetch))
    if fetch.state is State.ARRIVED:
        return _comparing(deps, request, lang, fetch)
    if fetch.state is State.ACCEPTED:
        return _showing(deps, request, lang, fetch)
    translate = deps.pages.translate(lang)
    return deps.pages.render(
        request,
        "fetch_end.html",
        state=fetch.state,
        title=translate(texts.TITLES[fetch.state]),
        lead=translate(texts.LEADS[fetch.state]),
        why=translate(texts.WHY[fetch.why]) if fetch.why else "",
        message=fetch.message if fetch.state is State.FAILED else "",
        provider=_name(fetch),
    )


def _comparing(
    deps: Deps, request: Request, lang: Language, fetch: Fetch, *, missing: bool = False
) -> Response:
    learner = _received(fetch).learner
    return deps.pages.render(
        request,
        "fetch_compare.html",
        status=400 if missing else 200,
        fid=fetch.fid,
        provider=_name(fetch),
        expected=fetch.expected,
        learner=learner,
        born=day(learner.born, InWords(lang)),
        match=compared(fetch.expected, learner),
        missing=missing,
    )


def _showing(deps: Deps, request: Request, lang: Language, fetch: Fetch) -> Response:
    received, translate = _received(fetch), deps.pages.translate(lang)
    return deps.pages.render(
        request,
        "fetch_results.html",
        fid=fetch.fid,
        provider=_name(fetch),
        received=received,
        born=day(received.learner.born, InWords(lang)),
        legacy=translate(texts.LEGACY[received.reason]) if received.reason else "",
        sections=sections(received, InWords(lang), translate),
        remarks=[translate(one) for one in consequences(received)],
        until=fetch.touched + LIFE,
    )


def _name(fetch: Fetch) -> str:
    return plain(fetch.provider.label)
