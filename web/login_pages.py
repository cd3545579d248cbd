"""Logging in and out: away to the login service, back with an answer, and into a new session."""

from __future__ import annotations

import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, RedirectResponse

from web.errors import LoginRefused, NotInRegister, SessionsUnavailable, WebError
from web.i18n import Language
from web.login import LoginProvider, Resolve, sure_enough
from web.sessions import PendingLogin
from web.templates import Pages
from web.visit import CheckedForm, Visit, cookie_name, visit_of

CALLBACK = "/login/callback"
RANDOM_BYTES = 32
_OURS = re.compile(r"/[a-z]{2}(?:/[A-Za-z0-9_-]+)+")
"""A path of a page: whatever the cookie says, nobody is sent to another site."""
CLEAR = '"cache", "cookies", "storage"'


@dataclass(frozen=True, slots=True)
class LoginDesk:
    """What logging in needs: who vouches, and who in the register that is."""

    provider: LoginProvider
    resolve: Resolve
    public_url: str
    clock: Callable[[], datetime]
    home: str = "/{lang}/diplomas"
    """Where somebody arrives after logging in."""

    def leave(self, visit: Visit, language: Language, choice: str) -> RedirectResponse:
        """To the address to log in at, with state, nonce and PKCE of this visit alone."""
        answer = RedirectResponse(self._address(visit, language, choice), 303)
        answer.delete_cookie(self._then, secure=self._is_secure, httponly=True, samesite="lax")
        return answer

    def leave_and_return(
        self, visit: Visit, language: Language, choice: str, then: str
    ) -> RedirectResponse:
        """The same for one thing alone: any login of before does not count, and then back there.

        Back there also after a login that failed, and without our store: so a cookie says it.
        """
        since = int(self.clock().timestamp())
        answer = RedirectResponse(self._address(visit, language, choice, then, since), 303)
        answer.set_cookie(self._then, then, secure=self._is_secure, httponly=True, samesite="lax")
        return answer

    def kept(self, request: Request) -> str:
        """Where a login that we cannot read any more was to lead back to; empty if nowhere."""
        then = request.cookies.get(self._then, "")
        return then if _OURS.fullmatch(then) else ""

    @property
    def _is_secure(self) -> bool:
        return self.public_url.startswith("https")

    @property
    def _then(self) -> str:
        return cookie_name(secure=self._is_secure) + "-then"

    def _address(
        self, visit: Visit, language: Language, choice: str, then: str = "", since: int = 0
    ) -> str:
        pending = PendingLogin(
            state=secrets.token_urlsafe(RANDOM_BYTES),
            nonce=secrets.token_urlsafe(RANDOM_BYTES),
            verifier=secrets.token_urlsafe(RANDOM_BYTES),
            redirect_uri=self.public_url + CALLBACK,
            language=str(language),
            then=then,
            since=since,
        )
        address = self.provider.start(pending, choice)
        visit.await_login(pending)
        return address

    def arrive(self, visit: Visit, pending: PendingLogin, params: dict[str, str]) -> None:
        """Judge what a visitor came back with, and log them in under a new secret.

        Raises:
            LoginRefused: the answer is of another login, or does not fit.
            NotInRegister: the register does not know this person.
            LevelTooLow: the login is not sure enough.
        """
        if not hmac.compare_digest(params.get("state", "").encode(), pending.state.encode()):
            raise LoginRefused
        identity = sure_enough(self.provider.finish(params, pending))
        person_id = self.resolve(identity)
        if person_id is None:
            raise NotInRegister
        visit.sign_in(person_id, identity.level.name.lower())


def router(pages: Pages, desk: LoginDesk) -> APIRouter:
    """The login page, the way out, the way back, and logging out."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/{lang}/login")
    def explain(request: Request, lang: Language) -> HTMLResponse:  # noqa: ARG001 - bounds the path
        return pages.render(request, "login.html", choices=desk.provider.choices)

    @routes.post("/{lang}/login")
    def leave(request: Request, lang: Language, form: CheckedForm) -> RedirectResponse:
        return desk.leave(visit_of(request), lang, str(form.get("choice", "")))

    @routes.post("/{lang}/logout")
    def log_out(request: Request, lang: Language, form: CheckedForm) -> RedirectResponse:  # noqa: ARG001 - the form proves that it is ours
        visit_of(request).sign_out()
        return RedirectResponse(f"/{lang}/", 303, {"Clear-Site-Data": CLEAR})

    @routes.get(CALLBACK)
    def arrive(request: Request) -> RedirectResponse:
        visit = visit_of(request)
        try:
            pending = visit.take_login()
        except SessionsUnavailable as error:
            return _back(desk.kept(request), error)
        if pending is None:
            raise LoginRefused
        request.state.language = Language(pending.language)
        try:
            desk.arrive(visit, pending, dict(request.query_params))
        except WebError as error:
            return _back(pending.then, error)
        return RedirectResponse(pending.then or desk.home.format(lang=pending.language), 303)

    return routes


def _back(then: str, error: WebError) -> RedirectResponse:
    """To what the login was for, which says what went wrong; raises it where that is nothing."""
    if not then:
        raise error
    return RedirectResponse(f"{then}?login={error.kind}", status_code=303)
