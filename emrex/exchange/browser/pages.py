"""The cookie of a transfer, and the page that answers the client when nothing else works.

Once a browser was shown that page, its transfer is over here: the secret leaves the cookie, so
that no other answer can follow, and what stays behind shows the same page again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace

import structlog
from fastapi import Request
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from emrex.errors import NoSuchTransfer, RequestRefused
from emrex.exchange.answering import Answer, failure
from emrex.exchange.exchanging import Exchange
from emrex.exchange.request import Request as Asked
from emrex.exchange.request import return_url
from emrex.exchange.showing import receiver_of
from emrex.exchange.wayback import LIVES, Way, Ways
from register.errors import RegisterUnavailable
from storage.errors import StorageUnavailable
from web.errors import SessionsUnavailable
from web.headers import POLICY, policy
from web.logs import place_of
from web.templates import Pages, language_of

OUTAGES = (RegisterUnavailable, SessionsUnavailable, StorageUnavailable)
"""What we cannot go on without: they are one database, so it is all of them together."""
AWAY = 503
_SHOWN_ID = 8


@dataclass(frozen=True, slots=True)
class Browser:
    """What browsers hold of transfers of one instance."""

    exchange: Exchange
    pages: Pages
    ways: Ways
    secure: bool
    """Whether the site stands on https."""

    def cookie(self, tid: str) -> str:
        """The name of the cookie of one transfer."""
        return f"{'__Host-' if self.secure else ''}echt-transfer-{tid[:_SHOWN_ID]}"

    def secret(self, request: Request, tid: str) -> str:
        """What this browser holds of the transfer; empty where it began elsewhere, or failed."""
        return self._held(request, tid).partition(".")[0]

    def give(self, answer: Response, tid: str, secret: str, way: Way) -> None:
        """The transfer is this browser's from here on."""
        self._keep(answer, tid, f"{secret}.{self.ways.sealed(tid, way, self.exchange.clock())}")

    def give_no_other(self, answer: Response, tid: str, secret: str) -> None:
        """The client is answered by this: what would answer it otherwise leaves the cookie."""
        self._keep(answer, tid, secret)

    def instead(self, request: Request, cause: Exception) -> Response | None:
        """What a page of a transfer shows when it cannot be had; None where we know no better."""
        tid = str(request.path_params.get("tid", ""))
        if isinstance(cause, NoSuchTransfer) and self.secret(request, tid):
            return None  # it did not end by an outage
        page = self._failed(request, tid)
        if page is not None:
            tell(request, cause)
        return page

    def _failed(self, request: Request, tid: str) -> Response | None:
        """The page that answers the client without our store; None where the way is not ours."""
        sealed = self._held(request, tid).partition(".")[2]
        way = self.ways.opened(tid, sealed, self.exchange.clock())
        answer = self._answer(way) if way else None
        if answer is None:
            return None
        page = self.page(request, answer)
        self._keep(page, tid, f".{sealed}")
        return page

    def asked_in_vain(self, request: Request, asked: Asked) -> Response:
        """The same page for a transfer that could not even begin."""
        known = self.exchange.clients.get(asked.return_url.origin)
        return self.page(request, failure(asked.return_url, asked.session_id, known))

    def page(self, request: Request, answer: Answer) -> Response:
        """Back to the client with an error, when the holder presses the button."""
        receiver = receiver_of(self.exchange.clients, answer.to, language_of(request))
        page = self.pages.render(
            request, "transfer_away.html", status=AWAY, answer=answer, receiver=receiver
        )
        page.headers[POLICY] = policy((answer.to.origin,))
        return page

    def _answer(self, way: Way) -> Answer | None:
        place = way.address if way.session_id else way.address.partition("?")[0]
        try:
            to = return_url(place, local=self.exchange.local)
        except RequestRefused:  # our rules have become stricter since
            return None
        if not way.session_id:  # what we added for EMREX 2.0 may be longer than a client's address
            return Answer(replace(to, address=way.address), ())
        return failure(to, way.session_id, self.exchange.clients.get(to.origin))

    def _held(self, request: Request, tid: str) -> str:
        return request.cookies.get(self.cookie(tid), "")

    def _keep(self, answer: Response, tid: str, value: str) -> None:
        answer.set_cookie(
            self.cookie(tid),
            value,
            max_age=int(LIVES.total_seconds()),
            secure=self.secure,
            httponly=True,
            samesite="lax",
        )


def answering(browser: Browser) -> type[APIRoute]:
    """Routes of a transfer on which an outage of ours ends in an answer to the client."""

    class Answering(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:  # type: ignore[override]  # the framework's own is a coroutine function, which this is too
            handle = super().get_route_handler()

            async def answered(request: Request) -> Response:
                try:
                    return await handle(request)
                except (*OUTAGES, NoSuchTransfer) as cause:
                    page = await run_in_threadpool(browser.instead, request, cause)
                    if page is None:
                        raise
                    return page

            return answered

    return Answering


def tell(request: Request, cause: Exception) -> None:
    """The same line for those who operate us as an outage on any other page."""
    if isinstance(cause, OUTAGES):
        request_id = getattr(request.state, "request_id", "")
        structlog.get_logger().error(
            "fault", kind=cause.kind, request_id=request_id, **place_of(cause)
        )
